using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>A table that is spread over several storage accounts: each partition is in one of them, whole.</summary>
/// <param name="shards">The table in each account; the first account is the primary.</param>
public sealed class ShardedTable(IReadOnlyList<TableClient> shards)
{
    /// <summary>The table in each account, for reading across partitions.</summary>
    public IReadOnlyList<TableClient> Shards => shards;

    /// <summary>The table in the account that a partition is in.</summary>
    public ValueTask<TableClient> OfAsync(string partitionKey, CancellationToken cancellation) => ValueTask.FromResult(shards[0]);

    /// <summary>Reads a row.</summary>
    public async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity =>
        await (await OfAsync(partitionKey, cancellationToken)).GetEntityIfExistsAsync<T>(partitionKey, rowKey, select, cancellationToken);

    /// <summary>Reads rows of a partition in the order of their keys.</summary>
    /// <param name="filter">Names the partition too.</param>
    public AsyncPageable<T> QueryAsync<T>(
        string partitionKey, string filter, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity => new PartitionPages<T>(this, partitionKey, filter, maxPerPage, select, cancellationToken);
}
