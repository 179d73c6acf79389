using Parley.Statistics;
using Parley.Telemetry;

namespace Parley.Callbacks;

/// <summary>Tells operators how callbacks go: the app's statistics, and the meter.</summary>
public sealed class CallbackRecord(DailyStatistics statistics, ParleyMetrics metrics)
{
    /// <summary>A request was made.</summary>
    public void Sent(uint app, CallbackCommand command)
    {
        statistics.CallbackSent(app);
        statistics.CountCallback(app, command.Name, CallbackCount.Sent);
    }

    /// <summary>A callback has ended, or was not even sent.</summary>
    /// <param name="duration">Of the request; null where there was none.</param>
    public void Ended(uint app, CallbackCommand command, CallbackOutcome outcome, TimeSpan? duration = null)
    {
        var ended = Enum.Parse<CallbackCount>(outcome.ToString());
        if (outcome == CallbackOutcome.Answered)
        {
            statistics.CallbackAnswered(app);
        }

        statistics.CountCallback(app, command.Name, ended, duration);
        metrics.CallbackEnded(command.Name, ended.ToString());
        if (duration is { } took)
        {
            metrics.CallbackTimed(command.Name, took);
        }
    }

    /// <summary>An answer was no.</summary>
    public void Refused(uint app, CallbackCommand command) => Note(app, command.Name, CallbackCount.Refused);

    /// <summary>A callback was put among the dead.</summary>
    public void GivenUp(uint app, string command)
    {
        Note(app, command, CallbackCount.GivenUp);
        metrics.JobGivenUp("callback");
    }

    private void Note(uint app, string command, CallbackCount count)
    {
        statistics.CountCallback(app, command, count);
        metrics.CallbackEnded(command, count.ToString());
    }
}
