using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>One sender's hold on a stream; see <see cref="CallbackProgress"/>.</summary>
internal sealed class CallbackLease(PartitionWriter writer, CallbackStream stream, TimeProvider time)
{
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private int _moves;
    private long _sent;
    private DateTimeOffset _until;

    /// <summary>The last callback that is done with, sent or given up; 0 for none.</summary>
    public long Done { get; private set; }

    /// <summary>Whether the stream was taken.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Takes the stream, if it is free, and notes an attempt of its oldest callback before it is made.</summary>
    /// <param name="isAttempt">False where it is given up without another attempt.</param>
    public async Task<BegunCallback> BeginAsync(long number, bool isAttempt)
    {
        var (move, sent) = (Move(), _sent);
        var begun = await ApplyAsync(view => CallbackProgress.Begin(view, move, number, sent, isAttempt));
        IsHeld = begun.State == BegunCallbackState.Begun;
        _until = move.Now + CallbackProgress.Lease;
        _sent = 0;
        return begun;
    }

    /// <summary>Whether there is time left for a call that may take so long; a computer that had slept has none, and another may have taken the stream.</summary>
    public bool HasTimeFor(TimeSpan call) => time.GetUtcNow() + call < _until;

    /// <summary>The callback that was begun is done with; its row goes with the next change.</summary>
    public void Complete(long number) => (Done, _sent) = (number, number);

    /// <summary>Lets the stream go.</summary>
    /// <returns>False when there may be more, and the stream stays taken.</returns>
    public async Task<bool> ReleaseAsync()
    {
        var (move, sent) = (Move(), _sent);
        var isReleased = await ApplyAsync(view => CallbackProgress.Release(view, move, sent));
        IsHeld = !isReleased;
        _sent = 0;
        return isReleased;
    }

    /// <summary>Lets the stream rest until a time.</summary>
    /// <returns>False when another has taken it.</returns>
    public async Task<bool> SetAsideAsync(DateTimeOffset retryAt)
    {
        var (move, sent) = (Move(), _sent);
        IsHeld = false;
        return await ApplyAsync(view => CallbackProgress.SetAside(view, move, sent, retryAt));
    }

    // Not cancelled half-way: what was noted must be known here.
    private Task<T> ApplyAsync<T>(Func<PartitionView, T> change) => writer.ApplyAsync(stream.PartitionKey, change, CancellationToken.None);

    private CallbackProgress.Move Move() => new(_holder, FormattableString.Invariant($"{_holder}:{++_moves}"), time.GetUtcNow());
}
