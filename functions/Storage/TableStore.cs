using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using Parley.Storage.Shards;

namespace Parley.Storage;

/// <summary>The tables, each as a client for reading and, where whole partitions are changed, as a partition writer. <c>accounts</c> and <c>groups</c> are sharded.</summary>
/// <remarks>Tables are made by deployment (infra) and by the local environment, not here: a start must not cost calls.</remarks>
public sealed class TableStore
{
    private static readonly TimeSpan ScanTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A transaction that is held up comes back to its writer soon, which decides how long to go on.</summary>
    private static readonly TimeSpan PatienceOfWriter = TimeSpan.FromSeconds(1);

    private readonly Lazy<IReadOnlyList<TableServiceClient>> _scanning;
    private readonly TimeSpan _patience;

    public TableStore(StorageAccess storage, IOptions<StorageOptions> options, ShardLease lease, TimeProvider time, ILoggerFactory loggers)
    {
        _patience = TimeSpan.FromMilliseconds(options.Value.RetryMilliseconds);
        var reading = storage.ConnectTables(maxRetries: 3);
        Apps = reading.GetTableClient(TableNames.Apps);
        DeadLetters = reading.GetTableClient(TableNames.DeadLetters);
        Logins = reading.GetTableClient(TableNames.Logins);
        Statistics = reading.GetTableClient(TableNames.Statistics);
        History = reading.GetTableClient(TableNames.History);
        Tasks = reading.GetTableClient(TableNames.Tasks);
        var reads = storage.ConnectShards(maxRetries: 3);
        var names = reads.Select(account => account.AccountName).ToList();
        Directory = new ShardDirectory(new ShardMapTable(Apps), new ShardMarks(Apps), names, lease, time, loggers.CreateLogger<ShardDirectory>());
        Accounts = Sharded(reads, TableNames.Accounts, _patience);
        Groups = Sharded(reads, TableNames.Groups, _patience);
        var writes = storage.ConnectShards(maxRetries: 0);
        AccountWriter = new PartitionWriter(Sharded(writes, TableNames.Accounts, PatienceOfWriter), options.Value, time, loggers.CreateLogger<PartitionWriter>());
        GroupWriter = new PartitionWriter(Sharded(writes, TableNames.Groups, PatienceOfWriter), options.Value, time, loggers.CreateLogger<PartitionWriter>());
        _scanning = new(() => storage.ConnectShards(maxRetries: 3, ScanTimeout));
    }

    /// <summary>One partition per account: the account, its conversations, messages and connections.</summary>
    public ShardedTable Accounts { get; }

    /// <summary>One partition per app: settings.</summary>
    public TableClient Apps { get; }

    /// <summary>Jobs that were given up, with the reason.</summary>
    public TableClient DeadLetters { get; }

    /// <summary>One partition per group: the group, its members and messages; and one per app that lists its groups.</summary>
    public ShardedTable Groups { get; }

    /// <summary>One partition per identity of a login provider: the account that it logs in as.</summary>
    public TableClient Logins { get; }

    /// <summary>One partition per app: what happened day by day.</summary>
    public TableClient Statistics { get; }

    /// <summary>Which accounts and groups had messages in an hour, and the files made of them.</summary>
    public TableClient History { get; }

    /// <summary>One partition per app: work that takes longer than a call.</summary>
    public TableClient Tasks { get; }

    /// <summary>Where the partitions of the sharded tables are.</summary>
    public ShardDirectory Directory { get; }

    public PartitionWriter AccountWriter { get; }

    public PartitionWriter GroupWriter { get; }

    /// <summary>A table whose partitions are changed through <see cref="WriterOf"/>, for reading.</summary>
    /// <exception cref="ArgumentException">There is no such table.</exception>
    public ShardedTable ReaderOf(string table) => table switch
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

    /// <summary>A sharded table for reading across partitions: the service may search for 5 s before it answers a page.</summary>
    public ShardedTable ScanOf(string table) => Sharded(_scanning.Value, table, _patience);

    /// <summary>Any table for reading across partitions, wherever they are.</summary>
    public TableScan WalkOf(string table) => TableNames.Sharded.Contains(table)
        ? new TableScan([.. _scanning.Value.Select(account => account.GetTableClient(table))], Directory)
        : new TableScan([_scanning.Value[0].GetTableClient(table)], directory: null);

    /// <summary>Writes rows of one partition of any table in a transaction, past the partition writers. Safe only for what may be repeated.</summary>
    public Task SubmitAsync(string table, string partitionKey, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellation) => TableNames.Sharded.Contains(table)
        ? ScanOf(table).SubmitTransactionAsync(partitionKey, actions, cancellation)
        : _scanning.Value[0].GetTableClient(table).SubmitTransactionAsync(actions, cancellation);

    /// <summary>A row of any table; null when there is none.</summary>
    public async Task<TableEntity?> ReadAsync(string table, string partitionKey, string rowKey, CancellationToken cancellation)
    {
        var row = TableNames.Sharded.Contains(table)
            ? await ScanOf(table).GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellation)
            : await _scanning.Value[0].GetTableClient(table).GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellation);
        return row.HasValue ? row.Value : null;
    }

    private ShardedTable Sharded(IReadOnlyList<TableServiceClient> accounts, string table, TimeSpan patience) =>
        new([.. accounts.Select(account => account.GetTableClient(table))], Directory, patience);
}
