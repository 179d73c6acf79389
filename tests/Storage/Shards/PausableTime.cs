namespace Parley.Tests.Storage.Shards;

/// <summary>The clock of a machine that can be stopped for a while, and then knows nothing of that while.</summary>
internal sealed class PausableTime : TimeProvider
{
    private readonly Lock _gate = new();
    private long _lost;
    private long? _pausedAt;

    public void Pause()
    {
        lock (_gate)
        {
            _pausedAt ??= System.GetTimestamp();
        }
    }

    public void Resume()
    {
        lock (_gate)
        {
            _lost += _pausedAt is { } since ? System.GetTimestamp() - since : 0;
            _pausedAt = null;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return (_pausedAt ?? System.GetTimestamp()) - _lost;
        }
    }
}
