using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>The functions as their sources declare them.</summary>
internal static class Functions
{
    public static IReadOnlyList<Binding> Bindings { get; } =
    [
        .. from file in Directory.GetFiles(Checkout.PathOf("functions", "bindings"), "function.json", SearchOption.AllDirectories)
           from binding in JsonElement.Parse(File.ReadAllText(file)).GetProperty("bindings").EnumerateArray()
           select new Binding(Path.GetFileName(Path.GetDirectoryName(file))!, binding),
    ];

    internal sealed record Binding(string Function, JsonElement Definition)
    {
        public string Type => Definition.GetProperty("type").GetString()!;
    }
}
