using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Storage;

namespace Parley.Tests.Packaging;

/// <summary>Agreements between azure.yaml, the bicep files and the functions that only a deployment would otherwise test.</summary>
public sealed partial class InfrastructureTests
{
    private readonly DeploymentTemplate _template = new();

    public static TheoryData<string> Deployments => [.. DeploymentSnapshot.Names];

    [Theory, MemberData(nameof(Deployments))]
    public void Azd_finds_the_site_by_the_tag_that_names_its_service(string deployment)
    {
        var service = ServiceKey().Match(Checkout.Read("azure.yaml")).Groups["key"].Value;

        var tagged = DeploymentSnapshot.Read(deployment).Resources
            .Where(resource => resource.TryGetProperty("tags", out var tags) && tags.TryGetProperty("azd-service-name", out _)).ToList();

        Assert.Equal("api", service);
        var site = Assert.Single(tagged);
        Assert.Equal("Microsoft.Web/sites", site.GetProperty("type").GetString());
        Assert.Equal(service, site.GetProperty("tags").GetProperty("azd-service-name").GetString());
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Azd_finds_the_resource_group_by_the_tag_that_names_its_environment(string deployment)
    {
        var group = DeploymentSnapshot.Read(deployment).Only("Microsoft.Resources/resourceGroups");

        Assert.Equal(group.GetProperty("name").GetString(), $"rg-{group.GetProperty("tags").GetProperty("azd-env-name").GetString()}");
    }

    [Fact]
    public void Azd_publishes_a_folder_with_exactly_one_project()
    {
        var project = ServiceProject().Match(Checkout.Read("azure.yaml")).Groups["path"].Value;

        Assert.Single(Directory.GetFiles(Checkout.PathOf(project), "*.*proj"));
    }

    [Fact]
    public void Parameters_given_by_azd_are_those_of_the_template_with_the_same_defaults()
    {
        var declared = _template.Main.GetProperty("parameters").EnumerateObject()
            .ToDictionary(parameter => parameter.Name, parameter => DefaultOf(parameter.Value));

        var given = Checkout.ReadJson("infra", "main.parameters.json").GetProperty("parameters").EnumerateObject()
            .ToDictionary(parameter => parameter.Name, parameter => AzdVariable().Match(parameter.Value.GetProperty("value").GetString()!));

        Assert.Equal(declared.Keys.Order(StringComparer.Ordinal), given.Keys.Order(StringComparer.Ordinal));
        Assert.All(given, parameter => Assert.True(parameter.Value.Success, $"{parameter.Key} is not taken from an azd variable"));
        Assert.All(given, parameter => Assert.Equal(declared[parameter.Key] ?? "", parameter.Value.Groups["default"].Value));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void The_primary_account_has_every_table_and_the_others_those_that_are_spread(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var tables = snapshot.ResourcesOf("Microsoft.Storage/storageAccounts/tableServices/tables")
            .Select(table => table.GetProperty("name").GetString()!.Split('/')).ToLookup(name => name[0], name => name[^1], StringComparer.Ordinal);

        Assert.Equal(TableNames.Tables.Order(StringComparer.Ordinal), tables[snapshot.StorageAccounts[0]].Order(StringComparer.Ordinal));
        Assert.All(snapshot.StorageAccounts.Skip(1), shard => Assert.Equal([TableNames.Accounts, TableNames.Groups], tables[shard]));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void There_are_containers_for_the_package_and_for_files(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var containers = snapshot.ResourcesOf("Microsoft.Storage/storageAccounts/blobServices/containers")
            .Select(container => container.GetProperty("name").GetString()!.Split('/')).ToLookup(name => name[0], name => name[^1], StringComparer.Ordinal);
        var package = snapshot.Properties("Microsoft.Web/sites").GetProperty("functionAppConfig").GetProperty("deployment").GetProperty("storage").GetProperty("value").GetString();

        Assert.Equal(["deployments", "exports", "history", "media"], containers[snapshot.StorageAccounts[0]].Order(StringComparer.Ordinal));
        Assert.All(snapshot.StorageAccounts.Skip(1), shard => Assert.Equal(["media"], containers[shard]));
        Assert.Contains(snapshot.StorageAccounts[0], package, StringComparison.Ordinal);
        Assert.Contains("deployments", package, StringComparison.Ordinal);
    }

    [Fact]
    public void SignalR_calls_the_route_of_the_upstream_function_with_a_secret_from_the_vault()
    {
        var route = Checkout.ReadJson("functions", "bindings", "upstream", "function.json")
            .GetProperty("bindings")[0].GetProperty("route").GetString()!;

        var upstream = Assert.Single(_template.ResourcesOf("Microsoft.SignalRService/signalR"))
            .GetProperty("properties").GetProperty("upstream").GetProperty("templates")[0].GetProperty("urlTemplate").GetString();

        var url = route.Replace("{secret}", "{{@Microsoft.KeyVault(SecretUri={1})}}", StringComparison.Ordinal);
        Assert.StartsWith($"[format('https://{{0}}/{url}'", upstream, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Deployments))]
    public void SignalR_sends_a_token_of_its_identity_that_the_app_knows(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var auth = snapshot.Properties("Microsoft.SignalRService/signalR").GetProperty("upstream").GetProperty("templates")[0].GetProperty("auth");

        Assert.Equal("ManagedIdentity", auth.GetProperty("type").GetString());
        Assert.Equal(auth.GetProperty("managedIdentity").GetProperty("resource").GetString(), snapshot.AppSettings["SignalR__UpstreamAudience"]);
        Assert.Equal("https://sts.windows.net/00000000-0000-0000-0000-000000000002/", snapshot.AppSettings["SignalR__UpstreamIssuer"]);
        Assert.Contains("signalRIdentity", snapshot.AppSettings["SignalR__UpstreamPrincipal"], StringComparison.Ordinal);
        Assert.Contains(".principalId.", snapshot.AppSettings["SignalR__UpstreamPrincipal"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_generated_secret_is_never_made_anew()
    {
        var generated = _template.Module("vault").GetProperty("parameters").EnumerateObject()
            .Where(parameter => DefaultOf(parameter.Value)?.Contains("newGuid()", StringComparison.Ordinal) == true)
            .Select(parameter => $"[parameters('{parameter.Name}')]").ToList();

        var secrets = _template.ResourcesOf("Microsoft.KeyVault/vaults/secrets")
            .Where(secret => generated.Contains(secret.GetProperty("properties").GetProperty("value").GetString()!, StringComparer.Ordinal))
            .ToList();

        Assert.Equal(generated.Count, secrets.Count);
        Assert.NotEmpty(secrets);
        Assert.All(secrets, secret => Assert.True(secret.GetProperty("@options").TryGetProperty("onlyIfNotExists", out _)));
    }

    private static string? DefaultOf(JsonElement parameter) =>
        parameter.TryGetProperty("defaultValue", out var value) ? value.ToString() : null;

    [GeneratedRegex(@"^services:\s*\n  (?<key>[\w-]+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceKey();

    [GeneratedRegex(@"^    project: (?<path>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceProject();

    [GeneratedRegex(@"^\$\{[A-Z_]+(=(?<default>[^}]*))?\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AzdVariable();
}
