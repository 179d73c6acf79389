using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// Changes the partitions of one table. Concurrent changes of a partition are collected and committed together as one
/// entity-group transaction; versions (ETags) decide between instances; a change that lost runs again on fresh rows.
/// </summary>
/// <remarks>
/// A transaction whose outcome is unknown (a timeout, a 5xx) counts as lost too: its changes run again on what the store
/// then holds and recognise by their own rows that they were stored. If the first attempt arrives late, the versions refuse it.
/// The table client must not retry by itself, or a change could meet its own rows as a stranger's.
/// </remarks>
public sealed partial class PartitionWriter(TableClient table, StorageOptions options, TimeProvider time, ILogger<PartitionWriter> logger)
{
    // No gain beyond what a transaction can hold; the rest waits for the next one.
    private const int MaxChangesAtOnce = 100;

    // A conflict means that another instance made progress, so it is worth more attempts than a store that does not answer.
    private const int LeastAttemptsOnConflict = 20;

    private const int LongestWaitOnConflictMilliseconds = 50;
    private const int LongestWaitOnUnknownMilliseconds = 400;

    private readonly ConcurrentDictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    private readonly TimeSpan _retryFor = TimeSpan.FromMilliseconds(options.RetryMilliseconds);
    private readonly PartitionStore _store = new(table, TimeSpan.FromMilliseconds(options.RetryMilliseconds), time);
    private int _rows;
    private int _trimming;

    /// <summary>Runs a change and commits what it writes.</summary>
    /// <param name="partitionKey">The partition; the change may touch nothing else.</param>
    /// <param name="change">A pure function of the view; it may run several times. What its last run returned is the result.</param>
    /// <param name="cancellation">Stops waiting, not the change.</param>
    /// <exception cref="RequestFailedException">Storage refused the change; or it stayed out of reach, and whether the change was stored is unknown.</exception>
    /// <exception cref="Exception">Whatever else the client throws when storage cannot be reached, with the same meaning.</exception>
    public async Task<T> ApplyAsync<T>(string partitionKey, Func<PartitionView, T> change, CancellationToken cancellation)
    {
        var pending = new PendingChange<T>(change, time.GetTimestamp());
        while (true)
        {
            var partition = _partitions.GetOrAdd(partitionKey, static key => new Partition(key));
            if (partition.Enqueue(pending) is not { } mustDrain)
            {
                _partitions.TryRemove(KeyValuePair.Create(partitionKey, partition));
                continue;
            }

            if (mustDrain)
            {
                _ = DrainAsync(partition);
            }

            return await pending.Completion.WaitAsync(cancellation);
        }
    }

    /// <summary>What this instance remembers of a row; null when it knows nothing or the row does not exist. Asks nobody and may be stale.</summary>
    public TableEntity? Peek(string partitionKey, string rowKey) =>
        _partitions.TryGetValue(partitionKey, out var partition) && partition.Rows.TryGetValue(rowKey, out var row) ? row.Entity : null;

    private async Task DrainAsync(Partition partition)
    {
        var waiting = new List<PendingChange>();
        var alone = 0;
        var failures = 0;
        var doubts = new HashSet<string>(StringComparer.Ordinal);
        while (partition.TakeInto(waiting, MaxChangesAtOnce))
        {
            if (!TryPlan(partition, waiting, alone > 0 ? 1 : MaxChangesAtOnce, out var plan))
            {
                continue;
            }

            try
            {
                if (plan.Missing.Count > 0)
                {
                    await _store.LoadAsync(partition, plan.Missing);
                    continue;
                }

                await _store.CommitAsync(partition, plan);
                waiting.RemoveRange(0, plan.Changes.Count);
                plan.Changes.ForEach(change => change.Complete());
                alone = Math.Max(0, alone - 1);
                failures = 0;
                doubts.Clear();
            }
            catch (Exception e)
            {
                var failure = StorageFailures.Classify(e);
                if (failure == StorageFailure.Refused && plan.Changes.Count > 1)
                {
                    // One of them is to blame: commit each on its own, so that the others go through.
                    alone = plan.Changes.Count;
                    continue;
                }

                await RecoverAsync(partition, plan, e, failure, ++failures, doubts);
                GiveUp(partition, waiting, plan, e, failure);
                alone = Math.Max(0, alone - (failure == StorageFailure.Refused ? 1 : 0));
            }

            Count(partition);
        }

        Trim();
    }

    private async Task RecoverAsync(Partition partition, PartitionTransaction plan, Exception exception, StorageFailure failure, int failures, HashSet<string> doubts)
    {
        if (failure == StorageFailure.Refused)
        {
            return;
        }

        TransactionRepeated(logger, failure, plan.Changes.Count, exception.Message);
        if (failure == StorageFailure.Unknown || failures > 1)
        {
            var longest = failure == StorageFailure.Conflict ? LongestWaitOnConflictMilliseconds : LongestWaitOnUnknownMilliseconds;
            var ceiling = Math.Min(longest, 10 << Math.Min(failures, 6));
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(ceiling / 2, ceiling)), time);
        }

        try
        {
            if (failure == StorageFailure.Conflict)
            {
                doubts.UnionWith(Doubted(plan, exception, failures));
            }
            else if (plan.Missing.Count == 0 && !await _store.IsSurelyUncommittedAsync(partition, plan))
            {
                doubts.UnionWith(plan.Assumed);
            }

            // The failure emptied the memory, so what was doubted before is read again too.
            await _store.LoadAsync(partition, doubts);
        }
        catch (Exception e)
        {
            // The assumption will be tried again, fail again, and lead back here.
            ReadFailed(logger, e.Message);
        }
    }

    // A version that was stale says nothing of what was assumed. An assumption that was wrong is looked at, and if that happens again, all of them are.
    private static HashSet<string> Doubted(PartitionTransaction plan, Exception exception, int failures)
    {
        var actions = plan.Actions;
        if (exception is not TableTransactionFailedException { FailedTransactionActionIndex: { } index } || index >= actions.Count)
        {
            return plan.Assumed;
        }

        var failed = actions[index].Entity.RowKey;
        return !plan.Assumed.Contains(failed) ? [] : failures > 1 ? plan.Assumed : [failed];
    }

    // A fault of our own must not leave the callers of this partition waiting for ever.
    private bool TryPlan(Partition partition, List<PendingChange> waiting, int most, [NotNullWhen(true)] out PartitionTransaction? plan)
    {
        try
        {
            plan = PartitionTransaction.Plan(partition, waiting, most);
            return true;
        }
        catch (Exception e)
        {
            PlanFailed(logger, e);
            waiting.ForEach(change => change.Fail(e));
            waiting.Clear();
            plan = null;
            return false;
        }
    }

    private void GiveUp(Partition partition, List<PendingChange> waiting, PartitionTransaction plan, Exception exception, StorageFailure failure)
    {
        // Reads that fail hold up everything that waits; a commit only what is in it.
        var affected = plan.Changes.Count > 0 && plan.Missing.Count == 0 ? plan.Changes : [.. waiting];
        foreach (var change in affected)
        {
            change.Attempts++;
            var isHopeless = failure switch
            {
                StorageFailure.Refused => true,
                StorageFailure.Conflict => IsOverdue(change) && change.Attempts >= LeastAttemptsOnConflict,
                _ => IsOverdue(change),
            };
            if (isHopeless)
            {
                waiting.Remove(change);
                change.Fail(exception);
            }
        }

        // While storage is away, what queued behind the failed changes must not wait for its own attempts.
        if (failure == StorageFailure.Unknown)
        {
            partition.TakeOverdue(IsOverdue).ForEach(change => change.Fail(exception));
        }
    }

    private bool IsOverdue(PendingChange change) => time.GetElapsedTime(change.ArrivedAt) >= _retryFor;

    private void Count(Partition partition)
    {
        partition.LastUsed = time.GetTimestamp();
        if (partition.Rows.Count > options.CachedRows / 2)
        {
            partition.Rows.Clear();
        }

        // The partition itself takes room too, even if nothing of it is remembered.
        var rows = partition.Rows.Count + 1;
        Interlocked.Add(ref _rows, rows - partition.CountedRows);
        partition.CountedRows = rows;
    }

    // Lets the partitions go that were idle longest, a fifth of the rows at a time.
    private void Trim()
    {
        if (_rows <= options.CachedRows || Interlocked.Exchange(ref _trimming, 1) == 1)
        {
            return;
        }

        try
        {
            // The dictionary's own copy first: sorting it directly would race with additions.
            foreach (var (key, partition) in _partitions.ToArray().OrderBy(entry => entry.Value.LastUsed))
            {
                if (_rows <= options.CachedRows * 4 / 5)
                {
                    break;
                }

                if (partition.TryRetire())
                {
                    _partitions.TryRemove(KeyValuePair.Create(key, partition));
                    Interlocked.Add(ref _rows, -partition.CountedRows);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _trimming, 0);
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "A transaction of {Changes} changes is repeated after {Failure}: {Reason}")]
    private static partial void TransactionRepeated(ILogger logger, StorageFailure failure, int changes, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Critical, Message = "Changes could not be put together")]
    private static partial void PlanFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Rows could not be read: {Reason}")]
    private static partial void ReadFailed(ILogger logger, string reason);
}
