using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>
/// Sends the callbacks of a stream, oldest first and one at a time: the next when the one before was answered or given up. An attempt is noted before it is made,
/// in the transaction that deletes what was sent before, so no crash makes more attempts than there may be. After a failure the stream rests, and a job that comes
/// later goes on.
/// </summary>
/// <remarks>
/// At least once: what was sent when the sender died is sent again, under the same id. While the receiver is left alone (<see cref="CallbackCircuits"/>) no
/// attempt is made or counted; what is older than allowed is given up. So neither a bad callback nor a dead receiver stops a stream for ever.
/// </remarks>
public sealed partial class CallbackDrain(
    TableStore tables, CallbackSender sender, CallbackLag lag, IWorkQueue queue, IOptions<CallbacksOptions> options, TimeProvider time, ILogger<CallbackDrain> logger)
{
    private const int RowsAtOnce = 16;

    /// <summary>Then the others have their turn; well within functionTimeout.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(45);

    /// <summary>Sends what waits.</summary>
    /// <param name="isRepeated">Whether the job was tried before: then what it had to do may have broken off.</param>
    public async Task RunAsync(CallbackStream stream, bool isRepeated, CancellationToken cancellation)
    {
        var lease = new CallbackLease(tables.WriterOf(stream.Table), stream, time);
        var began = time.GetTimestamp();
        while (true)
        {
            var (progress, rows) = await ReadAsync(stream, lease.Done, cancellation);
            if (!lease.IsHeld && await MustWaitAsync(stream, progress, isRepeated))
            {
                return;
            }

            var (isStopped, totals) = (false, sender.BeginBatch());
            for (var n = 0; n < rows.Count && !isStopped; n++)
            {
                var step = await SendAsync(stream, lease, rows[n], totals, isRepeated, cancellation);
                if (step == DrainStep.Stop)
                {
                    return;
                }

                isStopped = step == DrainStep.LookAgain;
            }

            if (time.GetElapsedTime(began) > Slice && lease.IsHeld)
            {
                await RestAsync(stream, lease, TimeSpan.Zero);
                return;
            }

            if (!isStopped && rows.Count < RowsAtOnce && (!lease.IsHeld || await lease.ReleaseAsync()))
            {
                await RemoveOrphanAsync(stream, progress);
                return;
            }
        }
    }

    // Counter and progress stand before the callbacks, so one query has all; of those that are done with at most one is still there.
    private async Task<(CallbackProgress Progress, List<TableEntity> Rows)> ReadAsync(CallbackStream stream, long done, CancellationToken cancellation)
    {
        var (partition, from, to) = (stream.PartitionKey, CallbackStream.CounterRow, CallbackStream.RowEnd);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        var (appended, progress, rows) = (0L, new CallbackProgress(), new List<TableEntity>());
        await foreach (var row in tables.ReaderOf(stream.Table).QueryAsync<TableEntity>(partition, filter, RowsAtOnce + 3, cancellationToken: cancellation))
        {
            if (row.RowKey == CallbackStream.CounterRow)
            {
                appended = row.GetInt64("LastSeq") ?? 0;
            }
            else if (row.RowKey == CallbackStream.ProgressRow)
            {
                progress = CallbackProgress.FromRow(row);
            }
            else if (CallbackStream.NumberOf(row.RowKey) > done)
            {
                rows.Add(row);
            }

            if (rows.Count == RowsAtOnce)
            {
                break;
            }
        }

        NoteLag(rows, appended);
        return (progress, rows);
    }

    // Rows may have come after the counter was read.
    private void NoteLag(List<TableEntity> rows, long appended)
    {
        if (rows.Count > 0)
        {
            var (app, oldest) = StoredCallback.EventOf(rows[0]);
            lag.Note(app, oldest, Math.Max(rows.Count, appended - CallbackStream.NumberOf(rows[0].RowKey) + 1));
        }
    }

    // The job that brings the stream back after its rest was queued when it was laid to rest; only a repeated job may have failed in doing so.
    private async Task<bool> MustWaitAsync(CallbackStream stream, CallbackProgress progress, bool isRepeated)
    {
        var now = time.GetUtcNow();
        if (progress.RetryAt is not { } retryAt || retryAt <= now)
        {
            return false;
        }

        if (isRepeated)
        {
            await queue.EnqueueAsync(CallbackJob.Of(stream, retryAt - now), CancellationToken.None);
        }

        return true;
    }

    private async Task<DrainStep> SendAsync(
        CallbackStream stream, CallbackLease lease, TableEntity row, UnreadTotals totals, bool isRepeated, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var (number, callback) = (CallbackStream.NumberOf(row.RowKey), StoredCallback.FromRow(row));
        var (app, reason) = await sender.FindReceiverAsync(callback, cancellation);
        CircuitPass? pass = null;
        if (app is not null && (pass = sender.TryEnter(app, out var wait)) is null)
        {
            await RestAsync(stream, lease, wait * (1 + (Random.Shared.NextDouble() / 2)));
            return DrainStep.Stop;
        }

        using (pass)
        {
            var begun = await lease.BeginAsync(number, isAttempt: app is not null);
            if (begun.State != BegunCallbackState.Begun)
            {
                return await GoWithoutAsync(stream, begun.State, isRepeated);
            }

            if (app is not null)
            {
                if (!lease.HasTimeFor(sender.Timeout))
                {
                    return DrainStep.LookAgain;
                }

                reason = await sender.TrySendAsync(app, pass!, callback, begun.Attempt, totals, cancellation);
                if (reason is not null && begun.Attempt < sender.MaxAttempts(app))
                {
                    SendFailed(logger, callback.Command, callback.SdkAppId, begun.Attempt, reason);
                    await RestAsync(stream, lease, WaitAfter(begun.Attempt));
                    return DrainStep.Stop;
                }
            }

            if (reason is not null)
            {
                await sender.GiveUpAsync(stream, callback, app is null ? begun.Attempt : Math.Min(begun.Attempt, sender.MaxAttempts(app)), reason, cancellation);
            }

            lease.Complete(number);
            return DrainStep.Next;
        }
    }

    private async Task<DrainStep> GoWithoutAsync(CallbackStream stream, BegunCallbackState state, bool isRepeated)
    {
        if (state == BegunCallbackState.Busy && isRepeated)
        {
            // Whoever holds it may be the dead one whose job this is.
            await queue.EnqueueAsync(CallbackJob.Of(stream, CallbackProgress.Lease), CancellationToken.None);
        }

        return state == BegunCallbackState.Gone ? DrainStep.LookAgain : DrainStep.Stop;
    }

    private async Task RestAsync(CallbackStream stream, CallbackLease lease, TimeSpan wait)
    {
        if (await lease.SetAsideAsync(time.GetUtcNow() + wait))
        {
            await queue.EnqueueAsync(CallbackJob.Of(stream, wait > TimeSpan.Zero ? wait : null), CancellationToken.None);
        }
    }

    // Doubled with each attempt, give or take a fifth, so that streams that failed together do not come back together.
    private TimeSpan WaitAfter(int attempt)
    {
        var milliseconds = Math.Min(options.Value.FirstRetryMilliseconds * Math.Pow(2, attempt - 1), options.Value.LongestRetrySeconds * 1000.0);
        return TimeSpan.FromMilliseconds(milliseconds * (0.8 + (Random.Shared.NextDouble() * 0.4)));
    }

    private Task RemoveOrphanAsync(CallbackStream stream, CallbackProgress progress) => progress.IsOrphan
        ? tables.WriterOf(stream.Table).ApplyAsync(stream.PartitionKey, CallbackProgress.RemoveOrphan, CancellationToken.None)
        : Task.CompletedTask;

    private enum DrainStep
    {
        Next,
        LookAgain,
        Stop,
    }

    [LoggerMessage(EventId = 8120, Level = LogLevel.Warning, Message = "Callback {Command} of app {SdkAppId} failed, attempt {Attempt}: {Reason}")]
    private static partial void SendFailed(ILogger logger, string command, uint sdkAppId, int attempt, string reason);
}
