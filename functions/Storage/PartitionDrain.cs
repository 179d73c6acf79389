using System.Diagnostics.CodeAnalysis;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// Works off the changes that wait for one partition, transaction by transaction, until none waits: reads what they need,
/// commits, and after a failure finds out what to believe before they run again.
/// </summary>
internal sealed partial class PartitionDrain(Partition partition, PartitionStore store, TimeSpan retryFor, TimeProvider time, ILogger logger)
{
    // No gain beyond what a transaction can hold; the rest waits for the next one.
    private const int MaxChangesAtOnce = 100;

    // A conflict means that another instance made progress, so it is worth more attempts than a store that does not answer.
    private const int LeastAttemptsOnConflict = 20;

    private const int LongestWaitOnConflictMilliseconds = 50;
    private const int LongestWaitOnUnknownMilliseconds = 400;

    private readonly List<PendingChange> _waiting = [];

    // Assumptions that failed since the last success. Each failure empties the memory, so they are read again each time.
    private readonly HashSet<string> _doubts = new(StringComparer.Ordinal);
    private int _failures;
    private int _alone;

    /// <summary>Takes the next step.</summary>
    /// <returns>False when nothing waits any more.</returns>
    public async Task<bool> StepAsync()
    {
        if (!partition.TakeInto(_waiting, MaxChangesAtOnce))
        {
            return false;
        }

        if (!TryPlan(out var plan))
        {
            return true;
        }

        try
        {
            await (plan.Missing.Count > 0 ? store.LoadAsync(partition, plan.Missing, _waiting) : CommitAsync(plan));
        }
        catch (Exception e)
        {
            await HandleFailureAsync(plan, e);
        }

        return true;
    }

    // A fault of our own must not leave the callers of this partition waiting for ever.
    private bool TryPlan([NotNullWhen(true)] out PartitionTransaction? plan)
    {
        try
        {
            plan = PartitionTransaction.Plan(partition, _waiting, _alone > 0 ? 1 : MaxChangesAtOnce);
            return true;
        }
        catch (Exception e)
        {
            PlanFailed(logger, e);
            _waiting.ForEach(change => change.Fail(e));
            _waiting.Clear();
            plan = null;
            return false;
        }
    }

    private async Task CommitAsync(PartitionTransaction plan)
    {
        await store.CommitAsync(partition, plan);
        _waiting.RemoveRange(0, plan.Changes.Count);
        plan.Changes.ForEach(change => change.Complete());
        _alone = Math.Max(0, _alone - 1);
        _failures = 0;
        _doubts.Clear();
    }

    private async Task HandleFailureAsync(PartitionTransaction plan, Exception exception)
    {
        var failure = StorageFailures.Classify(exception);
        if (failure != StorageFailure.Refused)
        {
            _failures++;
            TransactionRepeated(logger, failure, plan.Changes.Count, exception.Message);
            await BackOffAsync(failure);
            await ReadDoubtsAsync(plan, exception, failure);
            GiveUpOverdue(plan, exception, failure);
        }
        else if (plan.Changes.Count > 1)
        {
            // One of them is to blame: commit each on its own, so that the others go through.
            _alone = plan.Changes.Count;
        }
        else
        {
            _alone = Math.Max(0, _alone - 1);
            Affected(plan).ForEach(change => Fail(change, exception));
        }
    }

    private Task BackOffAsync(StorageFailure failure)
    {
        if (failure == StorageFailure.Conflict && _failures == 1)
        {
            return Task.CompletedTask;
        }

        var longest = failure == StorageFailure.Conflict ? LongestWaitOnConflictMilliseconds : LongestWaitOnUnknownMilliseconds;
        var ceiling = Math.Min(longest, 10 << Math.Min(_failures, 6));
        return Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(ceiling / 2, ceiling)), time);
    }

    private async Task ReadDoubtsAsync(PartitionTransaction plan, Exception exception, StorageFailure failure)
    {
        try
        {
            if (failure == StorageFailure.Conflict)
            {
                _doubts.UnionWith(Doubted(plan, exception));
            }
            else if (plan.Missing.Count == 0 && !await store.IsSurelyUncommittedAsync(partition, plan))
            {
                _doubts.UnionWith(plan.Assumed);
            }

            await store.LoadAsync(partition, _doubts, _waiting);
        }
        catch (Exception e)
        {
            // The assumption will be tried again, fail again, and lead back here.
            ReadFailed(logger, e.Message);
        }
    }

    // A version that was stale says nothing of what was assumed. An assumption that was wrong is looked at, and if that happens again, all of them are.
    private HashSet<string> Doubted(PartitionTransaction plan, Exception exception)
    {
        var actions = plan.Actions;
        if (exception is not TableTransactionFailedException { FailedTransactionActionIndex: { } index } || index >= actions.Count)
        {
            return plan.Assumed;
        }

        var failed = actions[index].Entity.RowKey;
        return !plan.Assumed.Contains(failed) ? [] : _failures > 1 ? plan.Assumed : [failed];
    }

    private void GiveUpOverdue(PartitionTransaction plan, Exception exception, StorageFailure failure)
    {
        foreach (var change in Affected(plan))
        {
            change.Attempts++;
            if (IsOverdue(change) && (failure == StorageFailure.Unknown || change.Attempts >= LeastAttemptsOnConflict))
            {
                Fail(change, exception);
            }
        }

        // While storage is away, what queued behind the failed changes must not wait for its own attempts.
        if (failure == StorageFailure.Unknown)
        {
            partition.TakeOverdue(IsOverdue).ForEach(change => change.Fail(exception));
        }
    }

    // Reads that fail hold up everything that waits; a commit only what is in it.
    private List<PendingChange> Affected(PartitionTransaction plan) => plan.Changes.Count > 0 && plan.Missing.Count == 0 ? plan.Changes : [.. _waiting];

    private bool IsOverdue(PendingChange change) => time.GetElapsedTime(change.ArrivedAt) >= retryFor;

    private void Fail(PendingChange change, Exception reason)
    {
        _waiting.Remove(change);
        change.Fail(reason);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "A transaction of {Changes} changes is repeated after {Failure}: {Reason}")]
    private static partial void TransactionRepeated(ILogger logger, StorageFailure failure, int changes, string reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Rows could not be read: {Reason}")]
    private static partial void ReadFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Critical, Message = "Changes could not be put together")]
    private static partial void PlanFailed(ILogger logger, Exception exception);
}
