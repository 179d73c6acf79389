namespace Parley.Statistics;

/// <summary>What is known of an app: the figures of the days that are kept, and how many accounts and groups it had before them.</summary>
public sealed record AppStatistics(IReadOnlyDictionary<DateOnly, DayFigures> Days, long AccountsBefore, long GroupsBefore)
{
    private static readonly DayFigures Nothing = new();

    public DayFigures Of(DateOnly day) => Days.GetValueOrDefault(day, Nothing);

    /// <summary>How many accounts the app had at the end of a day.</summary>
    public long AccountsAt(DateOnly day) => TotalAt(day, AccountsBefore, Figure.AccountsImported, Figure.AccountsDeleted);

    /// <summary>How many groups the app had at the end of a day.</summary>
    public long GroupsAt(DateOnly day) => TotalAt(day, GroupsBefore, Figure.GroupsCreated, Figure.GroupsDismissed);

    /// <summary>How many connections are open, as far as they were opened within the last days.</summary>
    public long OnlineAt(DateOnly today) => Online(Days, today);

    /// <inheritdoc cref="OnlineAt"/>
    public static long Online(IReadOnlyDictionary<DateOnly, DayFigures> days, DateOnly today) => Math.Max(0, Enumerable
        .Range(0, DayFigures.OnlineDays)
        .Sum(ago => days.GetValueOrDefault(today.AddDays(-ago), Nothing).Online(DayFigures.OnlineDays - 1 - ago)));

    // What a killed instance did not write down may be missing on either side.
    private long TotalAt(DateOnly day, long before, Figure more, Figure less) =>
        Math.Max(0, before + Days.Where(other => other.Key <= day).Sum(other => other.Value[more] - other.Value[less]));
}
