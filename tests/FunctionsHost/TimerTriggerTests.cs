using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class TimerTriggerTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 1, 0, TimeSpan.Zero);
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string _hostId = "";
    private string _schedule = "";

    [Fact]
    public async Task A_timer_runs_on_its_schedule_and_says_when_it_ran_before()
    {
        var time = new FakeTimeProvider(Start);
        await using var app = await StartAsync(time, "0 */5 * * * *");

        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(1), 1);
        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(1), 2);

        var (first, second) = (await app.Script.NthCallAsync(1), await app.Script.NthCallAsync(2));
        Assert.Equal("/tick", first.Target);
        Assert.Equal(["sys"], first.Json["Metadata"]!.AsObject().Select(member => member.Key));
        Assert.Equal(
            """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"0001-01-01T00:00:00+00:00","Next":"2026-01-01T00:05:00+00:00","LastUpdated":"0001-01-01T00:00:00+00:00"},"IsPastDue":false}""",
            first.Json["Data"]!["timer"]!.ToJsonString(Relaxed));
        var status = second.Json["Data"]!["timer"]!["ScheduleStatus"]!;
        Assert.True((DateTimeOffset)status["Last"]! >= Start.AddMinutes(4));
        Assert.Equal((DateTimeOffset)status["LastUpdated"]!, (DateTimeOffset)status["Last"]!);
        Assert.True((DateTimeOffset)status["Next"]! > (DateTimeOffset)status["Last"]!);
    }

    [Theory]
    [InlineData("*/15 * * * * *", "\"useMonitor\": true")]
    [InlineData("0 */5 * * * *", "\"useMonitor\": false")]
    public async Task A_timer_that_is_not_monitored_has_no_status(string schedule, string more)
    {
        var time = new FakeTimeProvider(Start);
        await using var app = await StartAsync(time, schedule, more);

        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromSeconds(15), 1);

        var timer = (await app.Script.FirstCallAsync()).Json["Data"]!["timer"]!;
        Assert.Equal("""{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""", timer.ToJsonString());
    }

    [Fact]
    public async Task A_schedule_may_be_an_interval()
    {
        var time = new FakeTimeProvider(Start);
        await using var app = await StartAsync(time, "00:10:00");

        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(5), 1);

        var timer = (await app.Script.FirstCallAsync()).Json["Data"]!["timer"]!;
        Assert.False((bool)timer["Schedule"]!["AdjustForDST"]!);
        Assert.Equal(Start.AddMinutes(10), (DateTimeOffset)timer["ScheduleStatus"]!["Next"]!);
    }

    [Fact]
    public async Task With_runOnStartup_it_runs_without_waiting()
    {
        await using var app = await StartAsync(new FakeTimeProvider(Start), "0 0 0 1 1 *", "\"runOnStartup\": true");

        var timer = (await app.Script.FirstCallAsync()).Json["Data"]!["timer"]!;

        Assert.False((bool)timer["IsPastDue"]!);
    }

    [Fact]
    public async Task A_run_that_was_missed_while_the_host_was_away_is_made_up_for_once()
    {
        var time = new FakeTimeProvider(Start);
        await using var app = await StartAsync(time, "0 */5 * * * *");
        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(1), 1);
        await app.StopAsync();
        time.Advance(TimeSpan.FromHours(1));

        await StartAsync(app, time);
        var second = await app.Script.NthCallAsync(2);
        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(1), 3);

        Assert.True((bool)second.Json["Data"]!["timer"]!["IsPastDue"]!);
        Assert.False((bool)(await app.Script.NthCallAsync(3)).Json["Data"]!["timer"]!["IsPastDue"]!);
    }

    [Fact]
    public async Task A_failed_run_does_not_stop_the_timer()
    {
        var time = new FakeTimeProvider(Start);
        await using var app = await StartAsync(time, "0 */5 * * * *");
        app.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done with { Status = 500 });

        await AdvanceUntilCalledAsync(app, time, TimeSpan.FromMinutes(1), 2);

        Assert.True(app.Log.Has(LogLevel.Error, "'tick'", "500"));
    }

    private async Task<TestApp> StartAsync(FakeTimeProvider time, string schedule, string more = "\"useMonitor\": true")
    {
        var app = await TestApp.CreateAsync();
        // The clock runs far ahead while an invocation is on its way: it must not time out.
        app.HostJson(top: "\"functionTimeout\": \"-1\"").Function("tick", $$"""{ "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "%SCHEDULE%", {{more}} }""");
        _hostId = azurite.NewName("host");
        _schedule = schedule;
        await StartAsync(app, time);
        return app;
    }

    private async Task StartAsync(TestApp app, FakeTimeProvider time) =>
        await app.StartAsync(await azurite.ConnectionStringAsync(), options => options with
        {
            Time = time,
            AppSettings = new Dictionary<string, string>(options.AppSettings) { ["AzureFunctionsWebHost__hostid"] = _hostId, ["SCHEDULE"] = _schedule },
        });

    private static Task AdvanceUntilCalledAsync(TestApp app, FakeTimeProvider time, TimeSpan step, int calls) => Eventually.HoldsAsync(() =>
    {
        if (app.Script.Calls.Count >= calls)
        {
            return true;
        }

        time.Advance(step);
        return false;
    });
}
