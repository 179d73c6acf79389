using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Takes care of streams whose account or group goes.</summary>
public sealed class CallbackStreams(TableStore tables, CallbackWakeups wakeups)
{
    /// <summary>Leaves a stream to itself: what waits is sent, then its rows go. Safe to repeat.</summary>
    public Task AbandonAsync(CallbackStream stream, CancellationToken cancellation) => tables.WriterOf(stream.Table).ApplyAsync(
        stream.PartitionKey,
        view =>
        {
            var isThere = CallbackProgress.Orphan(view);
            if (isThere)
            {
                view.AfterCommit(() => wakeups.Wake(stream));
            }

            return isThere;
        },
        cancellation);
}
