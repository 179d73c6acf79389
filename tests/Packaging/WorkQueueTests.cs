using System.Diagnostics;
using System.Text.Json;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Packaging;

/// <summary>The two kinds of work queue are packaged and set up alike.</summary>
public sealed class WorkQueueTests
{
    private static readonly Dictionary<string, JsonElement> StorageTriggers = TriggersOf("bindings", "queueTrigger");
    private static readonly Dictionary<string, JsonElement> BusTriggers = TriggersOf("bindings-servicebus", "serviceBusTrigger");

    [Fact]
    public void Every_function_of_a_queue_has_a_trigger_of_either_kind_on_the_same_queue_under_the_same_name()
    {
        Assert.Equal(StorageTriggers.Keys.Order(StringComparer.Ordinal), BusTriggers.Keys.Order(StringComparer.Ordinal));
        Assert.All(StorageTriggers, function =>
        {
            Assert.Equal(Text(function.Value, "queueName"), Text(BusTriggers[function.Key], "queueName"));
            Assert.Equal(Text(function.Value, "name"), Text(BusTriggers[function.Key], "name"));
        });
        Assert.Equal(TableNames.Queues.Order(StringComparer.Ordinal), StorageTriggers.Values.Select(trigger => Text(trigger, "queueName")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_but_queue_triggers_has_a_second_form()
    {
        Assert.All(
            Directory.GetFiles(Checkout.PathOf("functions", "bindings-servicebus"), "function.json", SearchOption.AllDirectories),
            file => Assert.Equal(["serviceBusTrigger"], JsonElement.Parse(File.ReadAllText(file)).GetProperty("bindings").EnumerateArray().Select(binding => Text(binding, "type"))));
    }

    [Fact]
    public void Sessions_are_enabled_where_the_code_sends_them_and_nowhere_else()
    {
        var enabled = BusTriggers.Values.Where(trigger => trigger.TryGetProperty("isSessionsEnabled", out var flag) && flag.GetBoolean()).Select(trigger => Text(trigger, "queueName"));

        Assert.Equal(TableNames.SessionQueues.Order(StringComparer.Ordinal), enabled.Order(StringComparer.Ordinal));
        Assert.Subset(TableNames.Queues.ToHashSet(StringComparer.Ordinal), TableNames.SessionQueues.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void A_job_is_tried_as_often_and_waits_as_long_whichever_queue_it_is_in()
    {
        var queues = Checkout.ReadJson("host.json").GetProperty("extensions").GetProperty("queues");
        var most = queues.GetProperty("maxDequeueCount").GetInt32();
        var busQueues = new DeploymentTemplate().ResourcesOf("Microsoft.ServiceBus/namespaces/queues")
            .Select(queue => queue.GetProperty("properties").GetProperty("maxDeliveryCount").GetInt32());

        // The app gives up, and notes the reason, at the attempt at which the queue would put the job aside.
        Assert.Equal(most, new SignalROptions().MaxAttempts);
        Assert.All(busQueues, count => Assert.Equal(most, count));
        Assert.Equal(TimeSpan.Parse(queues.GetProperty("visibilityTimeout").GetString()!, null), TimeSpan.FromSeconds(new WorkQueueOptions().RetrySeconds));
    }

    [Theory]
    [InlineData("StorageQueue", "bindings")]
    [InlineData("ServiceBus", "bindings-servicebus")]
    public async Task A_publication_for_one_kind_has_its_triggers_and_all_other_functions_once(string kind, string folder)
    {
        var functions = await PublishedAsync(kind);

        var sources = Directory.GetDirectories(Checkout.PathOf("functions", "bindings")).Select(path => Path.GetFileName(path)!);
        Assert.Equal(sources.Order(StringComparer.Ordinal), functions.Select(function => function.Name).Order(StringComparer.Ordinal));
        Assert.All(functions, function => Assert.Equal(StorageTriggers.ContainsKey(function.Name) ? folder : "bindings", function.Folder));
    }

    /// <summary>What the project would publish, without publishing it.</summary>
    private static async Task<List<(string Name, string Folder)>> PublishedAsync(string kind)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", Checkout.PathOf("functions", "Parley.Functions.csproj"), "-getItem:Content", $"-p:WorkQueue={kind}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(LocalProgram.Patience);
        Assert.Equal(0, process.ExitCode);
        return
        [
            .. JsonElement.Parse(output).GetProperty("Items").GetProperty("Content").EnumerateArray()
                .Where(item => Text(item, "Link").EndsWith("/function.json", StringComparison.Ordinal))
                .Select(item => (Text(item, "Link").Split('/')[0], Text(item, "Identity").Split('/')[0])),
        ];
    }

    private static Dictionary<string, JsonElement> TriggersOf(string folder, string type) =>
        Directory.GetFiles(Checkout.PathOf("functions", folder), "function.json", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetFileName(Path.GetDirectoryName(file))!, Trigger: JsonElement.Parse(File.ReadAllText(file)).GetProperty("bindings")[0]))
            .Where(function => Text(function.Trigger, "type") == type)
            .ToDictionary(function => function.Name, function => function.Trigger, StringComparer.Ordinal);

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
