using System.Globalization;
using System.Text.Json.Nodes;

namespace Parley.Bench.Reporting;

/// <summary>Measured values in ascending order; percentiles are values that were measured (nearest rank), never interpolated.</summary>
internal sealed class Distribution
{
    private readonly List<double> _values;

    public Distribution(IEnumerable<double> values)
    {
        _values = [.. values];
        _values.Sort();
    }

    public int Count => _values.Count;

    public double Min => Percentile(0);

    public double Median => Percentile(50);

    public double Max => Percentile(100);

    /// <returns>Not a number when nothing was measured.</returns>
    public double Percentile(int percent) =>
        _values.Count == 0 ? double.NaN : _values[Math.Clamp((int)Math.Ceiling(_values.Count * percent / 100.0) - 1, 0, _values.Count - 1)];

    public JsonObject ToJson() => _values.Count == 0
        ? new JsonObject { ["count"] = 0 }
        : new JsonObject
        {
            ["count"] = Count,
            ["min"] = Round(Min),
            ["p50"] = Round(Median),
            ["p90"] = Round(Percentile(90)),
            ["p99"] = Round(Percentile(99)),
            ["max"] = Round(Max),
        };

    public static string Text(double value, int decimals = 0) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    private static double Round(double value) => Math.Round(value, 2);
}
