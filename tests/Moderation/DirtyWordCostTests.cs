using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.Moderation;

/// <summary>What it costs that an app has dirty words, and when instances know them.</summary>
public sealed class DirtyWordCostTests(AzuriteFixture azurite)
{
    private const string Service = "openim_dirty_words";

    [Fact]
    public async Task They_are_read_once_for_each_change_and_a_message_stays_two_transactions()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await PrepareAsync(here);
        Assert.Equal(0, await here.CodeAsync(app, Service, "add", """{"DirtyWordsList":["foul"]}"""));
        Assert.Equal(0, await SendAsync(here, app, "fair", 1));
        await here.FlushAsync();
        here.Storage.ResetCounts();

        for (var seq = 2; seq < 12; seq++)
        {
            Assert.Equal(0, await SendAsync(here, app, "fair", seq));
            Assert.Equal(80001, await SendAsync(here, app, "foul", seq));
        }

        Assert.Equal(20, here.Storage.Count(RequestKind.Batch));
        Assert.Equal(20, here.Storage.Requests.Count);

        Assert.Equal(0, await here.CodeAsync(app, Service, "add", """{"DirtyWordsList":["fouler"]}"""));
        here.Storage.ResetCounts();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(seq => SendAsync(here, app, "fouler", seq))), code => Assert.Equal(80001, code));
        Assert.Single(here.Storage.Requests);
    }

    [Fact]
    public async Task Another_instance_knows_them_within_half_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var app = await PrepareAsync(here);
        Assert.Equal(0, await SendAsync(there, app, "foul", 1));

        Assert.Equal(0, await here.CodeAsync(app, Service, "add", """{"DirtyWordsList":["foul"]}"""));
        Assert.Equal(80001, await SendAsync(here, app, "foul", 2));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(80001, await SendAsync(there, app, "foul", 2));

        Assert.Equal(0, await here.CodeAsync(app, Service, "delete", """{"DirtyWordsList":["foul"]}"""));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await SendAsync(there, app, "foul", 2));
    }

    [Fact]
    public async Task A_change_that_breaks_off_is_made_whole_by_its_repetition()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await PrepareAsync(here);
        here.Storage.Plan = request => request.Target.Contains("RowKey='app'", StringComparison.Ordinal) && request.IsWrite ? Fault.Answer(503) : Fault.None;
        Assert.Equal(10002, await here.CodeAsync(app, Service, "add", """{"DirtyWordsList":["foul"]}"""));
        here.Storage.Plan = FaultPlans.None;

        Assert.Equal(0, await here.CodeAsync(app, Service, "add", """{"DirtyWordsList":["foul"]}"""));

        Assert.Equal(80001, await SendAsync(here, app, "foul", 1));
    }

    private static async Task<App> PrepareAsync(AppInstance instance)
    {
        var app = await instance.AddAppAsync();
        Assert.Equal(0, await instance.CodeAsync(app, "im_open_login_svc", "multiaccount_import", """{"Accounts":["mia","jonas"]}"""));
        return app;
    }

    private static Task<int> SendAsync(AppInstance instance, App app, string text, int seq) => instance.CodeAsync(app, "openim", "sendmsg", $$$"""
        {"From_Account":"mia","To_Account":"jonas","MsgSeq":{{{seq}}},"MsgRandom":{{{seq}}},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{text}}}"}}]}
        """);
}
