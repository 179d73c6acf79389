using System.Diagnostics;
using Azure;
using Azure.Data.Tables;
using Parley.Bench.Setup;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Bench.Load;

/// <summary>
/// How fast storage alone is: transactions like those of a message (a head replaced if unchanged, an entry and an identity added), copied from
/// rows that the app has stored, from as many writers as the app has transactions under way. Nothing else is done, so no app could be faster.
/// </summary>
/// <param name="Transactions">How many were committed.</param>
/// <param name="Elapsed">How long they took.</param>
internal sealed record RawStorage(long Transactions, TimeSpan Elapsed)
{
    private const string Table = "rawspeed";

    public double PerSecond => Transactions / Elapsed.TotalSeconds;

    /// <param name="like">A conversation whose newest rows are the pattern.</param>
    /// <param name="writers">Each has its own partition and one transaction at a time.</param>
    /// <param name="transactions">How many to commit.</param>
    /// <param name="most">Stops earlier when this time is over.</param>
    public static async Task<RawStorage> MeasureAsync(
        BenchEnvironment environment, (AccountKey Owner, string Peer) like, int writers, long transactions, TimeSpan most, CancellationToken cancellation)
    {
        var options = new TableClientOptions { Retry = { MaxRetries = 0 }, Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false } };
        var service = new TableServiceClient(environment.HandlerStorage, options);
        var pattern = await ReadPatternAsync(service.GetTableClient(TableNames.Accounts), like.Owner, like.Peer, cancellation);
        var table = service.GetTableClient(Table);
        await table.CreateIfNotExistsAsync(cancellation);
        var heads = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => AddHeadAsync(table, pattern, $"writer-{writer}", cancellation)));

        var left = transactions;
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(heads.Select(async head =>
        {
            var count = 0L;
            while (Stopwatch.GetElapsedTime(began) < most && Interlocked.Decrement(ref left) >= 0)
            {
                head.ETag = await CommitAsync(table, pattern, head, ++count, cancellation);
            }

            return count;
        }));
        return new RawStorage(counts.Sum(), Stopwatch.GetElapsedTime(began));
    }

    private static async Task<IReadOnlyList<TableEntity>> ReadPatternAsync(TableClient accounts, AccountKey owner, string peer, CancellationToken cancellation)
    {
        var rows = ConversationTable.Rows(peer);
        TableEntity head = await accounts.GetEntityAsync<TableEntity>(owner.PartitionKey, rows.Head, cancellationToken: cancellation);
        TableEntity entry = await accounts.GetEntityAsync<TableEntity>(owner.PartitionKey, rows.Entry(head.GetInt64("LastSeq")!.Value), cancellationToken: cancellation);
        TableEntity identity = await accounts.GetEntityAsync<TableEntity>(owner.PartitionKey, rows.Identity(entry.GetString("Identity")), cancellationToken: cancellation);
        return [head, entry, identity];
    }

    private static async Task<TableEntity> AddHeadAsync(TableClient table, IReadOnlyList<TableEntity> pattern, string partition, CancellationToken cancellation)
    {
        var head = Copy(pattern[0], partition, pattern[0].RowKey);
        head.ETag = (await table.AddEntityAsync(head, cancellation)).Headers.ETag!.Value;
        return head;
    }

    private static async Task<ETag> CommitAsync(TableClient table, IReadOnlyList<TableEntity> pattern, TableEntity head, long number, CancellationToken cancellation)
    {
        TableTransactionAction[] actions =
        [
            new(TableTransactionActionType.UpdateReplace, head, head.ETag),
            new(TableTransactionActionType.Add, Copy(pattern[1], head.PartitionKey, $"m|{number:D20}")),
            new(TableTransactionActionType.Add, Copy(pattern[2], head.PartitionKey, $"k|{number:D20}")),
        ];
        return (await table.SubmitTransactionAsync(actions, cancellation)).Value[0].Headers.ETag!.Value;
    }

    private static TableEntity Copy(TableEntity row, string partition, string rowKey)
    {
        var copy = new TableEntity(row) { PartitionKey = partition, RowKey = rowKey };
        copy.Remove("odata.etag");
        copy.Remove("Timestamp");
        return copy;
    }
}
