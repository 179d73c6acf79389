namespace Parley.Local.FunctionsHost;

/// <summary>Counts the handler's errors, and says when there were too many.</summary>
/// <remarks>
/// The rule of the real host: errors add up until 30 minutes pass without one; at the third it stops.
/// </remarks>
internal sealed class ErrorBudget(int? most, TimeProvider time)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private DateTimeOffset _last;

    /// <summary>Errors that still count.</summary>
    public int Count { get; private set; }

    /// <returns>False when the host must give up.</returns>
    public bool TrySpend()
    {
        var now = time.GetUtcNow();
        Count = now - _last > Forgotten ? 1 : Count + 1;
        _last = now;
        return most is null || Count < most;
    }

    /// <summary>Pause before the next start: doubles with every error.</summary>
    public TimeSpan Pause(TimeSpan first)
    {
        var doubled = first * Math.Pow(2, Math.Clamp(Count - 1, 0, 16));
        return doubled < LongestPause ? doubled : LongestPause;
    }
}
