using System.Globalization;
using NCrontab;

namespace Parley.Local.FunctionsHost;

/// <summary>When a timer runs: an NCRONTAB expression (6 fields, or 5 without seconds), or a fixed interval. Times are UTC.</summary>
internal sealed class TimerSchedule
{
    private static readonly TimeSpan OneMinute = TimeSpan.FromMinutes(1);

    private readonly CrontabSchedule? _cron;
    private readonly TimeSpan _interval;

    private TimerSchedule(CrontabSchedule? cron, TimeSpan interval)
    {
        _cron = cron;
        _interval = interval;
    }

    /// <summary>Sent to the handler; the real host says true for expressions and false for intervals.</summary>
    public bool AdjustForDst => _cron is not null;

    public static TimerSchedule? TryParse(string text)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        if (fields is 5 or 6)
        {
            var cron = CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 });
            return cron is null ? null : new TimerSchedule(cron, default);
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero
            ? new TimerSchedule(null, interval)
            : null;
    }

    /// <summary>The first occurrence after a moment.</summary>
    public DateTimeOffset Next(DateTimeOffset after) =>
        _cron is null ? after + _interval : new DateTimeOffset(_cron.GetNextOccurrence(after.UtcDateTime), TimeSpan.Zero);

    /// <summary>True when some of its next occurrences are less than a minute apart: such schedules are not monitored.</summary>
    public bool IsBelowOneMinute(DateTimeOffset now)
    {
        var last = Next(now);
        for (var i = 0; i < 5; i++)
        {
            var next = Next(last);
            if (next - last < OneMinute)
            {
                return true;
            }

            last = next;
        }

        return false;
    }
}
