using System.Globalization;

namespace Parley.Statistics;

/// <summary>Days as the statistics count them: they begin at midnight of UTC+8, as in the reference service, wherever the app runs.</summary>
public static class StatisticsDay
{
    private const string Format = "yyyyMMdd";

    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    public static DateOnly Of(DateTimeOffset time) => DateOnly.FromDateTime(time.ToOffset(Offset).DateTime);

    /// <summary>When the day is over.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, Offset);

    /// <summary>As the API writes it: YYYYMMDD.</summary>
    public static string ToText(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The day that a text begins with; null when it begins with none.</summary>
    public static DateOnly? Parse(string text) =>
        text.Length >= Format.Length && DateOnly.TryParseExact(text.AsSpan(0, Format.Length), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
}
