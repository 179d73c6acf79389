namespace Parley.Storage;

/// <summary>The tables and queues that deployment and the local environment make.</summary>
public static class TableNames
{
    public const string Accounts = "accounts";
    public const string Apps = "apps";
    public const string DeadLetters = "deadletters";
    public const string Groups = "groups";
    public const string Logins = "logins";
    public const string Statistics = "statistics";
    public const string DeliverQueue = "parley-deliver";
    public const string CallbackQueue = "parley-callback";

    public static IReadOnlyList<string> Tables { get; } = [Accounts, Apps, DeadLetters, Groups, Logins, Statistics];

    /// <summary>Those that are in every storage account; the others are in the primary one only.</summary>
    public static IReadOnlyList<string> Sharded { get; } = [Accounts, Groups];

    public static IReadOnlyList<string> Queues { get; } = [DeliverQueue, CallbackQueue];

    /// <summary>Those of <see cref="Queues"/> whose jobs run in order within a session, where Service Bus is the work queue: queue and trigger both require sessions.</summary>
    public static IReadOnlyList<string> SessionQueues { get; } = [CallbackQueue];
}
