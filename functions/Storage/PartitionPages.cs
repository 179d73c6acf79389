using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>The pages of a query within one partition of a sharded table. Should the partition be moved meanwhile, the query goes on behind the last row at the new place.</summary>
internal sealed class PartitionPages<T>(
    ShardedTable table, string partitionKey, string filter, int? maxPerPage, IEnumerable<string>? select, CancellationToken cancellation) : AsyncPageable<T>(cancellation)
    where T : class, ITableEntity
{
    private readonly IReadOnlyList<string>? _columns = select?.Append("RowKey").Distinct().ToList();

    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        string? last = null;
        var failures = 0;
        var route = await table.RouteAsync(partitionKey, CancellationToken);
        for (var isOver = false; !isOver;)
        {
            isOver = true;
            var query = table.Shards[route.Shard].QueryAsync<T>(After(last), maxPerPage, _columns, CancellationToken);
            await foreach (var page in query.AsPages(last is null ? continuationToken : null, pageSizeHint))
            {
                if (!table.IsConfirmed(route, page.GetRawResponse(), isLast: ++failures == ShardedTable.MaxAttempts))
                {
                    route = await table.RouteAsync(partitionKey, CancellationToken);
                    isOver = false;
                    break;
                }

                yield return page;
                failures = 0;
                last = page.Values.Count > 0 ? page.Values[^1].RowKey : last;
                var next = await table.RouteAsync(partitionKey, CancellationToken);
                isOver = next.Shard == route.Shard;
                route = next;
                if (!isOver)
                {
                    break;
                }
            }
        }
    }

    private string After(string? rowKey) => rowKey is null ? filter : $"({filter}) and {TableClient.CreateQueryFilter($"RowKey gt {rowKey}")}";
}
