using Azure;
using Azure.Data.Tables;
using Parley.Storage.Shards;

namespace Parley.Storage;

/// <summary>Reads rows of partitions into memory and commits transactions, keeping the memory in step.</summary>
internal sealed class PartitionStore(ShardedTable table, TimeSpan retryFor, TimeProvider time)
{
    private const int MaxReadAttempts = 4;

    private static readonly TimeSpan ReadRetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads rows, in parallel.</summary>
    /// <exception cref="RequestFailedException">A row could not be read.</exception>
    public Task LoadAsync(Partition partition, IEnumerable<string> rowKeys) =>
        Task.WhenAll(rowKeys.Select(rowKey => LoadAsync(partition, rowKey)));

    /// <summary>Commits a transaction.</summary>
    /// <exception cref="RequestFailedException">It was not committed, or the answer was lost; nothing is remembered of the partition then.</exception>
    public async Task CommitAsync(Partition partition, PartitionTransaction transaction)
    {
        var actions = transaction.Actions;
        if (actions.Count == 0)
        {
            return;
        }

        var asOf = time.GetTimestamp();
        IReadOnlyList<Response> answers;
        try
        {
            var route = await RouteAsync(partition);
            var answer = await table.Shards[route.Shard].SubmitTransactionAsync(actions);
            table.IsConfirmed(route, answer.GetRawResponse(), isLast: true);
            answers = answer.Value;
        }
        catch
        {
            partition.Rows.Clear();
            throw;
        }

        for (var i = 0; i < actions.Count; i++)
        {
            Remember(partition, transaction, actions[i], answers[i].Headers.ETag, asOf);
        }
    }

    /// <summary>
    /// Finds out whether a transaction of unknown outcome was left undone: it was, if a row that it would have changed still has the
    /// version that it had. Should the transaction arrive later all the same, whoever comes second fails on that version.
    /// </summary>
    public async Task<bool> IsSurelyUncommittedAsync(Partition partition, PartitionTransaction transaction)
    {
        var guards = transaction.Actions.Where(action => action.ETag != default && action.ETag != ETag.All).ToList();
        await LoadAsync(partition, guards.Select(guard => guard.Entity.RowKey));
        return guards.Any(guard => partition.Rows.TryGetValue(guard.Entity.RowKey, out var row) && row.Entity is not null && row.Version == guard.ETag);
    }

    // The versions that are remembered of another place say nothing here.
    private async ValueTask<ShardRoute> RouteAsync(Partition partition)
    {
        var route = await table.RouteAsync(partition.Key, CancellationToken.None);
        if (partition.Shard != route.Shard)
        {
            partition.Rows.Clear();
            partition.Shard = route.Shard;
        }

        return route;
    }

    private static void Remember(Partition partition, PartitionTransaction transaction, TableTransactionAction action, ETag? version, long asOf)
    {
        var rowKey = action.Entity.RowKey;
        var isContent = action.ActionType is TableTransactionActionType.Add or TableTransactionActionType.UpdateReplace;
        if (isContent && version is { } known && !transaction.Inserted.Contains(rowKey))
        {
            partition.Rows[rowKey] = new PartitionRow((TableEntity)action.Entity, known, asOf);
        }
        else
        {
            partition.Rows.TryRemove(rowKey, out _);
        }
    }

    // A read is retried by itself: where many rows are needed, starting all of them again would hardly ever succeed.
    private async Task LoadAsync(Partition partition, string rowKey)
    {
        var began = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var asOf = time.GetTimestamp();
                var route = await RouteAsync(partition);
                var answer = await table.Shards[route.Shard].GetEntityIfExistsAsync<TableEntity>(partition.Key, rowKey);
                table.IsConfirmed(route, answer.GetRawResponse(), isLast: true);
                partition.Rows[rowKey] = answer.HasValue
                    ? new PartitionRow(answer.Value, answer.Value!.ETag, asOf)
                    : PartitionRow.Absent(asOf);
                return;
            }
            catch (Exception e) when (attempt < MaxReadAttempts && time.GetElapsedTime(began) < retryFor && StorageFailures.Classify(e) != StorageFailure.Refused)
            {
                await Task.Delay(ReadRetryDelay * attempt, time);
            }
        }
    }
}
