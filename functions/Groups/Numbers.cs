using System.Globalization;

namespace Parley.Groups;

/// <summary>A few numbers in one column: <c>3,17,21</c>.</summary>
internal static class Numbers
{
    public static IReadOnlyList<long> Parse(string? text) =>
        string.IsNullOrEmpty(text) ? [] : [.. text.Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    public static string Format(IReadOnlyList<long> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
