using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>main.bicep as the build compiled it: a template whose modules are templates nested in it.</summary>
internal sealed class DeploymentTemplate
{
    private readonly List<JsonElement> _resources = [];

    public DeploymentTemplate()
    {
        var path = Checkout.PathOf("infra", "bin", "main.json");
        Assert.True(File.Exists(path), $"{path} is missing: build infra on Linux x64, or with -p:BicepPath=bicep.");
        Main = JsonElement.Parse(File.ReadAllText(path));
        Collect(Main);
    }

    public JsonElement Main { get; }

    /// <summary>Every resource of a type, in whichever module it is declared.</summary>
    public IEnumerable<JsonElement> ResourcesOf(string type) =>
        _resources.Where(resource => resource.GetProperty("type").ValueEquals(type) && !resource.TryGetProperty("existing", out _));

    /// <summary>The template of one module, by its symbol in main.bicep.</summary>
    public JsonElement Module(string symbol) =>
        Main.GetProperty("resources").GetProperty(symbol).GetProperty("properties").GetProperty("template");

    private void Collect(JsonElement template)
    {
        // Resources have symbolic names (an object) where a module uses newer features of the language, else none (an array).
        var resources = template.GetProperty("resources");
        foreach (var resource in resources.ValueKind == JsonValueKind.Array
            ? resources.EnumerateArray().ToList()
            : resources.EnumerateObject().Select(property => property.Value).ToList())
        {
            _resources.Add(resource);
            if (resource.GetProperty("type").ValueEquals("Microsoft.Resources/deployments"))
            {
                Collect(resource.GetProperty("properties").GetProperty("template"));
            }
        }
    }
}
