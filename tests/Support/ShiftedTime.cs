namespace Parley.Tests.Support;

/// <summary>The system's clock, some time before or after, that can be put forward; timers run as they do, so that what waits is not stuck.</summary>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    private TimeSpan _shift = shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_shift.TotalSeconds * TimestampFrequency);

    public void Advance(TimeSpan span) => _shift += span;
}
