using System.Text.RegularExpressions;
using Parley.Tests.Telemetry;

namespace Parley.Tests.Packaging;

/// <summary>What alerts, charts and the manual say of the app's metrics, against what the app emits.</summary>
public sealed partial class WatchedMetricsTests
{
    private static List<string> Alerts =>
        [.. Checkout.ReadJson("infra", "alerts.json").GetProperty("logs").EnumerateArray().Select(rule => rule.GetProperty("query").GetString()!)];

    private static List<string> Charts =>
    [
        .. Checkout.ReadJson("infra", "workbook.json").GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content"))
            .Where(content => content.TryGetProperty("query", out _)).Select(content => content.GetProperty("query").GetString()!),
    ];

    /// <summary>Each query of the manual begins at the start of a line and ends at an empty one, a comment or the next query.</summary>
    private static List<string> Explained =>
        [.. QueryBlock().Matches(Checkout.Read("docs", "operations", "observability.md")).SelectMany(block => QueryText().Matches(block.Value)).Select(query => query.Value)];

    [Fact]
    public void Every_instrument_can_be_heard() => Assert.All(EmittedMetrics.All, metric => Assert.True(metric.Value.IsHeard, metric.Key));

    [Fact]
    public void Every_metric_and_tag_that_an_alert_or_a_chart_asks_for_is_emitted()
    {
        var queries = Alerts.Concat(Charts).ToList();

        Assert.Contains(Alerts, query => new MetricQuery(query).Metrics.Count > 0);
        Assert.Contains(Charts, query => new MetricQuery(query).Metrics.Count > 0);
        Assert.Empty(queries.SelectMany(query => new MetricQuery(query).FindFaults()));
    }

    [Fact]
    public void Every_metric_and_tag_that_a_query_of_the_manual_asks_for_is_emitted()
    {
        Assert.Contains(Explained, query => new MetricQuery(query).Metrics.Count > 0);
        Assert.Empty(Explained.SelectMany(query => new MetricQuery(query).FindFaults()));
    }

    [Theory]
    [InlineData("customMetrics | where name == 'parley.message' | summarize sum(valueSum)")]
    [InlineData("customMetrics | where name == 'parley.messages' | summarize sum(valueSum) by tostring(customDimensions.outcome)")]
    [InlineData("customMetrics | where name == 'parley.messages' | summarize sum(valueSum) by tostring(customDimensions['account'])")]
    [InlineData("customMetrics | where name in ('parley.messages', 'parley.deadletter')")]
    [InlineData("customMetrics | where name == 'parley.messages' | summarize max(valueMax)")]
    [InlineData("customMetrics | summarize sum(valueSum)")]
    public void A_query_for_something_else_would_be_found(string query) => Assert.NotEmpty(new MetricQuery(query).FindFaults());

    [Fact]
    public void The_workbook_shows_every_metric_of_the_app() => Assert.Equal(
        EmittedMetrics.All.Keys.Order(StringComparer.Ordinal),
        Charts.SelectMany(query => new MetricQuery(query).Metrics).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void The_manual_has_every_metric_with_its_kind_and_its_tags()
    {
        var rows = MetricRow().Matches(Checkout.Read("docs", "operations", "observability.md"))
            .Select(row => (row.Groups["name"].Value, row.Groups["kind"].Value, string.Join(' ', Tag().Matches(row.Groups["tags"].Value).Select(tag => tag.Groups["tag"].Value).Order(StringComparer.Ordinal))));

        Assert.Equal(
            EmittedMetrics.All.Select(metric => (metric.Key, metric.Value.Kind.Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant(), string.Join(' ', metric.Value.Tags))).Order(),
            rows.Order());
    }

    [GeneratedRegex(@"^```kusto\n.*?^```", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex QueryBlock();

    [GeneratedRegex(@"^customMetrics .*(\n\| .*)*", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QueryText();

    [GeneratedRegex(@"^\| `(?<name>parley\.[a-z_.]+)` \| (?<kind>[a-z]+)[^|]*\| (?<tags>[^|]*)\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"`(?<tag>\w+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();
}
