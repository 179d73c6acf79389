namespace Parley.Tests.Support;

/// <summary>A clock that goes wrong by a fixed time; timers run as they should.</summary>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
}
