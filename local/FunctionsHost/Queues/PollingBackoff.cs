namespace Parley.Local.FunctionsHost;

/// <summary>Pauses between polls of an empty queue: exponential, each with a random share of ±20 %, at most the configured one.</summary>
internal sealed class PollingBackoff(TimeSpan longest)
{
    private int _empty;

    public void Reset() => _empty = 0;

    public TimeSpan Next()
    {
        var shortest = QueueSettings.MinPollingInterval;
        var random = 0.8 + (Random.Shared.NextDouble() * 0.4);
        var pause = shortest + (shortest * ((Math.Pow(2, _empty) - 1) * random));
        if (pause >= longest)
        {
            return longest;
        }

        _empty++;
        return pause;
    }
}
