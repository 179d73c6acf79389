using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Copies the partitions that instances have noted as used (<see cref="ShardMarks"/>), and takes the notes away.</summary>
internal sealed class MarkedPartitions(ShardAccounts accounts, PartitionCopy copy)
{
    private const int AtOnce = 16;

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Copies what was noted before the buckets came into the phase that they are in; all instances must know that.</summary>
    public async Task CopyAsync(ShardMap map, IEnumerable<ShardBucket> buckets, CancellationToken cancellation)
    {
        foreach (var bucket in buckets)
        {
            var move = map.Moves[bucket];
            var marks = await ListAsync(bucket, move.Generation, cancellation);
            var (from, to) = (map.ShardOf(bucket), move.To);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(marks.Select(mark => mark.RowKey).Distinct(), parallel, async (key, token) =>
            {
                foreach (var table in TableNames.Sharded)
                {
                    await copy.CopyAsync(accounts.Table(table, from), accounts.Table(table, to), key, move.Phase == MovePhase.Frozen, token);
                }
            });
            await DeleteAsync(marks, cancellation);
        }
    }

    /// <summary>Takes all notes of a bucket away.</summary>
    public async Task ForgetAsync(ShardBucket bucket, CancellationToken cancellation) =>
        await DeleteAsync(await ListAsync(bucket, long.MaxValue, cancellation), cancellation);

    private async Task<List<TableEntity>> ListAsync(ShardBucket bucket, long before, CancellationToken cancellation)
    {
        var (from, to) = (ShardMarks.Prefix(bucket), ShardMarks.PartitionOf(bucket, before));
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {to}");
        var marks = new List<TableEntity>();
        await foreach (var mark in accounts.Apps.QueryAsync<TableEntity>(filter, select: KeyOnly, cancellationToken: cancellation))
        {
            marks.Add(mark);
        }

        return marks;
    }

    private async Task DeleteAsync(List<TableEntity> marks, CancellationToken cancellation)
    {
        foreach (var generation in marks.GroupBy(mark => mark.PartitionKey, StringComparer.Ordinal))
        {
            foreach (var some in generation.Chunk(100))
            {
                await accounts.Apps.SubmitTransactionAsync(
                    some.Select(mark => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(mark.PartitionKey, mark.RowKey))), cancellation);
            }
        }
    }
}
