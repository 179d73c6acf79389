namespace Parley.Health;

/// <summary>Whether a service can be reached, as found out at most once in a while: those who ask meanwhile share the answer, or the question that is under way.</summary>
/// <param name="ask">Asks the service; throws when it cannot be reached.</param>
/// <param name="interval">How long it counts that the service was reached; as long as that it was not, if not given.</param>
public sealed class ServiceCheck(Func<CancellationToken, Task> ask, TimeProvider time, TimeSpan? interval = null)
{
    /// <summary>How long it counts that a service was not reached.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<ServiceState>? _latest;
    private long _asked;

    // Of the latest answer; set before that is complete.
    private TimeSpan _lifeTime;

    /// <summary>What is known; never throws.</summary>
    public Task<ServiceState> FindAsync()
    {
        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_asked) >= _lifeTime))
            {
                _asked = time.GetTimestamp();
                _latest = AskAsync(_asked);
            }

            return _latest;
        }
    }

    private async Task<ServiceState> AskAsync(long at)
    {
        // Not under the lock, and not for the caller alone.
        await Task.Yield();
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await ask(patience.Token).WaitAsync(patience.Token);
            _lifeTime = interval ?? Interval;
            return new ServiceState(true, at);
        }
        catch
        {
            _lifeTime = Interval;
            return new ServiceState(false, at);
        }
    }
}

/// <summary>What was found out about a service.</summary>
/// <param name="At">When it was asked: a <see cref="TimeProvider.GetTimestamp"/>.</param>
public readonly record struct ServiceState(bool IsReachable, long At);
