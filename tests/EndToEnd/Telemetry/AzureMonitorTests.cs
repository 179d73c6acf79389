using Microsoft.Extensions.Logging;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The same arrives at Application Insights, in its own form.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class AzureMonitorTests(TelemetryLab shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_message_is_a_request_with_its_dependencies_in_one_operation()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("azure-mia", "azure-jonas");

        var trace = await lab.SendAsync(accounts[0], accounts[1]);

        var request = await Eventually.GetAsync("the request", () => Task.FromResult(lab.AzureMonitor.Items("RequestData").Where(item => item.Operation == trace).Cast<(string, System.Text.Json.JsonElement Content)?>().FirstOrDefault()), Patience);
        Assert.Equal(("POST /v4/openim/sendmsg", true), (request!.Value.Content.GetProperty("name").GetString(), request.Value.Content.GetProperty("success").GetBoolean()));
        // What the Functions host reports of the same call has an address; this has none, so neither counts twice.
        Assert.True(!request.Value.Content.TryGetProperty("url", out var url) || string.IsNullOrEmpty(url.GetString()));
        await Eventually.TrueAsync("the dependencies", () => Dependencies(lab, trace).Contains("transaction accounts") && Dependencies(lab, trace).Contains("signalr send"), Patience);
    }

    [Fact]
    public async Task Metrics_arrive_as_what_came_since_the_last_time()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("azure-metric-mia", "azure-metric-jonas");
        await lab.CollectAsync();
        var before = Messages(lab);

        await lab.SendAsync(accounts[0], accounts[1]);
        await lab.SendAsync(accounts[1], accounts[0]);

        await Eventually.TrueAsync("two messages", () => Messages(lab) == before + 2, Patience);
    }

    [Fact]
    public async Task Log_entries_go_there_with_their_trace_and_not_to_standard_output_as_well()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("azure-log-mia", "azure-log-jonas");
        lab.SignalR.Plan = FaultPlans.Script(request => request.Target.Contains(accounts[1], StringComparison.Ordinal), Fault.Answer(503), Fault.Answer(503));

        var trace = await lab.SendAsync(accounts[0], accounts[1]);

        const string Text = "1 events could not be delivered and go to the work queue";
        await Eventually.TrueAsync(
            "the log entry",
            () => lab.AzureMonitor.Items("MessageData").Any(item => item.Operation == trace && item.Content.GetProperty("message").GetString()!.StartsWith(Text, StringComparison.Ordinal)),
            Patience);
        await Eventually.TrueAsync("the same at the collector", () => lab.Collector.Logs.Any(log => log.TraceId == trace && log.Category == "Parley.Delivery.Outbox"), Patience);
        Assert.DoesNotContain(lab.Output.Lines, line => line.Text.Contains(Text, StringComparison.Ordinal));
        Assert.DoesNotContain(lab.Output.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("Parley.", StringComparison.Ordinal));
    }

    private static List<string> Dependencies(TelemetryLab lab, string trace) =>
        [.. lab.AzureMonitor.Items("RemoteDependencyData").Where(item => item.Operation == trace).Select(item => item.Content.GetProperty("name").GetString()!)];

    private static double Messages(TelemetryLab lab) => lab.AzureMonitor.Items("MetricData")
        .SelectMany(item => item.Content.GetProperty("metrics").EnumerateArray())
        .Where(metric => metric.GetProperty("name").GetString() == "parley.messages").Sum(metric => metric.GetProperty("value").GetDouble());
}
