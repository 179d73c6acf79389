using Azure;
using Azure.Data.Tables;
using Parley.Storage.Shards;

namespace Parley.Storage;

/// <summary>A table that is spread over several storage accounts: each partition is in one of them, whole.</summary>
/// <param name="shards">The table in each account; the primary account is the first.</param>
/// <param name="patience">How long a request waits while its partition is being moved.</param>
public sealed class ShardedTable(IReadOnlyList<TableClient> shards, ShardDirectory directory, TimeSpan patience)
{
    internal const int MaxAttempts = 4;

    public string Name => shards[0].Name;

    /// <summary>The table in each account, for reading across partitions. What is not at home there (<see cref="IsHomeAsync"/>) does not count.</summary>
    public IReadOnlyList<TableClient> Shards => shards;

    /// <summary>The table in the account that a partition is in now. For looking at it from outside: another moment it may be elsewhere.</summary>
    public async ValueTask<TableClient> OfAsync(string partitionKey, CancellationToken cancellation) => shards[(await RouteAsync(partitionKey, cancellation)).Shard];

    /// <summary>Whether a partition found in an account belongs there.</summary>
    public ValueTask<bool> IsHomeAsync(string partitionKey, int shard, CancellationToken cancellation) => directory.IsHomeAsync(partitionKey, shard, cancellation);

    /// <summary>Reads a row.</summary>
    public async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        for (var attempt = 1; ; attempt++)
        {
            var route = await RouteAsync(partitionKey, cancellationToken);
            var answer = await shards[route.Shard].GetEntityIfExistsAsync<T>(partitionKey, rowKey, select, cancellationToken);
            if (IsConfirmed(route, answer.GetRawResponse(), isLast: attempt == MaxAttempts))
            {
                return answer;
            }
        }
    }

    /// <summary>Reads rows of a partition in the order of their keys.</summary>
    /// <param name="filter">Names the partition too.</param>
    public AsyncPageable<T> QueryAsync<T>(
        string partitionKey, string filter, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity => new PartitionPages<T>(this, partitionKey, filter, maxPerPage, select, cancellationToken);

    /// <summary>Writes rows of a partition. Should the partition have been moved before the answer came, they are written again at the new place: so whatever is written must bear that.</summary>
    public async Task SubmitTransactionAsync(string partitionKey, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var route = await RouteAsync(partitionKey, cancellation);
            var answer = await shards[route.Shard].SubmitTransactionAsync(actions, cancellation);
            if (IsConfirmed(route, answer.GetRawResponse(), isLast: attempt == MaxAttempts))
            {
                return;
            }
        }
    }

    internal ValueTask<ShardRoute> RouteAsync(string partitionKey, CancellationToken cancellation) => directory.FindAsync(partitionKey, patience, cancellation);

    /// <summary>See <see cref="ShardDirectory.IsConfirmed"/>.</summary>
    /// <exception cref="RequestFailedException">503: it does not count, and that was the last attempt.</exception>
    internal bool IsConfirmed(ShardRoute route, Response answer, bool isLast) => directory.IsConfirmed(route, answer) || (isLast
        ? throw new RequestFailedException(503, "Storage answered when the partition may have been moved already.")
        : false);
}
