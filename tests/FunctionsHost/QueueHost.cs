using Azure.Storage.Queues;
using Parley.Local.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

/// <summary>A host with one queue function, and the queue itself, in the Azurite that all tests share.</summary>
public sealed class QueueHost : IAsyncDisposable
{
    private readonly string _storage;

    private QueueHost(TestApp app, string storage, string name)
    {
        (App, _storage, Name) = (app, storage, name);
        (Queue, Poison, Output) = (Client(name), Client(name + "-poison"), Client(name + "-out"));
    }

    public TestApp App { get; }

    public string Name { get; }

    public QueueClient Queue { get; }

    public QueueClient Poison { get; }

    /// <summary>Queue of output binding <c>more</c>.</summary>
    public QueueClient Output { get; }

    /// <param name="settings">Members of extensions.queues besides a quick polling.</param>
    public static async Task<QueueHost> StartAsync(AzuriteFixture azurite, string settings = "\"visibilityTimeout\": \"00:00:00\"", Func<FunctionsHostOptions, FunctionsHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(azurite);
        var storage = await azurite.ConnectionStringAsync();
        var host = new QueueHost(await TestApp.CreateAsync(), storage, azurite.NewName("work"));
        host.App.HostJson(extensions: $$"""
            "queues": { "maxPollingInterval": "00:00:00.200", {{settings}} }
            """);
        host.App.Function(
            "work",
            """{ "type": "queueTrigger", "direction": "in", "name": "item", "queueName": "%WORK_QUEUE%", "connection": "Jobs" }""",
            """{ "type": "queue", "direction": "out", "name": "more", "queueName": "%WORK_QUEUE%-out", "connection": "Jobs" }""");
        await host.StartAsync(configure);
        return host;
    }

    public Task StartAsync(Func<FunctionsHostOptions, FunctionsHostOptions>? configure = null) => App.StartAsync(_storage, options =>
    {
        var settings = new Dictionary<string, string>(options.AppSettings) { ["WORK_QUEUE"] = Name, ["Jobs"] = _storage };
        options = options with { AppSettings = settings, MaxErrors = null };
        return configure?.Invoke(options) ?? options;
    });

    /// <summary>True when no message is left, not even an invisible one.</summary>
    public static async Task<bool> IsEmptyAsync(QueueClient queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var properties = await queue.GetPropertiesAsync();
        return properties.Value.ApproximateMessagesCount == 0;
    }

    public static async Task<string> FirstMessageAsync(QueueClient queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        string? text = null;
        await Eventually.HoldsAsync(async () =>
        {
            if (!await queue.ExistsAsync())
            {
                return false;
            }

            var messages = await queue.PeekMessagesAsync(1);
            text = messages.Value.FirstOrDefault()?.MessageText;
            return text is not null;
        });
        return text!;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private QueueClient Client(string name) => new(_storage, name);
}
