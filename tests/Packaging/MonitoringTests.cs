using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Tests.Support;

namespace Parley.Tests.Packaging;

/// <summary>Charts and alerts, as far as they can be seen without Azure.</summary>
public sealed partial class MonitoringTests
{
    public static TheoryData<string> Deployments => [.. DeploymentSnapshot.Names];

    [Fact]
    public async Task Every_query_is_one_that_the_service_understands()
    {
        var queries = WorkbookItems("large").Select(item => item.GetProperty("content")).Where(content => content.TryGetProperty("query", out _))
            .Select(content => content.GetProperty("query").GetString()!)
            .Concat(DeploymentSnapshot.Read("large").ResourcesOf("Microsoft.Insights/scheduledQueryRules").Select(QueryOf))
            .Select(query => query.Replace("{TimeRange:grain}", "5m", StringComparison.Ordinal)).ToList();

        var (exitCode, output) = await CheckAsync(queries);

        Assert.True(queries.Count > 10, $"{queries.Count} queries were found.");
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [InlineData("requests | summarise count()")]
    [InlineData("requests | where nme == 'x'")]
    [InlineData("customMetrics | summarize Value = sum(name)")]
    public async Task A_wrong_query_would_be_found(string query)
    {
        var (exitCode, output) = await CheckAsync([query]);

        Assert.Equal(1, exitCode);
        Assert.Contains(query, output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Deployments))]
    public void The_workbook_names_the_resources_of_its_deployment(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var ids = snapshot.Resources.Select(resource => resource.GetProperty("id").GetString()!).ToHashSet(StringComparer.Ordinal);

        var named = WorkbookItems(deployment).Select(item => item.GetProperty("content")).SelectMany(content =>
            new[] { "resourceIds", "crossComponentResources" }.Where(property => content.TryGetProperty(property, out _))
                .SelectMany(property => content.GetProperty(property).EnumerateArray().Select(id => id.GetString()!))).Distinct(StringComparer.Ordinal).ToList();

        Assert.All(named, id => Assert.Contains(id, ids));
        Assert.Equal(snapshot.StorageAccounts.Count + 2, named.Count);
    }

    [Theory, MemberData(nameof(Deployments))]
    public void What_can_go_wrong_raises_an_alert(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var names = Rules(snapshot).Select(rule => AlertName().Replace(rule.GetProperty("name").GetString()!, "")).ToList();

        string[] everywhere = ["dead-letters", "http-5xx", "poison-messages", "queue-age", "queue-length", "signalr-connections", "signalr-system-errors", "signalr-user-errors"];
        Assert.Superset(everywhere.ToHashSet(StringComparer.Ordinal), names.ToHashSet(StringComparer.Ordinal));
        Assert.Equal(snapshot.UsesServiceBus, names.Contains("queue-dead-letters", StringComparer.Ordinal));
        Assert.All(
            Enumerable.Range(0, snapshot.StorageAccounts.Count).SelectMany(i => new[] { $"storage-throttling-{i}", $"storage-latency-{i}" }), name => Assert.Contains(name, names));
        Assert.Equal(names.Distinct(StringComparer.Ordinal).Count(), names.Count);
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Every_rule_watches_something_that_is_there(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var ids = snapshot.Resources.Select(resource => resource.GetProperty("id").GetString()!).ToHashSet(StringComparer.Ordinal);

        Assert.All(
            Rules(snapshot).SelectMany(rule => rule.GetProperty("properties").GetProperty("scopes").EnumerateArray()), scope => Assert.Contains(scope.GetString()!, ids));
    }

    [Fact]
    public void A_message_is_sent_only_where_an_address_is_given()
    {
        var (silent, loud) = (DeploymentSnapshot.Read("large"), DeploymentSnapshot.Read("everything"));
        var group = loud.Only("Microsoft.Insights/actionGroups");

        Assert.Empty(silent.ResourcesOf("Microsoft.Insights/actionGroups"));
        Assert.All(Rules(silent), rule => Assert.DoesNotContain("actionGroups/", rule.GetProperty("properties").GetProperty("actions").GetRawText(), StringComparison.Ordinal));
        Assert.Equal("operators@example.com", group.GetProperty("properties").GetProperty("emailReceivers")[0].GetProperty("emailAddress").GetString());
        Assert.All(Rules(loud), rule => Assert.Contains(group.GetProperty("id").GetString()!, rule.GetProperty("properties").GetProperty("actions").GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_availability_test_calls_the_health_endpoint_of_the_app()
    {
        var snapshot = DeploymentSnapshot.Read("everything");
        var site = snapshot.Only("Microsoft.Web/sites").GetProperty("name").GetString();

        Assert.Equal(
            $"https://{site}.azurewebsites.net/health", snapshot.Properties("Microsoft.Insights/webtests").GetProperty("Request").GetProperty("RequestUrl").GetString());
        Assert.Empty(DeploymentSnapshot.Read("large").ResourcesOf("Microsoft.Insights/webtests"));
    }

    private static List<JsonElement> Rules(DeploymentSnapshot snapshot) =>
        [.. snapshot.ResourcesOf("Microsoft.Insights/metricAlerts"), .. snapshot.ResourcesOf("Microsoft.Insights/scheduledQueryRules")];

    private static string QueryOf(JsonElement rule) =>
        rule.GetProperty("properties").GetProperty("criteria").GetProperty("allOf")[0].GetProperty("query").GetString()!;

    private static List<JsonElement> WorkbookItems(string deployment) =>
    [
        .. JsonElement.Parse(DeploymentSnapshot.Read(deployment).Properties("Microsoft.Insights/workbooks").GetProperty("serializedData").GetString()!)
            .GetProperty("items").EnumerateArray(),
    ];

    private static async Task<(int ExitCode, string Output)> CheckAsync(IReadOnlyList<string> queries)
    {
        var folder = Checkout.PathOf("tests", "Packaging", "js");
        await NodePackages.InstallAsync(folder);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(queries));
            return await NodePackages.RunAsync(folder, "node", ["check-queries.cjs", file]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^parley-[a-z0-9]{13}-", RegexOptions.None, 1000)]
    private static partial Regex AlertName();
}
