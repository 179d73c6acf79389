using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Deletes what buckets have left at their old places. Row <c>left-{shard}</c> beside the shard map says that an account is to be looked through.</summary>
internal sealed class Leftovers(ShardAccounts accounts, PartitionCopy copy, Action<string> say)
{
    private const int AtOnce = 16;
    private const string Prefix = "left-";

    /// <summary>Notes that buckets are about to leave an account, or that it is to be looked through for another reason.</summary>
    public Task NoteAsync(int shard, CancellationToken cancellation) =>
        accounts.Apps.UpsertEntityAsync(new TableEntity(ShardMapTable.Partition, Row(shard)), TableUpdateMode.Replace, cancellation);

    /// <summary>Looks through all accounts that are noted. No bucket may be on the move.</summary>
    public async Task RemoveAsync(CancellationToken cancellation)
    {
        var map = await accounts.ReadMapAsync(cancellation);
        for (var shard = 0; shard < accounts.Names.Count; shard++)
        {
            if ((await accounts.Apps.GetEntityIfExistsAsync<TableEntity>(ShardMapTable.Partition, Row(shard), cancellationToken: cancellation)).HasValue)
            {
                await RemoveAsync(map, shard, cancellation);
                await accounts.Apps.DeleteEntityAsync(ShardMapTable.Partition, Row(shard), cancellationToken: cancellation);
            }
        }
    }

    private async Task RemoveAsync(ShardMap map, int shard, CancellationToken cancellation)
    {
        var removed = 0;
        foreach (var name in TableNames.Sharded)
        {
            var table = accounts.Table(name, shard);
            await foreach (var keys in PartitionWalk.AfterAsync(table, "", cancellation))
            {
                var strangers = keys.Where(key => map.ShardOf(map.BucketOf(key)) != shard).ToList();
                var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
                await Parallel.ForEachAsync(strangers, parallel, async (key, token) => await copy.DeleteAsync(table, key, token));
                removed += strangers.Count;
            }
        }

        say($"{accounts.Names[shard]}: what {removed} partitions had left behind is deleted.");
    }

    private static string Row(int shard) => FormattableString.Invariant($"{Prefix}{shard}");
}
