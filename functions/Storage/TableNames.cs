namespace Parley.Storage;

/// <summary>The tables, queues and blob containers that deployment and the local environment make.</summary>
public static class TableNames
{
    public const string Accounts = "accounts";
    public const string Apps = "apps";
    public const string DeadLetters = "deadletters";
    public const string Groups = "groups";
    public const string History = "history";
    public const string Logins = "logins";
    public const string Statistics = "statistics";
    public const string Tasks = "tasks";
    public const string DeliverQueue = "parley-deliver";
    public const string CallbackQueue = "parley-callback";
    public const string TaskQueue = "parley-task";
    public const string ExportContainer = "exports";
    public const string HistoryContainer = "history";

    public static IReadOnlyList<string> Tables { get; } = [Accounts, Apps, DeadLetters, Groups, History, Logins, Statistics, Tasks];

    /// <summary>Those that are in every storage account; the others are in the primary one only.</summary>
    public static IReadOnlyList<string> Sharded { get; } = [Accounts, Groups];

    public static IReadOnlyList<string> Queues { get; } = [DeliverQueue, CallbackQueue, TaskQueue];

    public static IReadOnlyList<string> Containers { get; } = [ExportContainer, HistoryContainer];

    /// <summary>Those of <see cref="Queues"/> whose jobs run in order within a session, where Service Bus is the work queue: queue and trigger both require sessions.</summary>
    public static IReadOnlyList<string> SessionQueues { get; } = [CallbackQueue];
}
