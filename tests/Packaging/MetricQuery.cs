using System.Text.RegularExpressions;
using Parley.Tests.Telemetry;

namespace Parley.Tests.Packaging;

/// <summary>A query of Kusto, as far as it asks for the app's metrics.</summary>
internal sealed partial class MetricQuery(string text)
{
    public IReadOnlyList<string> Metrics { get; } = [.. QuotedMetric().Matches(text).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal)];

    private IEnumerable<string> Tags => Dimension().Matches(text).Select(match => match.Groups["tag"].Value);

    /// <summary>What in it the app does not emit.</summary>
    public IEnumerable<string> FindFaults()
    {
        if (!text.StartsWith("customMetrics", StringComparison.Ordinal))
        {
            return [];
        }

        if (Metrics.Count == 0)
        {
            return [$"names no metric: {text}"];
        }

        var unknown = Metrics.Where(name => !EmittedMetrics.All.ContainsKey(name)).Select(name => $"no metric {name}: {text}");
        return unknown.Concat(
            from name in Metrics
            where EmittedMetrics.All.ContainsKey(name)
            let metric = EmittedMetrics.All[name]
            from fault in Tags.Where(tag => !metric.Tags.Contains(tag)).Select(tag => $"no tag {tag} at {name}")
                .Concat(metric.Kind != "Histogram" && Distribution().IsMatch(text) ? [$"{name} is a {metric.Kind} and has no distribution"] : [])
            select $"{fault}: {text}");
    }

    [GeneratedRegex(@"['""](?<name>parley\.[a-z_.]+)['""]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedMetric();

    [GeneratedRegex(@"customDimensions(\.|\[['""])(?<tag>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Dimension();

    // Columns that mean something only for values of which several are summed up in one row.
    [GeneratedRegex(@"\bvalue(Max|Min|StdDev)\b|sum\(valueCount\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Distribution();
}
