namespace Parley.Bench.Fanout;

/// <summary>When whom of a group's connected members a message has reached. Members are numbered from 0.</summary>
internal sealed class FanoutSend(int listeners)
{
    // Timestamps of the stopwatch; 0 as long as it has not come.
    private readonly long[] _arrivals = new long[listeners];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _heard;
    private int _repeated;

    public Task WhenAllHeard => _all.Task;

    /// <summary>How many it has reached.</summary>
    public int Heard => Volatile.Read(ref _heard);

    /// <summary>How often it came to one that had it.</summary>
    public int Repeated => Volatile.Read(ref _repeated);

    /// <summary>When it came, in order.</summary>
    public IReadOnlyList<long> Arrivals => [.. _arrivals.Select((_, i) => Volatile.Read(ref _arrivals[i])).Where(at => at != 0).Order()];

    public void Note(int listener, long at)
    {
        if (Interlocked.CompareExchange(ref _arrivals[listener], at, 0) != 0)
        {
            Interlocked.Increment(ref _repeated);
        }
        else if (Interlocked.Increment(ref _heard) == _arrivals.Length)
        {
            _all.TrySetResult();
        }
    }
}
