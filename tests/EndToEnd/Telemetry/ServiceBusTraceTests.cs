using Parley.Delivery;
using Parley.Tests.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The trace goes on through Service Bus, and without a key in Azure nobody reads a token.</summary>
public sealed class ServiceBusTraceTests(AzuriteFixture azurite)
{
    private const string After = "C2C.CallbackAfterSendMsg";

    [Fact]
    public async Task A_delivery_that_failed_goes_on_in_the_same_trace_at_each_attempt_of_its_job()
    {
        await using var lab = await Lab.StartAsync(azurite);

        var trace = await lab.SendAsync();
        await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "job parley-deliver"));
        await lab.Environment.StartSignalRAsync();
        var spans = await lab.SpansAsync(trace, spans => Jobs(spans, "parley-deliver").Any(job => spans.Any(span => span.ParentId == job.SpanId && span["parley.outcome"] == "ok")));

        var delivery = Assert.Single(spans, span => span.Name == "deliver account");
        var enqueued = Assert.Single(spans, span => span.Name == "enqueue parley-deliver");
        Assert.Equal((delivery.SpanId, ReceivedSpan.Producer), (enqueued.ParentId, enqueued.Kind));
        var jobs = Jobs(spans, "parley-deliver");
        Assert.All(jobs, job => Assert.Equal((enqueued.SpanId, ReceivedSpan.Consumer), (job.ParentId, job.Kind)));
        Assert.Equal(Enumerable.Range(1, jobs.Count).Select(attempt => $"{attempt}"), jobs.Select(job => job["parley.attempt"]).Order(StringComparer.Ordinal));
        Assert.Equal(jobs.Count - 1, jobs.Count(job => job.IsError));
        // The call of the host that brought the job has a trace of its own.
        Assert.All(jobs, job => Assert.Contains(lab.Collector.Spans, span => span.Name == "POST /deliver" && job.IsLinkedTo(span.TraceId)));
        await Eventually.TrueAsync(
            "the age of the job", () => lab.Collector.Points.Any(point => point.Name == "parley.queue.age" && point.Attributes["queue"] == "parley-deliver" && point.Count == (ulong)jobs.Count), Lab.Patience);
    }

    [Fact]
    public async Task Callbacks_of_a_session_are_parts_of_the_traces_of_their_messages()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await lab.Environment.StartSignalRAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        await lab.Environment.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = receiver.Url, CallbackCommands = new[] { After } });

        var trace = await lab.SendAsync();
        var spans = await lab.SpansAsync(trace, spans => Jobs(spans, "parley-callback").Count > 0 && spans.Any(span => span.Name == $"callback {After}"));

        var enqueued = Assert.Single(spans, span => span.Name == "enqueue parley-callback");
        var job = Assert.Single(Jobs(spans, "parley-callback"));
        Assert.Equal(enqueued.SpanId, job.ParentId);
        Assert.Equal((job.SpanId, "Answered"), Assert.Single(spans.Where(span => span.Name == $"callback {After}").Select(span => (span.ParentId, span["parley.outcome"]!))));
    }

    [Fact]
    public async Task No_token_of_the_identity_and_no_lent_key_is_in_telemetry_or_output()
    {
        await using var lab = await Lab.StartAsync(azurite, ("Logging__LogLevel__Default", "Debug"));
        await lab.SendAsync();
        await lab.Environment.StartSignalRAsync();
        await using var client = await ClientConnection.StartAsync(lab.Environment.Api, "mia");
        var trace = await lab.SendAsync();
        await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "signalr send" && span["parley.outcome"] == "ok"));
        await Eventually.TrueAsync(
            "what asks for tokens and keys", () => lab.Collector.Spans.Any(span => span.Name == "identity token") && lab.Collector.Spans.Any(span => span.Name == "signalr lend key"), Lab.Patience);

        // So every JSON Web Token begins, and so do all that the handler has and makes.
        const string Token = "eyJ";
        Assert.StartsWith(Token, lab.Environment.Identity.Issue("https://storage.azure.com"), StringComparison.Ordinal);
        Assert.NotEmpty(lab.Output.Lines);
        string[] secrets = [Token, "Bearer ", "SharedAccessSignature", Assert.Single(lab.Environment.SignalR!.LentKeys)];
        Assert.All(secrets, secret => Assert.DoesNotContain(
            lab.Collector.Bodies.Select(System.Text.Encoding.UTF8.GetString).Concat(lab.Output.Lines.Select(line => line.Text)), text => text.Contains(secret, StringComparison.Ordinal)));
    }

    private static List<ReceivedSpan> Jobs(IEnumerable<ReceivedSpan> spans, string queue) => [.. spans.Where(span => span.Name == $"job {queue}")];

    /// <summary>The app without a key, with Service Bus, and a collector.</summary>
    private sealed class Lab(OtlpReceiver collector, LogLines output, IdentityEnvironment environment) : IAsyncDisposable
    {
        public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

        public OtlpReceiver Collector => collector;

        public LogLines Output => output;

        public IdentityEnvironment Environment => environment;

        public static async Task<Lab> StartAsync(AzuriteFixture azurite, params (string Name, string Value)[] settings)
        {
            var (collector, output) = (await OtlpReceiver.StartAsync(), new LogLines());
            (string, string)[] more =
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.HttpAddress), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ];
            var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.ServiceBus, azurite, output, [.. more, .. settings]);
            await environment.Api.ImportAsync("mia", "jonas");
            return new Lab(collector, output, environment);
        }

        /// <returns>The trace of the message.</returns>
        public Task<string> SendAsync() => new TelemetryCalls(environment.Api).CallAsync(
            "openim", "sendmsg", Messages.Text("jonas", "mia", "hello", more: ("SyncOtherMachine", 2)).ToJsonString(), 0);

        public async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(string trace, Func<IReadOnlyList<ReceivedSpan>, bool> areComplete)
        {
            IReadOnlyList<ReceivedSpan> spans = [];
            await Eventually.TrueAsync("the spans", () => areComplete(spans = [.. collector.Spans.Where(span => span.TraceId == trace)]), Patience);
            return spans;
        }

        public async ValueTask DisposeAsync()
        {
            await environment.DisposeAsync();
            await collector.DisposeAsync();
        }
    }
}
