using System.Collections.Concurrent;
using Parley.Telemetry;

namespace Parley.Callbacks;

/// <summary>Tells operators how long callbacks wait, and how many: of each stream whenever a job looks at it, from what is read for sending anyway.</summary>
/// <remarks>
/// A stream in which callbacks wait is looked at every twelve minutes at the latest, whatever its receiver does (<see cref="CallbacksOptions.LongestRetrySeconds"/>, the circuit, the sweep); so the greatest
/// values of a quarter of an hour are those of all streams. How many wait in all streams together nobody knows: their rows lie in as many partitions.
/// </remarks>
public sealed partial class CallbackLag(ParleyMetrics metrics, TimeProvider time, ILogger<CallbackLag> logger)
{
    /// <summary>From then on the log says which app it is.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<uint, (long At, TimeSpan Age)> _told = new();

    /// <param name="oldest">When the event of the stream's oldest callback happened.</param>
    /// <param name="waiting">How many wait in the stream.</param>
    public void Note(uint app, DateTimeOffset oldest, long waiting)
    {
        var age = time.GetUtcNow() - oldest;
        metrics.CallbacksFoundWaiting(age, waiting);
        if (age >= Late && IsNew(app, age))
        {
            Lagging(logger, app, (long)age.TotalSeconds, waiting);
        }
    }

    // Many streams of an app lag at the same time: one entry a minute, and another for what is worse by half.
    private bool IsNew(uint app, TimeSpan age)
    {
        if (_told.TryGetValue(app, out var last) && time.GetElapsedTime(last.At) < Pause && age < last.Age * 1.5)
        {
            return false;
        }

        _told[app] = (time.GetTimestamp(), age);
        return true;
    }

    [LoggerMessage(EventId = 8122, Level = LogLevel.Warning, Message = "Callbacks of app {SdkAppId} lag: in one account or group the oldest has waited for {Seconds} s, and {Waiting} wait")]
    private static partial void Lagging(ILogger logger, uint sdkAppId, long seconds, long waiting);
}
