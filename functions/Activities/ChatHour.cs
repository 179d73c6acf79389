using System.Globalization;

namespace Parley.Activities;

/// <summary>The two kinds of chats whose messages are stored, as the API names them.</summary>
public enum ChatType
{
    C2C,
    Group,
}

/// <summary>An hour, as the API names it: <c>2023111421</c> is from 21:00 to 21:59 in UTC+8.</summary>
/// <param name="Number">Hours since 1970.</param>
/// <remarks>Source: API reference, openim §15.</remarks>
public readonly record struct ChatHour(long Number)
{
    private const string Format = "yyyyMMddHH";
    private const long Seconds = 3_600;

    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    /// <summary>Its first second, Unix.</summary>
    public long Start => Number * Seconds;

    /// <summary>The second after its last.</summary>
    public long End => Start + Seconds;

    /// <param name="time">Unix seconds.</param>
    public static ChatHour Of(long time) => new(time / Seconds);

    /// <summary>Null when the text names no hour.</summary>
    public static ChatHour? Parse(string text) =>
        DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? Of(new DateTimeOffset(local, Offset).ToUnixTimeSeconds())
            : null;

    public override string ToString() => DateTimeOffset.FromUnixTimeSeconds(Start).ToOffset(Offset).ToString(Format, CultureInfo.InvariantCulture);
}
