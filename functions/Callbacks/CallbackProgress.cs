using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>How far the callbacks of a stream were sent, and who is sending them: row <c>w!</c>. All changes of it are here, pure functions of the partition.</summary>
public sealed record CallbackProgress
{
    /// <summary>A sender that was not heard of for so long has died; far longer than one call takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Who sends; null for nobody.</summary>
    public string? Holder { get; init; }

    /// <summary>Until when nobody else may.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Number of the callback that is being sent or was sent last.</summary>
    public long Current { get; init; }

    /// <summary>How often it may have been sent.</summary>
    public int Attempts { get; init; }

    /// <summary>Not before then again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>A job came while somebody was sending, who must look again before it stops.</summary>
    public bool IsWoken { get; init; }

    /// <summary>What the partition was for is gone: these rows go too when all is sent.</summary>
    public bool IsOrphan { get; init; }

    /// <summary>Names the change that wrote the row, by which its own replay is recognised.</summary>
    public string Stamp { get; init; } = "";

    public static CallbackProgress FromRow(TableEntity? row) => row is null ? new CallbackProgress() : new CallbackProgress
    {
        Holder = row.GetString(nameof(Holder)),
        Until = row.GetDateTimeOffset(nameof(Until)),
        Current = row.GetInt64(nameof(Current)) ?? 0,
        Attempts = row.GetInt32(nameof(Attempts)) ?? 0,
        RetryAt = row.GetDateTimeOffset(nameof(RetryAt)),
        IsWoken = row.GetBoolean(nameof(IsWoken)) ?? false,
        IsOrphan = row.GetBoolean(nameof(IsOrphan)) ?? false,
        Stamp = row.GetString(nameof(Stamp)) ?? "",
    };

    /// <summary>Notes that a callback is about to be sent, takes the stream for that, and deletes the one that was sent before.</summary>
    /// <param name="number">The oldest callback of the stream.</param>
    /// <param name="sent">The one that the same holder has sent just now; 0 for none.</param>
    /// <param name="isAttempt">False where it is given up without another attempt.</param>
    public static BegunCallback Begin(PartitionView view, Move move, long number, long sent, bool isAttempt)
    {
        var progress = Read(view);
        if (progress.Stamp == move.Stamp)
        {
            return new BegunCallback(BegunCallbackState.Begun, progress.Attempts);
        }

        if (progress.IsHeldByOther(move))
        {
            if (!progress.IsWoken)
            {
                view.Put((progress with { IsWoken = true }).ToRow());
            }

            return new BegunCallback(BegunCallbackState.Busy, 0);
        }

        if (progress.Holder != move.Holder)
        {
            if (progress.RetryAt > move.Now)
            {
                return new BegunCallback(BegunCallbackState.Waiting, 0);
            }

            // What was read before the stream was taken may have been sent by another meanwhile.
            if (!view.ExistsLikely(CallbackStream.RowKey(number)))
            {
                return new BegunCallback(BegunCallbackState.Gone, 0);
            }
        }

        var attempts = (progress.Current == number ? progress.Attempts : 0) + (isAttempt ? 1 : 0);
        view.Put((progress with { Holder = move.Holder, Until = move.Now + Lease, Current = number, Attempts = attempts, RetryAt = null, Stamp = move.Stamp }).ToRow());
        DeleteSent(view, sent);
        return new BegunCallback(BegunCallbackState.Begun, attempts);
    }

    /// <summary>Lets the stream go, unless a job came meanwhile.</summary>
    /// <returns>False when there may be more, and the stream stays taken.</returns>
    public static bool Release(PartitionView view, Move move, long sent)
    {
        var progress = Read(view);
        if (progress.Stamp == move.Stamp || progress.Holder != move.Holder)
        {
            return progress.Holder != move.Holder;
        }

        var isOver = !progress.IsWoken;
        view.Put((progress with { Holder = isOver ? null : move.Holder, Until = isOver ? null : move.Now + Lease, IsWoken = false, Stamp = move.Stamp }).ToRow());
        DeleteSent(view, sent);
        return isOver;
    }

    /// <summary>Lets the stream rest until a time.</summary>
    /// <returns>False when another has taken it.</returns>
    public static bool SetAside(PartitionView view, Move move, long sent, DateTimeOffset retryAt)
    {
        var progress = Read(view);
        if (progress.Stamp == move.Stamp || progress.IsHeldByOther(move))
        {
            return progress.Stamp == move.Stamp;
        }

        view.Put((progress with { Holder = null, Until = null, RetryAt = retryAt, IsWoken = false, Stamp = move.Stamp }).ToRow());
        DeleteSent(view, sent);
        return true;
    }

    /// <summary>Notes that what the partition was for is gone.</summary>
    /// <returns>Whether there is anything left of a stream.</returns>
    public static bool Orphan(PartitionView view)
    {
        var (counter, progress) = (view.Get(CallbackStream.CounterRow), view.Get(CallbackStream.ProgressRow));
        if (counter is null && progress is null)
        {
            return false;
        }

        view.Put((FromRow(progress) with { IsOrphan = true }).ToRow());
        return true;
    }

    /// <summary>Takes away what is left of a stream without owner, when all is sent.</summary>
    public static bool RemoveOrphan(PartitionView view)
    {
        var (counter, row) = (view.Get(CallbackStream.CounterRow), view.Get(CallbackStream.ProgressRow));
        var progress = FromRow(row);
        if (row is null || !progress.IsOrphan || progress.Holder is not null || counter?.GetInt64("LastSeq") > progress.Current)
        {
            return false;
        }

        view.Delete(CallbackStream.ProgressRow);
        if (counter is not null)
        {
            view.Delete(CallbackStream.CounterRow);
        }

        return true;
    }

    private static CallbackProgress Read(PartitionView view) => FromRow(view.Get(CallbackStream.ProgressRow));

    private static void DeleteSent(PartitionView view, long sent)
    {
        if (sent > 0)
        {
            view.DeleteLikely(CallbackStream.RowKey(sent));
        }
    }

    private bool IsHeldByOther(Move move) => Holder is not null && Holder != move.Holder && Until > move.Now;

    private TableEntity ToRow()
    {
        var row = new TableEntity
        {
            RowKey = CallbackStream.ProgressRow,
            [nameof(Current)] = Current,
            [nameof(Attempts)] = Attempts,
            [nameof(IsWoken)] = IsWoken,
            [nameof(IsOrphan)] = IsOrphan,
            [nameof(Stamp)] = Stamp,
        };
        row.SetOrOmit(nameof(Holder), Holder);
        row.SetOrOmit(nameof(Until), Until);
        row.SetOrOmit(nameof(RetryAt), RetryAt);
        return row;
    }

    /// <summary>A change of the progress.</summary>
    /// <param name="Stamp">Of this change alone.</param>
    public readonly record struct Move(string Holder, string Stamp, DateTimeOffset Now);
}

/// <summary>Whether a callback may be sent now.</summary>
public enum BegunCallbackState
{
    Begun,

    /// <summary>Another is sending, and will look again.</summary>
    Busy,

    /// <summary>The stream rests after a failure.</summary>
    Waiting,

    /// <summary>Another has sent it.</summary>
    Gone,
}

/// <param name="Attempt">Which attempt it is, from 1.</param>
public readonly record struct BegunCallback(BegunCallbackState State, int Attempt);
