using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>How telemetry is switched on, and what the settings of a deployment do.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class ProtocolTests(TelemetryLab shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Without_a_protocol_the_collector_is_called_by_gRPC_and_lines_are_printed_where_Azure_Monitor_is_not_configured()
    {
        var lab = await shared.StartedAsync();
        var name = $"grpc-{Guid.NewGuid():N}";
        await using var instance = await lab.AddInstanceAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", lab.Collector.GrpcAddress), ("OTEL_EXPORTER_OTLP_PROTOCOL", ""), ("OTEL_SERVICE_NAME", name), ("APPLICATIONINSIGHTS_CONNECTION_STRING", ""));
        var traced = lab.Collector.Spans.Count();

        await instance.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = "nobody" } } });
        using var refused = await instance.Api.Http.PostAsync(new Uri("/upstream/not-the-secret", UriKind.Relative), null, TestContext.Current.CancellationToken);

        await Eventually.TrueAsync("telemetry of that instance", () => lab.Collector.Resources.Values.Contains(name), Patience);
        await Eventually.TrueAsync("its spans", () => lab.Collector.Spans.Skip(traced).Any(span => span.Name == "im_open_login_svc/account_check"), Patience);
        await Eventually.TrueAsync("its log entry", () => lab.Output.Lines.Any(line => line.Text.Contains("An upstream call for connection", StringComparison.Ordinal)), Patience);
    }

    [Fact]
    public async Task Of_traces_that_are_not_chosen_only_failures_are_recorded()
    {
        var lab = await shared.StartedAsync();
        await using var instance = await lab.AddInstanceAsync(("Telemetry__TraceRatio", "0"));
        var calls = new TelemetryCalls(instance.Api);
        var accounts = await lab.ImportAsync("ratio-mia");
        var good = await calls.CallAsync("im_open_login_svc", "account_check", $$"""{"CheckItem":[{"UserID":"{{accounts[0]}}"}]}""");
        lab.Tables.Plan = request => request.Kind == RequestKind.Get && request.Target.Contains("ratio-nobody", StringComparison.Ordinal) ? Fault.Answer(500) : Fault.None;

        var failed = await calls.CallAsync("im_open_login_svc", "account_check", """{"CheckItem":[{"UserID":"ratio-nobody"}]}""");

        var spans = await lab.SpansAsync(failed, spans => spans.Count > 0);
        await lab.CollectAsync();
        Assert.True(Assert.Single(spans).IsError);
        Assert.Equal("POST /v4/im_open_login_svc/account_check", spans[0].Name);
        Assert.DoesNotContain(lab.Collector.Spans, span => span.TraceId == good);
    }

    [Fact]
    public async Task An_instance_that_is_told_to_stop_sends_what_it_has_first()
    {
        const string Never = "600000";
        var lab = await shared.StartedAsync();
        var name = $"stopped-{Guid.NewGuid():N}";
        var instance = await lab.AddInstanceAsync(
            ("OTEL_SERVICE_NAME", name), ("OTEL_BSP_SCHEDULE_DELAY", Never), ("OTEL_BLRP_SCHEDULE_DELAY", Never), ("OTEL_METRIC_EXPORT_INTERVAL", Never));
        var trace = await new TelemetryCalls(instance.Api).CallAsync("im_open_login_svc", "account_check", """{"CheckItem":[{"UserID":"nobody"}]}""");
        Assert.DoesNotContain(lab.Collector.Resources, resource => resource.Value == name);

        await instance.DisposeAsync();

        await lab.SpansAsync(trace, spans => spans.Any(span => span.Kind == ReceivedSpan.Server));
        var id = Assert.Single(lab.Collector.Resources, resource => resource.Value == name).Key;
        await Eventually.TrueAsync("its metrics", () => lab.Collector.Points.Any(point => point.Instance == id && point.Name == "parley.commands"), Patience);
    }
}
