using System.Globalization;

namespace Parley.Groups;

/// <summary>A few numbers in one column: <c>3,17,21</c>.</summary>
internal static class Numbers
{
    public static IReadOnlyList<long> Parse(string? text) =>
        string.IsNullOrEmpty(text) ? [] : [.. text.Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    public static string Format(IReadOnlyList<long> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Reads what <see cref="FormatGaps"/> has written.</summary>
    public static IReadOnlyList<long> ParseGaps(string? text)
    {
        var numbers = Parse(text).ToArray();
        for (var i = 1; i < numbers.Length; i++)
        {
            numbers[i] += numbers[i - 1];
        }

        return numbers;
    }

    /// <summary>Many numbers in ascending order, each but the first as its distance from the one before.</summary>
    public static string FormatGaps(IReadOnlyList<long> numbers) => Format([.. numbers.Select((number, i) => i == 0 ? number : number - numbers[i - 1])]);
}
