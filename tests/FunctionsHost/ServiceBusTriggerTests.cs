using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Local;
using Parley.Local.ServiceBus;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class ServiceBusTriggerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_in_an_envelope_with_its_text_encoded_twice_and_is_completed_after_success()
    {
        await using var lab = await Lab.StartAsync();
        await lab.SendAsync("""{"id":"mine","Text":"你好"}""");

        var call = await lab.App.Script.FirstCallAsync();

        var metadata = call.Json["Metadata"]!.AsObject();
        Assert.Equal(("POST", "/work"), (call.Method, call.Target));
        Assert.Equal("""{"id":"mine","Text":"你好"}""", Inner(call.Json["Data"]!["item"]));
        Assert.Equal(("1", "1"), ((string?)metadata["DeliveryCount"], (string?)metadata["SequenceNumber"]));
        Assert.Equal((32, "mine"), (Inner(metadata["MessageId"])!.Length, Inner(metadata["id"])));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", (string?)metadata["EnqueuedTimeUtc"]);
        Assert.Equal("work", (string?)metadata["sys"]!["MethodName"]);
        await Eventually.HoldsAsync(() => lab.Queue.Messages.Count == 0);
        Assert.Empty(lab.Queue.DeadLetters);
    }

    [Fact]
    public async Task A_failed_message_comes_back_with_its_count_until_it_is_put_aside()
    {
        await using var lab = await Lab.StartAsync();
        lab.App.Script.OnCall = _ => Task.FromResult(new HandlerAnswer { Status = 500 });

        await lab.SendAsync("{}");

        await Eventually.HoldsAsync(() => lab.Queue.DeadLetters.Count == 1);
        Assert.Equal(["1", "2", "3"], lab.App.Script.Calls.Select(call => (string?)call.Json["Metadata"]!["DeliveryCount"]));
        Assert.Empty(lab.Queue.Messages);
    }

    [Fact]
    public async Task Messages_of_a_session_run_one_after_another_and_a_failed_one_holds_up_the_next()
    {
        await using var lab = await Lab.StartAsync(sessions: true);
        var failures = 0;
        lab.App.Script.OnCall = call => Task.FromResult(
            Inner(call.Json["Data"]!["item"]) == "a2" && Interlocked.Increment(ref failures) == 1 ? new HandlerAnswer { Status = 500 } : HandlerAnswer.Done);

        foreach (var text in new[] { "a1", "b1", "a2", "b2", "a3", "b3" })
        {
            await lab.SendAsync(text, session: text[..1]);
        }

        await Eventually.HoldsAsync(() => lab.Queue.Messages.Count == 0);
        var calls = lab.App.Script.Calls.Select(call => (Session: Inner(call.Json["Metadata"]!["SessionId"]), Text: Inner(call.Json["Data"]!["item"]))).ToLookup(call => call.Session, call => call.Text);
        Assert.Equal(["a1", "a2", "a2", "a3"], calls["a"]);
        Assert.Equal(["b1", "b2", "b3"], calls["b"]);
    }

    [Fact]
    public async Task A_scheduled_message_does_not_arrive_before_its_time()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var lab = await Lab.StartAsync(time: time);
        await lab.SendAsync("later", delay: TimeSpan.FromMinutes(5));
        await lab.SendAsync("now");

        Assert.Equal("now", Inner((await lab.App.Script.FirstCallAsync()).Json["Data"]!["item"]));
        await Eventually.HoldsAsync(() => lab.Queue.Messages.Count == 1);
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("later", Inner((await lab.App.Script.NthCallAsync(2)).Json["Data"]!["item"]));
    }

    private static string? Inner(JsonNode? node) => JsonNode.Parse((string)node!)!.GetValue<string>();

    /// <summary>A bus with one queue, a host that listens to it, and a sender.</summary>
    private sealed class Lab(TestApp app, ServiceBusEmulator bus, ServiceBusWorkQueue sender) : IAsyncDisposable
    {
        private const string Name = "work";

        public TestApp App => app;

        public BusQueue Queue => bus.Queue(Name);

        public static async Task<Lab> StartAsync(bool sessions = false, TimeProvider? time = null)
        {
            var clock = time ?? TimeProvider.System;
            var bus = ServiceBusEmulator.Start(new ServiceBusEmulatorOptions
            {
                Port = LoopbackPort.AnyFree(),
                Key = "a key of the tests",
                Queues = [new BusQueueOptions(Name, sessions, MaxDeliveryCount: 3)],
                Time = clock,
            });
            var options = new ServiceBusOptions { ConnectionString = bus.ConnectionString, RetryMilliseconds = 60_000 };
            var sender = new ServiceBusWorkQueue(
                options, new AppIdentity(new Azure.Identity.AzureCliCredential()), clock, NullLogger.Instance, sessions ? [Name] : []);
            var app = await TestApp.CreateAsync();
            app.Function(Name, $$"""{ "type": "serviceBusTrigger", "direction": "in", "name": "item", "queueName": "{{Name}}", "connection": "Bus", "isSessionsEnabled": {{(sessions ? "true" : "false")}} }""");
            await app.StartAsync(configure: host => host with
            {
                AppSettings = new Dictionary<string, string>(host.AppSettings) { ["Bus"] = bus.ConnectionString },
                MaxErrors = null,
                Time = clock,
            });
            return new Lab(app, bus, sender);
        }

        public Task SendAsync(string text, string? session = null, TimeSpan? delay = null) => sender.EnqueueAsync(new WorkJob(Name, text, delay, session), Stop);

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await sender.DisposeAsync();
            await bus.DisposeAsync();
        }
    }
}
