using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Parley.Storage;

/// <summary>The tables, each as a client for reading and, where whole partitions are changed, as a partition writer.</summary>
/// <remarks>Tables are made by deployment (infra) and by the local environment, not here: a start must not cost calls.</remarks>
public sealed class TableStore
{
    private static readonly TimeSpan ScanTimeout = TimeSpan.FromSeconds(30);

    private readonly Lazy<TableServiceClient> _scanning;

    public TableStore(StorageAccess storage, IOptions<StorageOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        var reading = storage.ConnectTables(maxRetries: 3);
        Accounts = reading.GetTableClient(TableNames.Accounts);
        Apps = reading.GetTableClient(TableNames.Apps);
        DeadLetters = reading.GetTableClient(TableNames.DeadLetters);
        Logins = reading.GetTableClient(TableNames.Logins);
        Statistics = reading.GetTableClient(TableNames.Statistics);
        Groups = reading.GetTableClient(TableNames.Groups);
        History = reading.GetTableClient(TableNames.History);
        Tasks = reading.GetTableClient(TableNames.Tasks);
        var writing = storage.ConnectTables(maxRetries: 0);
        AccountWriter = new PartitionWriter(writing.GetTableClient(TableNames.Accounts), options.Value, time, loggers.CreateLogger<PartitionWriter>());
        GroupWriter = new PartitionWriter(writing.GetTableClient(TableNames.Groups), options.Value, time, loggers.CreateLogger<PartitionWriter>());
        _scanning = new(() => storage.ConnectTables(maxRetries: 3, ScanTimeout));
    }

    /// <summary>One partition per account: the account, its conversations, messages and connections.</summary>
    public TableClient Accounts { get; }

    /// <summary>The same table for reading across partitions.</summary>
    public TableClient AccountScan => ScanOf(TableNames.Accounts);

    /// <summary>One partition per app: settings.</summary>
    public TableClient Apps { get; }

    /// <summary>Jobs that were given up, with the reason.</summary>
    public TableClient DeadLetters { get; }

    /// <summary>One partition per group: the group, its members and messages; and one per app that lists its groups.</summary>
    public TableClient Groups { get; }

    /// <summary>One partition per identity of a login provider: the account that it logs in as.</summary>
    public TableClient Logins { get; }

    /// <summary>One partition per app: what happened day by day.</summary>
    public TableClient Statistics { get; }

    /// <summary>Which accounts and groups had messages in an hour, and the files made of them.</summary>
    public TableClient History { get; }

    /// <summary>One partition per app: work that takes longer than a call.</summary>
    public TableClient Tasks { get; }

    public PartitionWriter AccountWriter { get; }

    public PartitionWriter GroupWriter { get; }

    /// <summary>A table whose partitions are changed through <see cref="WriterOf"/>, for reading.</summary>
    /// <exception cref="ArgumentException">There is no such table.</exception>
    public TableClient ReaderOf(string table) => table switch
    {
        TableNames.Accounts => Accounts,
        TableNames.Groups => Groups,
        _ => throw new ArgumentException($"Table {table} has no partition writer.", nameof(table)),
    };

    /// <exception cref="ArgumentException">There is no such table.</exception>
    public PartitionWriter WriterOf(string table) => table switch
    {
        TableNames.Accounts => AccountWriter,
        TableNames.Groups => GroupWriter,
        _ => throw new ArgumentException($"Table {table} has no partition writer.", nameof(table)),
    };

    /// <summary>A table for reading across partitions: the service may search for 5 s before it answers a page.</summary>
    public TableClient ScanOf(string table) => _scanning.Value.GetTableClient(table);
}
