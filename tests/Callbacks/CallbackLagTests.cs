using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Parley.Callbacks;
using Parley.Tests.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>What operators see of callbacks that wait.</summary>
public sealed class CallbackLagTests(AzuriteFixture azurite)
{
    private const string Age = "parley.callback.age";
    private const string Waiting = "parley.callback.waiting";

    private static readonly TimeSpan Later = TimeSpan.FromMinutes(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_look_at_a_stream_tells_how_long_its_oldest_callback_has_waited_and_how_many_do()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = ["C2C.CallbackAfterSendMsg"] });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await SendAsync(lab, mia, jonas, 20);
        var later = await lab.AddInstanceAsync(new ShiftedTime(Later));
        using var heard = new HeardMetrics(later.Get<IMeterFactory>(), Age, Waiting);

        await later.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);

        Assert.Equal(20, lab.Receiver.Of("C2C.CallbackAfterSendMsg").Count);
        Assert.Equal([20, 4], heard.Of(Waiting));
        Assert.All(heard.Of(Age), seconds => Assert.InRange(seconds, Later.TotalSeconds, 2 * Later.TotalSeconds));
        Assert.Equal(2, heard.Of(Age).Count());
    }

    [Fact]
    public async Task What_waits_for_a_receiver_that_fails_or_is_left_alone_is_told_too()
    {
        await using var lab = await CallbackLab.StartAsync(
            azurite, app => app with { CallbackCommands = ["C2C.CallbackAfterSendMsg"] },
            ("Callbacks:FirstRetryMilliseconds", "60000"), ("Callbacks:CircuitFailures", "1"), ("Callbacks:CircuitMilliseconds", "300000"));
        lab.Receiver.Script = _ => CallbackReply.Error;
        var (mia, jonas, ben) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"), await lab.ImportAsync("ben"));
        await SendAsync(lab, mia, jonas, 3);
        await SendAsync(lab, mia, ben, 2);
        using var heard = new HeardMetrics(lab.Instance.Get<IMeterFactory>(), Waiting);
        var drain = lab.Instance.Get<CallbackDrain>();

        await drain.RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);
        await drain.RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);
        await drain.RunAsync(lab.StreamOf(ben), isRepeated: false, Stop);

        Assert.Single(lab.Receiver.Received);
        Assert.Equal([3, 3, 2], heard.Of(Waiting));
    }

    [Fact]
    public async Task Where_nothing_waits_nothing_is_told()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var jonas = await lab.ImportAsync("jonas");
        using var heard = new HeardMetrics(lab.Instance.Get<IMeterFactory>(), Age, Waiting);

        await lab.Instance.Get<CallbackDrain>().RunAsync(lab.StreamOf(jonas), isRepeated: false, Stop);

        Assert.Empty(heard.Values);
    }

    [Fact]
    public void The_log_names_an_app_that_is_late_once_a_minute_or_when_it_is_worse_by_half()
    {
        var (time, log) = (new FakeTimeProvider(), new LogLines());
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var lag = new CallbackLag(FreshMetrics.Create(), time, loggers.CreateLogger<CallbackLag>());
        void Note(uint app, int seconds, int waiting) => lag.Note(app, time.GetUtcNow().AddSeconds(-seconds), waiting);

        Note(1, 299, 1000);
        Note(1, 300, 7);
        Note(1, 449, 7);
        Note(2, 400, 8);
        Note(1, 450, 9);
        time.Advance(TimeSpan.FromMinutes(1));
        Note(1, 301, 2);

        Assert.Equal(
            [Entry(1, 300, 7), Entry(2, 400, 8), Entry(1, 450, 9), Entry(1, 301, 2)],
            log.Lines.Select(line => line.Text));

        static string Entry(uint app, int seconds, int waiting) =>
            $"Callbacks of app {app} lag: in one account or group the oldest has waited for {seconds} s, and {waiting} wait";
    }

    private static async Task SendAsync(CallbackLab lab, string from, string to, uint count)
    {
        for (uint seq = 1; seq <= count; seq++)
        {
            await lab.SendAsync(from, to, $"{seq}", seq);
        }
    }
}
