using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Tests.Packaging;

/// <summary>
/// What one set of parameters would create, as the deployment engine in the bicep compiler works it out: conditions decided, loops unrolled. What only
/// Azure knows (ids of principals, host names) stays an expression in brackets.
/// </summary>
internal sealed partial class DeploymentSnapshot
{
    private readonly Lazy<Dictionary<string, string>> _appSettings;

    private DeploymentSnapshot(string name, JsonElement content)
    {
        Name = name;
        Outputs = content.GetProperty("outputs");
        Resources = [.. content.GetProperty("predictedResources").EnumerateArray()];
        _appSettings = new(() => Properties("Microsoft.Web/sites").GetProperty("siteConfig").GetProperty("appSettings").EnumerateArray()
            .ToDictionary(setting => setting.GetProperty("name").GetString()!, setting => setting.GetProperty("value").GetString()!, StringComparer.Ordinal));
    }

    /// <summary>The three sizes, and the deployments in folder Deployments.</summary>
    public static IReadOnlyList<string> Names { get; } = ["dev", "small", "large", "bus", "everything"];

    public static IEnumerable<DeploymentSnapshot> All => Names.Select(Read);

    public string Name { get; }

    public JsonElement Outputs { get; }

    public IReadOnlyList<JsonElement> Resources { get; }

    public bool UsesServiceBus => ResourcesOf("Microsoft.ServiceBus/namespaces").Any();

    /// <summary>The app settings of the site, by name.</summary>
    public IReadOnlyDictionary<string, string> AppSettings => _appSettings.Value;

    /// <summary>Names of the storage accounts, the primary one first.</summary>
    public IReadOnlyList<string> StorageAccounts => [.. ResourcesOf("Microsoft.Storage/storageAccounts").Select(account => account.GetProperty("name").GetString()!)];

    public static DeploymentSnapshot Read(string name)
    {
        var path = Checkout.PathOf("infra", "bin", $"{name}.snapshot.json");
        Assert.True(File.Exists(path), $"{path} is missing: build infra on Linux x64, or with -p:BicepPath=bicep.");
        return new(name, JsonElement.Parse(File.ReadAllText(path)));
    }

    public IEnumerable<JsonElement> ResourcesOf(string type) => Resources.Where(resource => resource.GetProperty("type").ValueEquals(type));

    /// <summary>The only resource of a type.</summary>
    public JsonElement Only(string type) => Assert.Single(ResourcesOf(type));

    public JsonElement Properties(string type) => Only(type).GetProperty("properties");

    /// <summary>The names of all resources of a type, without those of what they are in.</summary>
    public IReadOnlyList<string> NamesOf(string type) =>
        [.. ResourcesOf(type).Select(resource => resource.GetProperty("name").GetString()!.Split('/')[^1]).Order(StringComparer.Ordinal)];

    /// <summary>Every role that is given: to whom (prefix of the identity's name), on what (type and last part of the name), and which.</summary>
    public IEnumerable<string> Roles() => ResourcesOf("Microsoft.Authorization/roleAssignments").Select(assignment =>
    {
        var properties = assignment.GetProperty("properties");
        var principal = properties.GetProperty("principalId").GetString()!;
        var scope = assignment.GetProperty("id").GetString()!.Split("/providers/")[^2].Split('/');
        return $"{(IdentityName().Match(principal) is { Success: true } identity ? identity.Groups["name"].Value : principal)} "
            + $"{scope[^2]}/{scope[^1]} {properties.GetProperty("roleDefinitionId").GetString()!.Split('/')[^1]}";
    });

    [GeneratedRegex(@"userAssignedIdentities/id-(?<name>\w+)-", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IdentityName();
}
