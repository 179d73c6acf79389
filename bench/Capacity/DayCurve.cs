namespace Parley.Bench.Capacity;

/// <summary>How the load of a day is spread over its hours, in one time zone: quiet at night, busy in the evening. Our own sketch of a common pattern.</summary>
internal static class DayCurve
{
    private static readonly double[] Hours =
    [
        0.35, 0.20, 0.12, 0.10, 0.10, 0.15, 0.35, 0.70, 1.00, 1.15, 1.20, 1.25, 1.35, 1.20, 1.10, 1.10, 1.15, 1.30, 1.55, 1.80, 2.00, 1.90, 1.45, 0.80,
    ];

    private static readonly double Mean = Hours.Average();

    /// <summary>The busiest minute, as a multiple of the day's mean.</summary>
    public static double Peak { get; } = Enumerable.Range(0, 1440).Max(At);

    /// <summary>The load of a minute of the day, as a multiple of the mean; straight lines between the hours.</summary>
    public static double At(int minute)
    {
        var (hour, part) = (minute / 60, minute % 60 / 60.0);
        return ((Hours[hour] * (1 - part)) + (Hours[(hour + 1) % 24] * part)) / Mean;
    }
}
