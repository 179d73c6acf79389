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
}
