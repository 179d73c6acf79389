using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>The functions as their sources declare them, for either kind of work queue.</summary>
internal static class Functions
{
    private static readonly IReadOnlyList<Binding> Usual = Read("bindings");
    private static readonly IReadOnlyList<Binding> WithServiceBus = Read("bindings-servicebus");

    /// <summary>What is packaged: with Service Bus, some functions have another trigger.</summary>
    public static IEnumerable<Binding> Bindings(bool usesServiceBus) => usesServiceBus
        ? Usual.Where(binding => !WithServiceBus.Any(other => other.Function == binding.Function)).Concat(WithServiceBus)
        : Usual;

    private static List<Binding> Read(string folder) => !Directory.Exists(Checkout.PathOf("functions", folder)) ? [] :
    [
        .. from file in Directory.GetFiles(Checkout.PathOf("functions", folder), "function.json", SearchOption.AllDirectories)
           from binding in JsonElement.Parse(File.ReadAllText(file)).GetProperty("bindings").EnumerateArray()
           select new Binding(Path.GetFileName(Path.GetDirectoryName(file))!, binding),
    ];

    internal sealed record Binding(string Function, JsonElement Definition)
    {
        public string Type => Definition.GetProperty("type").GetString()!;

        public string Queue => Definition.GetProperty("queueName").GetString()!;
    }
}
