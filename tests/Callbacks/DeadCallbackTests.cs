using System.Text.Json;
using Parley.Accounts;
using Parley.Callbacks;
using Parley.Groups;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>Callbacks that were given up, seen and sent again by administrators; and those of accounts and groups that go.</summary>
public sealed class DeadCallbackTests(AzuriteFixture azurite)
{
    private const string After = "C2C.CallbackAfterSendMsg";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_listed_in_pages_newest_first_with_all_that_is_known()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await KillAsync(lab, mia, jonas, 5);

        var pages = new List<JsonElement>();
        var next = "";
        do
        {
            pages.Add(await CallAsync(lab, "get_dead_callbacks", new { CallbackCommand = After, Limit = 2, Next = next }));
            next = pages[^1].GetProperty("Next").GetString()!;
        }
        while (next.Length > 0);

        var dead = pages.SelectMany(page => page.GetProperty("DeadCallbacks").EnumerateArray()).ToList();
        Assert.Equal([2, 2, 1], pages.Select(page => page.GetProperty("DeadCallbacks").GetArrayLength()));
        Assert.Equal(["5", "4", "3", "2", "1"], dead.Select(callback => EndToEnd.Messages.TextOf(callback.GetProperty("Body"))));
        Assert.Equal(["Id", "CallbackCommand", "Time", "DiedAt", "Attempts", "Reason", "Body"], dead[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal((After, 1, "status 500"), (dead[0].GetProperty("CallbackCommand").GetString(), dead[0].GetProperty("Attempts").GetInt32(), dead[0].GetProperty("Reason").GetString()));
        Assert.Equal(lab.Receiver.Received.Select(callback => callback.Id).Reverse(), dead.Select(callback => callback.GetProperty("Id").GetString()));
        Assert.Empty((await CallAsync(lab, "get_dead_callbacks", new { CallbackCommand = "C2C.CallbackAfterMsgReport" })).GetProperty("DeadCallbacks").EnumerateArray());
    }

    [Fact]
    public async Task Some_or_all_are_sent_again_in_order_under_their_ids_and_are_dead_no_more()
    {
        await using var lab = await StartAsync();
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await KillAsync(lab, mia, jonas, 4);
        var killed = lab.Receiver.Received.ToList();
        lab.Receiver.Script = _ => CallbackReply.Ok;

        var one = await CallAsync(lab, "redeliver_callbacks", new { Ids = new[] { killed[1].Id, "no such id" } });
        await lab.DrainAsync(jonas);
        var all = await CallAsync(lab, "redeliver_callbacks", new { CallbackCommand = After });
        await lab.DrainAsync(jonas);

        Assert.Equal((1, 1), (one.GetProperty("Count").GetInt32(), one.GetProperty("Complete").GetInt32()));
        Assert.Equal((3, 1), (all.GetProperty("Count").GetInt32(), all.GetProperty("Complete").GetInt32()));
        var again = lab.Receiver.Received.Skip(4).ToList();
        Assert.Equal([killed[1].Id, killed[0].Id, killed[2].Id, killed[3].Id], again.Select(callback => callback.Id));
        Assert.All(again, callback => Assert.Equal(1, callback.Attempt));
        Assert.Empty(await lab.DeadAsync());
    }

    [Theory]
    [InlineData("get_dead_callbacks", """{"Limit":0}""")]
    [InlineData("get_dead_callbacks", """{"Limit":101}""")]
    [InlineData("get_dead_callbacks", """{"CallbackCommand":"none"}""")]
    [InlineData("redeliver_callbacks", "{}")]
    [InlineData("redeliver_callbacks", """{"Ids":[]}""")]
    [InlineData("redeliver_callbacks", """{"Ids":[7]}""")]
    [InlineData("redeliver_callbacks", """{"CallbackCommand":"none"}""")]
    [InlineData("redeliver_callbacks", """{"Ids":["a"],"CallbackCommand":"C2C.CallbackAfterSendMsg"}""")]
    public async Task Bad_requests_have_their_code(string command, string body)
    {
        await using var lab = await StartAsync();

        Assert.Equal(70402, await lab.Instance.CodeAsync(lab.App, "openconfigsvr", command, body));
        Assert.Equal(60010, await lab.Instance.CodeAsync(lab.App, "openconfigsvr", command, body, "somebody"));
    }

    [Fact]
    public async Task A_deleted_account_s_callbacks_are_sent_and_then_nothing_is_left_of_it()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var lab = await CallbackLab.StartAsync(azurite, signalR.Endpoint, app => app with { CallbackCommands = [After] });
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Queue.LosesJobs = true;
        await lab.SendAsync(mia, jonas, "last words");
        await lab.Instance.Get<CallbackWakeups>().StopAsync(Stop);
        lab.Queue.LosesJobs = false;

        await lab.Instance.Get<AccountDirectory>().DeleteAsync(lab.Key(jonas), Stop);
        await lab.DrainAsync(jonas);

        Assert.Equal("last words", EndToEnd.Messages.TextOf(Assert.Single(lab.Receiver.Received).Body));
        await Eventually.HoldsAsync(async () => (await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), lab.Key(jonas))).Count == 0);
    }

    [Fact]
    public async Task A_dismissed_group_s_callbacks_are_sent_and_then_nothing_is_left_of_it()
    {
        await using var lab = await StartAsync();
        var jonas = await lab.ImportAsync("jonas");
        var created = await lab.CallAsync("create_group", new { Type = "Public", Name = "Gone", Owner_Account = jonas }, service: "group_open_http_svc");
        var group = new GroupKey(lab.App.SdkAppId, created.GetProperty("GroupId").GetString()!);
        var stream = new CallbackStream(TableNames.Groups, group.PartitionKey);
        var after = lab.Instance.Get<AfterCallbacks>();
        lab.Queue.LosesJobs = true;
        await after.AppendAsync(
            stream, after.Begin(lab.App, CallbackCommands.AfterSendMessage, CallOrigin.Unknown), new RecalledMessageFields("a", "b", "c"), ParleyJson.Wire.RecalledMessageFields);
        await lab.Instance.Get<CallbackWakeups>().StopAsync(Stop);
        lab.Queue.LosesJobs = false;

        await lab.CallAsync("destroy_group", new { group.GroupId }, service: "group_open_http_svc");
        await lab.DrainAsync();

        await lab.Receiver.WaitForAsync(After);
        var filter = $"PartitionKey eq '{group.PartitionKey}'";
        await Eventually.HoldsAsync(async () =>
        {
            await lab.DrainAsync();
            return !await lab.Instance.Get<TableStore>().Groups.QueryAsync<Azure.Data.Tables.TableEntity>(group.PartitionKey, filter).GetAsyncEnumerator(Stop).MoveNextAsync();
        });
    }

    // Gives up so many callbacks, with the texts 1, 2, …
    private static async Task KillAsync(CallbackLab lab, string mia, string jonas, int count)
    {
        lab.Receiver.Script = _ => CallbackReply.Error;
        for (var n = 1; n <= count; n++)
        {
            await lab.SendAsync(mia, jonas, $"{n}", (uint)n);
        }

        await lab.DrainAsync(jonas);
    }

    private static Task<JsonElement> CallAsync(CallbackLab lab, string command, object body) => lab.CallAsync(command, body, service: "openconfigsvr");

    private Task<CallbackLab> StartAsync() =>
        CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = [After], CallbackAttempts = 1 }, ("Callbacks:CircuitFailures", "1000"));
}
