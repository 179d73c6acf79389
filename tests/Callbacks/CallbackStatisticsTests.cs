using System.Diagnostics.Metrics;
using System.Text.Json;
using Parley.Statistics;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>Operators see how callbacks go: by a command, in getappinfo, and at the meter.</summary>
public sealed class CallbackStatisticsTests(AzuriteFixture azurite)
{
    private const string Before = "C2C.CallbackBeforeSendMsg";
    private const string After = "C2C.CallbackAfterSendMsg";
    private const string Service = "openconfigsvr";

    [Fact]
    public async Task Attempts_outcomes_and_latency_of_each_command_are_shown()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackAttempts = 2 }, ("Callbacks:CircuitFailures", "1000"));
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        using var heard = new HeardMetrics(lab.Instance.Get<IMeterFactory>(), "parley.callbacks");
        lab.Receiver.Script = callback => EndToEnd.Messages.TextOf(callback.Body) switch
        {
            "refuse" => CallbackReply.Code(1),
            "garbage" => CallbackReply.Garbage,
            "bad after" when callback.Command == After => CallbackReply.Error,
            _ => CallbackReply.Ok,
        };

        foreach (var (text, n) in new[] { "good", "refuse", "garbage", "bad after" }.Select((text, n) => (text, n)))
        {
            await lab.CallAsync("sendmsg", EndToEnd.Messages.Text(mia, jonas, text, (uint)n).ToJsonString());
        }

        await lab.DrainAsync(jonas);
        var shown = (await lab.CallAsync("get_callback_statistics", "{}", service: Service)).GetProperty("Callbacks").EnumerateArray().ToDictionary(day => day.GetProperty("CallbackCommand").GetString()!);
        var info = await lab.CallAsync("getappinfo", new { RequestField = new[] { "CallBackReq", "CallBackRsp" } }, service: Service);

        Assert.Equal([After, Before], shown.Keys);
        Assert.Equal((4, 3, 1, 1, 0), Of(shown[Before]));

        // Good once, garbage twice, the bad one twice: its before-callback was good.
        Assert.Equal((5, 1, 0, 2, 2), Of(shown[After]));
        Assert.Equal(2, shown[After].GetProperty("BadStatus").GetInt64());
        Assert.True(shown[Before].GetProperty("Latency50").GetInt32() <= shown[Before].GetProperty("Latency99").GetInt32());
        var today = info.GetProperty("Result")[0];
        Assert.Equal(("9", "4"), (today.GetProperty("CallBackReq").GetString(), today.GetProperty("CallBackRsp").GetString()));
        Assert.Equal(3, heard.Values.Count(value => (value.Tags["command"], value.Tags["outcome"]) == (Before, "Answered")));
        Assert.Equal(2, heard.Values.Count(value => (value.Tags["command"], value.Tags["outcome"]) == (After, "GivenUp")));
    }

    [Theory]
    [InlineData("""{"Days":0}""")]
    [InlineData("""{"Days":31}""")]
    [InlineData("""{"Days":"1"}""")]
    public async Task Bad_requests_have_their_code(string body)
    {
        await using var lab = await CallbackLab.StartAsync(azurite);

        Assert.Equal(70402, await lab.Instance.CodeAsync(lab.App, Service, "get_callback_statistics", body));
    }

    [Fact]
    public void Figures_are_the_same_after_they_were_stored_and_add_up()
    {
        var one = new CallbackFigures();
        foreach (var milliseconds in Enumerable.Range(1, 100))
        {
            one.Add(CallbackCount.Answered);
            one.AddDuration(TimeSpan.FromMilliseconds(milliseconds));
        }

        var two = CallbackFigures.Of(one.Numbers);
        two.Merge(one);
        two.AddDuration(TimeSpan.FromSeconds(9));

        Assert.Equal((200, 0), (two[CallbackCount.Answered], two[CallbackCount.GivenUp]));
        Assert.Equal((50, 100, null), (one.WithinMilliseconds(0.5), one.WithinMilliseconds(0.99), new CallbackFigures().WithinMilliseconds(0.5)));
        Assert.Null(two.WithinMilliseconds(1));

        // Stored by a program that knew fewer counts.
        Assert.Equal(0, CallbackFigures.Of([.. one.Numbers.SkipLast(3)])[CallbackCount.GivenUp]);
    }

    private static (long Sent, long Answered, long Refused, long BadBody, long GivenUp) Of(JsonElement day) => (
        day.GetProperty("Sent").GetInt64(), day.GetProperty("Answered").GetInt64(), day.GetProperty("Refused").GetInt64(), day.GetProperty("BadBody").GetInt64(),
        day.GetProperty("GivenUp").GetInt64());
}
