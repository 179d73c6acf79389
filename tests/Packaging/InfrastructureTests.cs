using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Storage;

namespace Parley.Tests.Packaging;

/// <summary>Agreements between azure.yaml, the bicep files and the functions that only a deployment would otherwise test.</summary>
public sealed partial class InfrastructureTests
{
    private readonly DeploymentTemplate _template = new();

    [Fact]
    public void Azd_finds_the_site_by_the_tag_that_names_its_service()
    {
        var service = ServiceKey().Match(Checkout.Read("azure.yaml")).Groups["key"].Value;

        var tags = Assert.Single(_template.ResourcesOf("Microsoft.Web/sites")).GetProperty("tags").GetString();

        Assert.Equal("api", service);
        Assert.Contains($"createObject('azd-service-name', '{service}')", tags, StringComparison.Ordinal);
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

    [Fact]
    public void The_template_makes_every_queue_that_a_function_listens_on()
    {
        var made = Names(_template.Module("storage").GetProperty("variables").GetProperty("queueNames"));

        var listenedOn = Bindings().Where(binding => binding.TryGetProperty("queueName", out _))
            .Select(binding => binding.GetProperty("queueName").GetString()!).ToList();

        Assert.NotEmpty(listenedOn);
        Assert.All(listenedOn, queue => Assert.Contains(queue, made));
    }

    [Fact]
    public void The_template_makes_the_tables_and_queues_that_the_code_names()
    {
        var variables = _template.Module("storage").GetProperty("variables");

        Assert.Superset(TableNames.Tables.ToHashSet(StringComparer.Ordinal), Names(variables.GetProperty("tableNames")));
        Assert.Superset(TableNames.Queues.ToHashSet(StringComparer.Ordinal), Names(variables.GetProperty("queueNames")));
    }

    [Fact]
    public void Every_connection_that_a_binding_names_is_configured_by_identity()
    {
        var settings = _template.AppSettings();

        var connections = Bindings().Where(binding => binding.TryGetProperty("connection", out _))
            .Select(binding => binding.GetProperty("connection").GetString()!).ToList();

        Assert.NotEmpty(connections);
        Assert.All(connections, connection => Assert.Equal("managedidentity", settings[$"{connection}__credential"]));
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

    [Fact]
    public void Storage_is_reached_by_identity_only()
    {
        var account = Assert.Single(_template.ResourcesOf("Microsoft.Storage/storageAccounts"));

        Assert.False(account.GetProperty("properties").GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.DoesNotContain(_template.AppSettings().Keys, name => name is "AzureWebJobsStorage" or "Storage__ConnectionString");
    }

    private static IEnumerable<JsonElement> Bindings() =>
        Directory.GetFiles(Checkout.PathOf("functions", "bindings"), "function.json", SearchOption.AllDirectories)
            .SelectMany(file => JsonElement.Parse(File.ReadAllText(file)).GetProperty("bindings").EnumerateArray().ToList());

    private static HashSet<string> Names(JsonElement array) =>
        array.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);

    private static string? DefaultOf(JsonElement parameter) =>
        parameter.TryGetProperty("defaultValue", out var value) ? value.ToString() : null;

    [GeneratedRegex(@"^services:\s*\n  (?<key>[\w-]+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceKey();

    [GeneratedRegex(@"^    project: (?<path>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceProject();

    [GeneratedRegex(@"^\$\{[A-Z_]+(=(?<default>[^}]*))?\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AzdVariable();
}
