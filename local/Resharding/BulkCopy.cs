using Azure;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Copies all partitions of the buckets that are leaving, while they are used. How far it has come is kept beside the shard map.</summary>
internal sealed class BulkCopy(ShardAccounts accounts, PartitionCopy copy, Action<string> say)
{
    private const int AtOnce = 16;
    private const string Prefix = "walk-";

    /// <summary>Forgets how far it had come: other buckets are to move.</summary>
    public async Task ResetAsync(CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {ShardMapTable.Partition} and RowKey ge {Prefix} and RowKey lt {"walk."}");
        await foreach (var row in accounts.Apps.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
        {
            await accounts.Apps.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
        }
    }

    /// <summary>Copies what has not been copied yet.</summary>
    public async Task RunAsync(ShardMap map, CancellationToken cancellation)
    {
        foreach (var shard in map.Moves.Keys.Select(map.ShardOf).Distinct().Order())
        {
            foreach (var table in TableNames.Sharded)
            {
                await RunAsync(map, table, shard, cancellation);
            }
        }
    }

    private async Task RunAsync(ShardMap map, string table, int shard, CancellationToken cancellation)
    {
        var row = FormattableString.Invariant($"{Prefix}{table}-{shard}");
        var known = await accounts.Apps.GetEntityIfExistsAsync<TableEntity>(ShardMapTable.Partition, row, cancellationToken: cancellation);
        if (known.HasValue && known.Value!.GetBoolean("Done") == true)
        {
            return;
        }

        var last = known.HasValue ? known.Value!.GetString("Last") ?? "" : "";
        var copied = 0;
        await foreach (var keys in PartitionWalk.AfterAsync(accounts.Table(table, shard), last, cancellation))
        {
            copied += await CopyAsync(map, table, shard, keys, cancellation);
            last = keys[^1];
            await SaveAsync(row, last, isDone: false, cancellation);
        }

        await SaveAsync(row, last, isDone: true, cancellation);
        say($"{table} of {accounts.Names[shard]}: {copied} partitions copied.");
    }

    private async Task<int> CopyAsync(ShardMap map, string table, int shard, IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        var moving = keys.Where(key => map.BucketOf(key) is var bucket && map.Moves.ContainsKey(bucket) && map.ShardOf(bucket) == shard).ToList();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(moving, parallel, async (key, token) =>
        {
            var to = map.Moves[map.BucketOf(key)].To;
            await copy.CopyAsync(accounts.Table(table, shard), accounts.Table(table, to), key, isFrozen: false, token);
        });
        return moving.Count;
    }

    private Task<Response> SaveAsync(string row, string last, bool isDone, CancellationToken cancellation) => accounts.Apps.UpsertEntityAsync(
        new TableEntity(ShardMapTable.Partition, row) { ["Last"] = last, ["Done"] = isDone }, TableUpdateMode.Replace, cancellation);
}
