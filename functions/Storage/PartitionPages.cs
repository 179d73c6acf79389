using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>The pages of a query within one partition of a sharded table.</summary>
internal sealed class PartitionPages<T>(
    ShardedTable table, string partitionKey, string filter, int? maxPerPage, IEnumerable<string>? select, CancellationToken cancellation) : AsyncPageable<T>(cancellation)
    where T : class, ITableEntity
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        var shard = await table.OfAsync(partitionKey, CancellationToken);
        await foreach (var page in shard.QueryAsync<T>(filter, maxPerPage, select, CancellationToken).AsPages(continuationToken, pageSizeHint))
        {
            yield return page;
        }
    }
}
