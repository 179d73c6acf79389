using Parley.Storage;
using Parley.Tests.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The figures of a known piece of work are those that it must have.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class MetricTests(TelemetryLab shared)
{
    private const int Messages = 10;

    [Fact]
    public async Task Ten_messages_are_ten_messages_twenty_transactions_and_ten_calls_of_SignalR()
    {
        var lab = await shared.StartedAsync();
        // Of its own, so that nothing that other tests left to be done is counted.
        var name = $"counted-{Guid.NewGuid():N}";
        await using var instance = await lab.AddInstanceAsync(
            ("OTEL_SERVICE_NAME", name), ("AzureWebJobs.deliver.Disabled", "true"), ("AzureWebJobs.callback.Disabled", "true"), ("AzureWebJobs.task.Disabled", "true"));
        var calls = new TelemetryCalls(instance.Api);
        var accounts = await lab.ImportAsync("metric-mia", "metric-jonas");
        await SendAndHearAsync(lab, calls, accounts[0], accounts[1]);
        await lab.CollectAsync();
        var before = Figures(lab, name);

        for (var n = 0; n < Messages; n++)
        {
            await SendAndHearAsync(lab, calls, accounts[0], accounts[1]);
        }

        await lab.CollectAsync();
        var now = Figures(lab, name);
        Assert.Equal(
            (Messages, Messages, Messages, Messages, 2 * Messages, 2 * Messages, Messages, Messages, Messages),
            (now[0] - before[0], now[1] - before[1], now[2] - before[2], now[3] - before[3], now[4] - before[4], now[5] - before[5], now[6] - before[6], now[7] - before[7], now[8] - before[8]));
    }

    [Fact]
    public async Task Commands_are_counted_by_their_answers_and_what_is_none_under_no_name()
    {
        var lab = await shared.StartedAsync();
        await lab.CallAsync("openim", "sendmsg", "{}", 90003);
        await lab.CallAsync("openim", "what-a-caller-made-up", "{}", 60009);

        await lab.CollectAsync();

        Assert.True(lab.Total("parley.commands", ("command", "sendmsg"), ("code", "90003")) >= 1);
        Assert.True(lab.Total("parley.commands", ("service", "unknown"), ("command", "unknown"), ("code", "60009")) >= 1);
        Assert.DoesNotContain(lab.Collector.Points, point => point.Attributes.Values.Any(value => value.Contains("made-up", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_instances_that_change_the_same_conversation_count_a_conflict()
    {
        var lab = await shared.StartedAsync();
        await using var other = await lab.AddInstanceAsync();
        var accounts = await lab.ImportAsync("conflict-mia", "conflict-jonas");
        await lab.SendAsync(accounts[0], accounts[1]);
        await lab.CollectAsync();
        var before = lab.Total("parley.storage.conflicts", ("table", "accounts"));

        // The first one remembers versions that the second one has made stale by then.
        await other.Api.CallOkAsync("openim", "sendmsg", EndToEnd.Messages.Text(accounts[0], accounts[1], "from elsewhere", random: 8).ToJsonString());
        await lab.SendAsync(accounts[0], accounts[1], "again");

        await lab.CollectAsync();
        Assert.True(lab.Total("parley.storage.conflicts", ("table", "accounts")) >= before + 2, "One in each partition was expected.");
        Assert.True(lab.Collector.Resources.Count(resource => resource.Value == "parley") >= 2);
    }

    [Fact]
    public async Task Histograms_have_buckets_that_fit_what_they_measure()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("bucket-mia", "bucket-jonas");
        await lab.SendAsync(accounts[0], accounts[1]);

        await lab.CollectAsync();

        var durations = lab.Collector.Points.Where(point => point.Name.EndsWith(".duration", StringComparison.Ordinal)).ToList();
        Assert.Contains(durations, point => point.Name == "parley.message.duration");
        Assert.All(durations, point => Assert.Equal((0.001, 10), (point.Bounds[0], point.Bounds[^1])));
        Assert.Contains(lab.Collector.Points, point => point.Name == "parley.partition.cached_rows" && point.Attributes["table"] == "accounts" && point.Value > 0);
        Assert.Contains(lab.Collector.Points, point => point.Name == "parley.outbox.waiting");
    }

    [Fact]
    public async Task What_the_host_puts_aside_is_told_by_the_timer_until_it_is_gone()
    {
        var lab = await shared.StartedAsync();
        await using var instance = await lab.AddInstanceAsync(("AzureWebJobs.timer.Disabled", "false"));
        await lab.QueueOf(TableNames.DeliverQueue).SendMessageAsync("this is not base64", TestContext.Current.CancellationToken);
        var poison = lab.QueueOf($"{TableNames.DeliverQueue}-poison");
        await QueueHost.FirstMessageAsync(poison);

        await instance.RunTimerAsync();
        await Eventually.HoldsAsync(() => Poison(lab).Any(count => count >= 1));

        // What other tests left behind may still come.
        await Eventually.GetAsync(
            "no figure but 0",
            async () =>
            {
                await poison.ClearMessagesAsync();
                await instance.RunTimerAsync();
                await lab.CollectAsync();
                return Poison(lab).All(count => count == 0);
            },
            TimeSpan.FromMinutes(2));
    }

    // The latest of each instance.
    private static IEnumerable<double> Poison(TelemetryLab lab) => lab.Collector.Points
        .Where(point => point.Name == "parley.queue.poison" && point.Attributes["queue"] == TableNames.DeliverQueue).Select(point => point.Value);

    // Each event is waited for, or two of them may share a call.
    private static async Task SendAndHearAsync(TelemetryLab lab, TelemetryCalls instance, string from, string to)
    {
        var calls = Calls(lab, to);
        await instance.CallAsync("openim", "sendmsg", EndToEnd.Messages.Text(from, to, "hello").ToJsonString(), 0);
        await Eventually.HoldsAsync(() => Calls(lab, to) == calls + 1);
    }

    private static int Calls(TelemetryLab lab, string account) => lab.SignalR.Count(request => request.Target.Contains(account, StringComparison.Ordinal));

    private static double[] Figures(TelemetryLab lab, string instance) =>
    [
        lab.TotalOf(instance, "parley.messages", ("kind", "c2c")),
        lab.TotalOf(instance, "parley.message.duration", ("kind", "c2c")),
        lab.TotalOf(instance, "parley.commands", ("service", "openim"), ("command", "sendmsg"), ("code", "0")),
        lab.TotalOf(instance, "parley.command.duration", ("service", "openim"), ("command", "sendmsg")),
        lab.TotalOf(instance, "parley.storage.transactions", ("table", "accounts"), ("operation", "transaction"), ("outcome", "ok")),
        lab.TotalOf(instance, "parley.storage.duration", ("table", "accounts"), ("operation", "transaction")),
        lab.TotalOf(instance, "parley.signalr.calls", ("operation", "send"), ("outcome", "ok")),
        lab.TotalOf(instance, "parley.signalr.duration", ("operation", "send")),
        lab.TotalOf(instance, "parley.delivery.duration", ("target", "account"), ("outcome", "sent")),
    ];
}
