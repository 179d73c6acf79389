using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>Each value of a size arrives at the resource that it is meant for.</summary>
public sealed class SizeTests
{
    public static TheoryData<string> Sizes => ["dev", "small", "large"];

    [Theory, MemberData(nameof(Sizes))]
    public void The_function_app_is_as_large_as_its_size_says(string name)
    {
        var (size, snapshot) = (Size(name), DeploymentSnapshot.Read(name));

        var scale = snapshot.Properties("Microsoft.Web/sites").GetProperty("functionAppConfig").GetProperty("scaleAndConcurrency");

        Assert.Equal("FC1", snapshot.Only("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal(size.GetProperty("zoneRedundant").GetBoolean(), snapshot.Properties("Microsoft.Web/serverfarms").GetProperty("zoneRedundant").GetBoolean());
        AssertSame(size, "instanceMemoryMB", scale.GetProperty("instanceMemoryMB"));
        AssertSame(size, "maximumInstanceCount", scale.GetProperty("maximumInstanceCount"));
        AssertSame(size, "httpConcurrency", scale.GetProperty("triggers").GetProperty("http").GetProperty("perInstanceConcurrency"));
        Assert.Equal(
            size.GetProperty("alwaysReadyInstances").GetInt32(),
            scale.GetProperty("alwaysReady").EnumerateArray().Where(group => group.GetProperty("name").ValueEquals("http")).Sum(group => group.GetProperty("instanceCount").GetInt32()));
    }

    [Theory, MemberData(nameof(Sizes))]
    public void SignalR_has_its_tier_and_units_and_scales_where_it_can(string name)
    {
        var (size, snapshot) = (Size(name), DeploymentSnapshot.Read(name));

        var sku = snapshot.Only("Microsoft.SignalRService/signalR").GetProperty("sku");

        AssertSame(size, "signalRSku", sku.GetProperty("name"));
        AssertSame(size, "signalRUnits", sku.GetProperty("capacity"));
        var capacities = snapshot.ResourcesOf("Microsoft.Insights/autoscalesettings")
            .Select(setting => setting.GetProperty("properties").GetProperty("profiles")[0].GetProperty("capacity")).ToList();
        if (size.GetProperty("signalRMaxUnits").GetInt32() == size.GetProperty("signalRUnits").GetInt32())
        {
            Assert.Empty(capacities);
            return;
        }

        var capacity = Assert.Single(capacities);
        Assert.Equal(size.GetProperty("signalRUnits").ToString(), capacity.GetProperty("minimum").GetString());
        Assert.Equal(size.GetProperty("signalRMaxUnits").ToString(), capacity.GetProperty("maximum").GetString());
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Storage_has_its_redundancy_and_as_many_accounts_as_there_are_shards(string name)
    {
        var (size, snapshot) = (Size(name), DeploymentSnapshot.Read(name));
        var shards = snapshot.StorageAccounts.Skip(1).ToList();

        Assert.Equal(size.GetProperty("storageShards").GetInt32(), shards.Count);
        Assert.All(snapshot.ResourcesOf("Microsoft.Storage/storageAccounts"), account => AssertSame(size, "storageSku", account.GetProperty("sku").GetProperty("name")));
        Assert.Equal(
            shards.Select((account, i) => KeyValuePair.Create($"Storage__Shards__{i}__TableEndpoint", account)),
            snapshot.AppSettings.Where(setting => setting.Key.StartsWith("Storage__Shards__", StringComparison.Ordinal)).OrderBy(setting => setting.Key, StringComparer.Ordinal)
                .Select(setting => KeyValuePair.Create(setting.Key, AccountIn(setting.Value))));
        Assert.All(
            ["Table", "Queue", "Blob"], service => Assert.Equal(snapshot.StorageAccounts[0], AccountIn(snapshot.AppSettings[$"Storage__{service}Endpoint"])));
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Jobs_and_logs_go_where_the_size_says(string name)
    {
        var (size, snapshot) = (Size(name), DeploymentSnapshot.Read(name));

        Assert.Equal(size.GetProperty("workQueue").ValueEquals("ServiceBus"), snapshot.UsesServiceBus);
        Assert.Equal(size.GetProperty("workQueue").GetString(), snapshot.AppSettings["WorkQueue__Kind"]);
        var workspace = snapshot.Properties("Microsoft.OperationalInsights/workspaces");
        AssertSame(size, "logRetentionDays", workspace.GetProperty("retentionInDays"));
        AssertSame(size, "logDailyCapGb", workspace.GetProperty("workspaceCapping").GetProperty("dailyQuotaGb"));
    }

    [Fact]
    public void The_size_for_development_costs_as_little_as_can_be()
    {
        var size = Size("dev");

        Assert.Equal("Free_F1", size.GetProperty("signalRSku").GetString());
        Assert.Equal("Standard_LRS", size.GetProperty("storageSku").GetString());
        Assert.Equal("StorageQueue", size.GetProperty("workQueue").GetString());
        Assert.Equal((512, 0, 0), (size.GetProperty("instanceMemoryMB").GetInt32(), size.GetProperty("alwaysReadyInstances").GetInt32(), size.GetProperty("storageShards").GetInt32()));
        Assert.False(size.GetProperty("zoneRedundant").GetBoolean());
        Assert.Empty(DeploymentSnapshot.Read("dev").ResourcesOf("Microsoft.Insights/webtests"));
    }

    [Fact]
    public void A_value_that_azd_hands_over_as_text_overrides_that_of_the_size()
    {
        var snapshot = DeploymentSnapshot.Read("everything");

        Assert.Equal(3, snapshot.StorageAccounts.Count);
        Assert.Equal("Standard_RAGZRS", snapshot.ResourcesOf("Microsoft.Storage/storageAccounts").First().GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal(1000, snapshot.Properties("Microsoft.Web/sites").GetProperty("functionAppConfig").GetProperty("scaleAndConcurrency").GetProperty("maximumInstanceCount").GetInt32());
        Assert.Equal("https://collector.example.com:4318", snapshot.AppSettings["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", snapshot.AppSettings["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", DeploymentSnapshot.Read("large").AppSettings.Keys);
    }

    [Fact]
    public void Replicas_are_of_the_services_kind_and_scale_each_by_itself()
    {
        var snapshot = DeploymentSnapshot.Read("everything");

        var replicas = snapshot.ResourcesOf("Microsoft.SignalRService/signalR/replicas").ToList();

        Assert.Equal(["eastus2", "southeastasia"], replicas.Select(replica => replica.GetProperty("location").GetString()));
        Assert.All(replicas, replica => Assert.Equal(
            snapshot.Only("Microsoft.SignalRService/signalR").GetProperty("sku").GetRawText(), replica.GetProperty("sku").GetRawText()));
        Assert.Equal(
            snapshot.ResourcesOf("Microsoft.SignalRService/signalR").Concat(replicas).Select(target => target.GetProperty("id").GetString()),
            snapshot.ResourcesOf("Microsoft.Insights/autoscalesettings").Select(setting => setting.GetProperty("properties").GetProperty("targetResourceUri").GetString()));
    }

    [Theory]
    [InlineData("SignalR has replicas only as Premium_P1", "size = 'small'", "signalRReplicas = 'eastus2'")]
    [InlineData("SignalR scales by itself only as Premium_P1", "size = 'small'", "signalRMaxUnits = '5'")]
    [InlineData("Free_F1 has one unit", "size = 'dev'", "signalRUnits = '2'")]
    [InlineData("need storage that is, too", "size = 'large'", "storageSku = 'Standard_GRS'")]
    [InlineData("BCP033", "size = 'huge'")]
    [InlineData("BCP033", "storageSku = 'Premium_LRS'")]
    [InlineData("many", "signalRUnits = 'many'")]
    public async Task Values_that_make_no_sense_are_refused_before_anything_is_made(string reason, params string[] parameters)
    {
        var (snapshot, output) = await BicepCompiler.EvaluateAsync(parameters);

        Assert.Null(snapshot);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_made_smaller_by_hand_leaves_out_what_it_cannot_have()
    {
        var (snapshot, output) = await BicepCompiler.EvaluateAsync("size = 'large'", "signalRSku = 'Standard_S1'");

        Assert.True(snapshot is not null, output);
        Assert.Empty(snapshot.ResourcesOf("Microsoft.Insights/autoscalesettings"));
    }

    private static JsonElement Size(string name) => Checkout.ReadJson("infra", "sizes", $"{name}.json");

    private static void AssertSame(JsonElement size, string property, JsonElement actual) =>
        Assert.Equal(size.GetProperty(property).GetRawText(), actual.GetRawText());

    // [format('https://{0}.table.{1}/', 'st…', environment().suffixes.storage)]
    private static string AccountIn(string expression) => expression.Split('\'')[3];
}
