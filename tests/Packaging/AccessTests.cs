using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Tests.Packaging;

/// <summary>Who may do what in a deployment: identities with the roles they need, and nobody by key.</summary>
public sealed partial class AccessTests
{
    private const string BlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string BlobDataContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    private const string QueueDataContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
    private const string TableDataContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
    private const string SignalRServiceOwner = "7e4f1700-ea5a-4f59-8f37-079cfe29dce3";
    private const string ServiceBusDataSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";
    private const string ServiceBusDataReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0";
    private const string MonitoringMetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
    private const string KeyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    private const string KeyVaultSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string Deployer = "00000000-0000-0000-0000-0000000000aa";

    public static TheoryData<string> Deployments => [.. DeploymentSnapshot.Names];

    [Theory, MemberData(nameof(Deployments))]
    public void Each_identity_has_the_roles_that_it_needs_and_no_other(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var token = snapshot.StorageAccounts[0]["st".Length..];
        var expected = new List<string>
        {
            $"api storageAccounts/st{token} {BlobDataOwner}",
            $"api storageAccounts/st{token} {QueueDataContributor}",
            $"api storageAccounts/st{token} {TableDataContributor}",
            $"api signalR/sigr-{token} {SignalRServiceOwner}",
            $"api components/appi-{token} {MonitoringMetricsPublisher}",
            $"api vaults/kv-{token} {KeyVaultSecretsUser}",
            $"signalr secrets/upstream-secret {KeyVaultSecretsUser}",
        };
        foreach (var shard in snapshot.StorageAccounts.Skip(1))
        {
            expected.AddRange([$"api storageAccounts/{shard} {TableDataContributor}", $"api storageAccounts/{shard} {BlobDataContributor}"]);
        }

        if (snapshot.UsesServiceBus)
        {
            expected.AddRange([$"api namespaces/sb-{token} {ServiceBusDataSender}", $"api namespaces/sb-{token} {ServiceBusDataReceiver}"]);
        }

        if (deployment == "everything")
        {
            expected.Add($"{Deployer} vaults/kv-{token} {KeyVaultSecretsOfficer}");
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), snapshot.Roles().Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void No_service_accepts_a_key(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);

        AssertAll(snapshot, "Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", JsonValueKind.False);
        AssertAll(snapshot, "Microsoft.Storage/storageAccounts", "isLocalUserEnabled", JsonValueKind.False);
        AssertAll(snapshot, "Microsoft.SignalRService/signalR", "disableLocalAuth", JsonValueKind.True);
        AssertAll(snapshot, "Microsoft.SignalRService/signalR", "disableAadAuth", JsonValueKind.False);
        AssertAll(snapshot, "Microsoft.Insights/components", "DisableLocalAuth", JsonValueKind.True);
        AssertAll(snapshot, "Microsoft.KeyVault/vaults", "enableRbacAuthorization", JsonValueKind.True);
        AssertAll(snapshot, "Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", JsonValueKind.False);
        Assert.Equal(["ftp", "scm"], snapshot.NamesOf("Microsoft.Web/sites/basicPublishingCredentialsPolicies"));
        if (snapshot.UsesServiceBus)
        {
            AssertAll(snapshot, "Microsoft.ServiceBus/namespaces", "disableLocalAuth", JsonValueKind.True);
        }
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Nothing_is_reached_without_TLS_1_2_and_no_blob_is_public(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var site = snapshot.Properties("Microsoft.Web/sites");

        Assert.True(site.GetProperty("httpsOnly").GetBoolean());
        Assert.Equal("1.2", site.GetProperty("siteConfig").GetProperty("minTlsVersion").GetString());
        Assert.Equal("1.2", site.GetProperty("siteConfig").GetProperty("scmMinTlsVersion").GetString());
        AssertAll(snapshot, "Microsoft.Storage/storageAccounts", "supportsHttpsTrafficOnly", JsonValueKind.True);
        AssertAll(snapshot, "Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", JsonValueKind.False);
        Assert.All(snapshot.ResourcesOf("Microsoft.Storage/storageAccounts"), account => Assert.Equal("TLS1_2", Property(account, "minimumTlsVersion").GetString()));
        Assert.All(
            snapshot.ResourcesOf("Microsoft.Storage/storageAccounts/blobServices/containers"),
            container => Assert.Equal("None", Property(container, "publicAccess").GetString()));
        Assert.All(snapshot.ResourcesOf("Microsoft.ServiceBus/namespaces"), bus => Assert.Equal("1.2", Property(bus, "minimumTlsVersion").GetString()));
    }

    [Fact]
    public void No_template_asks_for_a_key_of_any_service()
    {
        var template = Checkout.Read("infra", "bin", "main.json");

        Assert.DoesNotMatch(ListFunction(), template);
        Assert.DoesNotContain("AccountKey=", template, StringComparison.Ordinal);
        Assert.DoesNotContain("SharedAccessKey", template, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Secrets_reach_the_app_as_references_to_the_vault_only(string deployment)
    {
        var secrets = DeploymentSnapshot.Read(deployment).AppSettings
            .Where(setting => SecretName().IsMatch(setting.Key) && setting.Key != "APPLICATIONINSIGHTS_CONNECTION_STRING").ToList();

        Assert.Equal(["Bootstrap__Secret", "SignalR__UpstreamSecret"], secrets.Select(setting => setting.Key).Order(StringComparer.Ordinal));
        Assert.All(secrets, setting => Assert.Matches(@"^@Microsoft\.KeyVault\(VaultName=kv-\w+;SecretName=[\w-]+\)$", setting.Value));
    }

    [Fact]
    public void Outputs_name_what_was_made_and_tell_no_secret()
    {
        var outputs = DeploymentSnapshot.Read("everything").Outputs.EnumerateObject().Select(output => output.Name);

        Assert.Equal(
            ["AZURE_FUNCTION_NAME", "AZURE_KEY_VAULT_NAME", "AZURE_LOCATION", "AZURE_RESOURCE_GROUP", "AZURE_SIGNALR_NAME", "AZURE_STORAGE_NAMES", "AZURE_TENANT_ID", "SERVICE_API_ENDPOINT"],
            outputs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Browsers_are_let_in_from_the_same_origins_everywhere()
    {
        var snapshot = DeploymentSnapshot.Read("everything");

        List<JsonElement> origins =
        [
            snapshot.Properties("Microsoft.Web/sites").GetProperty("siteConfig").GetProperty("cors").GetProperty("allowedOrigins"),
            snapshot.Properties("Microsoft.SignalRService/signalR").GetProperty("cors").GetProperty("allowedOrigins"),
            .. snapshot.ResourcesOf("Microsoft.Storage/storageAccounts/blobServices")
                .Select(service => Property(service, "cors").GetProperty("corsRules")[0].GetProperty("allowedOrigins")),
        ];

        Assert.Equal(2 + snapshot.StorageAccounts.Count, origins.Count);
        Assert.All(origins, list => Assert.Equal(["https://chat.example.com", "https://ops.example.com"], list.EnumerateArray().Select(origin => origin.GetString())));
    }

    private static void AssertAll(DeploymentSnapshot snapshot, string type, string property, JsonValueKind value)
    {
        var resources = snapshot.ResourcesOf(type).ToList();
        Assert.NotEmpty(resources);
        Assert.All(resources, resource => Assert.Equal(value, Property(resource, property).ValueKind));
    }

    private static JsonElement Property(JsonElement resource, string name) => resource.GetProperty("properties").GetProperty(name);

    [GeneratedRegex(@"\blist[A-Z]\w*\(", RegexOptions.None, 1000)]
    private static partial Regex ListFunction();

    [GeneratedRegex("Secret|Key|Password|ConnectionString|CONNECTION_STRING", RegexOptions.None, 1000)]
    private static partial Regex SecretName();
}
