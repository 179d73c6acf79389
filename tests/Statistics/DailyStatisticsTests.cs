using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Connections;
using Parley.Statistics;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Statistics;

/// <summary>How counts are kept: days, instances, faults, and what is left of old days.</summary>
[Collection(SweepCollection.Name)]
public sealed class DailyStatisticsTests(AzuriteFixture azurite)
{
    private const string Nobody = "http://127.0.0.1:9";

    /// <summary>Half a minute before a midnight of UTC+8.</summary>
    private static readonly DateTimeOffset Evening = new(2030, 5, 10, 15, 59, 30, TimeSpan.Zero);

    [Fact]
    public async Task What_other_features_report_stands_under_its_field()
    {
        await using var instance = await StartAsync();
        var app = await instance.AddAppAsync();
        var statistics = instance.Get<DailyStatistics>();
        var id = app.SdkAppId;

        statistics.MessageSentUp(id, MessageKind.Group, "mia", "g1");
        statistics.MessageSentUp(id, MessageKind.Group, "mia", "g2");
        statistics.MessageSentUp(id, MessageKind.Group, "jonas", "g2");
        statistics.MessageSentUp(id, MessageKind.C2C, "mia");
        statistics.MessagesSentDown(id, MessageKind.Group, 200);
        statistics.MessagesSentDown(id, MessageKind.C2C, 1);
        statistics.ApnsPushesSent(id, MessageKind.C2C, 3);
        statistics.ApnsPushesSent(id, MessageKind.Group, 4);
        statistics.FriendPairsAdded(id, 5);
        statistics.FriendPairsRemoved(id, 6);
        statistics.GroupCreated(id);
        statistics.GroupCreated(id);
        statistics.GroupCreated(id);
        statistics.GroupDismissed(id);
        statistics.GroupJoined(id, 7);
        statistics.GroupQuit(id, 8);
        statistics.CallbackSent(id);
        statistics.CallbackSent(id);
        statistics.CallbackAnswered(id);
        statistics.Active(id, "ada");

        Assert.Equal(
            "ActiveUserNum=3 UpMsgNum=4 DownMsgNum=201 SendMsgUserNum=2 APNSMsgNum=7 C2CUpMsgNum=1 C2CDownMsgNum=1 C2CSendMsgUserNum=1 C2CAPNSMsgNum=3 "
            + "ChainIncrease=5 ChainDecrease=6 GroupUpMsgNum=3 GroupDownMsgNum=200 GroupSendMsgUserNum=2 GroupAPNSMsgNum=4 GroupSendMsgGroupNum=2 "
            + "GroupJoinGroupTimes=7 GroupQuitGroupTimes=8 GroupNewGroupNum=3 GroupAllGroupNum=2 GroupDestroyGroupNum=1 CallBackReq=2 CallBackRsp=1",
            (await instance.InfoAsync(app))[0].Counted());
    }

    [Fact]
    public async Task A_day_ends_at_midnight_of_UTC_plus_8_and_keeps_its_figures_when_it_is_put_together()
    {
        var time = new FakeTimeProvider(Evening);
        await using var instance = await StartAsync(time);
        await using var other = await StartAsync(time);
        var app = await instance.AddAppAsync();
        await ImportAsync(instance, app, "mia", "jonas");
        await ImportAsync(other, app, "ada");
        await LogInAsync(instance, app, "mia");
        await LogInAsync(other, app, "mia");
        time.Advance(TimeSpan.FromSeconds(30));
        await ImportAsync(instance, app, "kim");
        await LogInAsync(instance, app, "kim");
        await instance.WriteAsync();
        await other.WriteAsync();

        var days = await instance.InfoAsync(app);
        Assert.Equal(("20300511", "20300510"), (days[0]["Date"], days[1]["Date"]));
        Assert.Equal("ActiveUserNum=1 RegistUserNumOneDay=1 RegistUserNumTotal=4 LoginTimes=1 LoginUserNum=1", days[0].Counted());
        Assert.Equal("ActiveUserNum=1 RegistUserNumOneDay=3 RegistUserNumTotal=3 LoginTimes=2 LoginUserNum=1", days[1].Counted());
        Assert.Equal("", days[2].Counted());
        Assert.Equal(3, (await RowsAsync(app)).Count);

        await instance.SweepAsync();
        Assert.Equal(3, (await RowsAsync(app)).Count);
        time.Advance(TimeSpan.FromHours(1));
        await instance.SweepAsync();
        await instance.SweepAsync();

        Assert.Equal(["20300510", "20300511|"], (await RowsAsync(app)).Select(row => row[..Math.Min(9, row.Length)]));
        Assert.Equal(days.Select(day => day.Counted()), (await other.InfoAsync(app)).Select(day => day.Counted()));
    }

    [Fact]
    public async Task Days_that_nobody_can_ask_for_go_and_leave_the_totals()
    {
        var time = new FakeTimeProvider(Evening);
        await using var instance = await StartAsync(time);
        var app = await instance.AddAppAsync();
        await ImportAsync(instance, app, "mia", "jonas");
        instance.Get<DailyStatistics>().GroupCreated(app.SdkAppId);
        await instance.WriteAsync();
        time.Advance(TimeSpan.FromDays(1));
        instance.Get<DailyStatistics>().AccountDeleted(app.SdkAppId);
        await instance.WriteAsync();
        time.Advance(TimeSpan.FromDays(29));
        await instance.SweepAsync();
        Assert.Equal(["20300510", "20300511"], await RowsAsync(app));

        var days = await instance.InfoAsync(app);
        Assert.Equal(("20300511", "RegistUserNumTotal=1 GroupAllGroupNum=1"), (days[^1]["Date"], days[^1].Counted()));
        time.Advance(TimeSpan.FromDays(1));
        await instance.SweepAsync();
        Assert.Equal(["20300511", "total"], await RowsAsync(app));
        Assert.All(await instance.InfoAsync(app), day => Assert.Equal("RegistUserNumTotal=1 GroupAllGroupNum=1", day.Counted()));

        time.Advance(TimeSpan.FromDays(60));
        await instance.SweepAsync();
        await instance.SweepAsync();
        Assert.Equal(["total"], await RowsAsync(app));
        Assert.All(await instance.InfoAsync(app), day => Assert.Equal("RegistUserNumTotal=1 GroupAllGroupNum=1", day.Counted()));
    }

    [Fact]
    public async Task Instances_add_up_and_an_account_that_several_have_seen_counts_once()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var app = await one.AddAppAsync();
        foreach (var (instance, group) in new[] { (one, "g1"), (other, "g1"), (other, "g2") })
        {
            instance.Get<DailyStatistics>().MessageSentUp(app.SdkAppId, MessageKind.Group, "mia", group);
        }

        await other.WriteAsync();

        Assert.Equal(
            "ActiveUserNum=1 UpMsgNum=3 SendMsgUserNum=1 GroupUpMsgNum=3 GroupSendMsgUserNum=1 GroupSendMsgGroupNum=2", (await one.InfoAsync(app))[0].Counted());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_whose_answer_is_lost_is_repeated_and_counts_once(bool isStored)
    {
        await using var instance = await StartAsync();
        var app = await instance.AddAppAsync();
        var statistics = instance.Get<DailyStatistics>();
        for (var round = 1; round <= 3; round++)
        {
            statistics.CallbackSent(app.SdkAppId);
            var fault = isStored ? Fault.DropAfter : Fault.DropBefore;

            // More often than the client of the table repeats a request by itself.
            instance.Storage.Plan = FaultPlans.Script(request => request.Target.Contains("/statistics", StringComparison.Ordinal), fault, fault, fault, fault, fault);
            await instance.WriteAsync();
            instance.Storage.Plan = FaultPlans.None;

            Assert.Equal($"CallBackReq={round}", (await instance.InfoAsync(app))[0].Counted());
            Assert.Single(await RowsAsync(app));
        }
    }

    [Fact]
    public async Task What_is_done_although_its_answer_is_lost_counts_once_and_a_call_that_failed_half_way_counts_when_it_is_repeated()
    {
        await using var instance = await StartAsync();
        var app = await instance.AddAppAsync();
        await ImportAsync(instance, app, "mia", "jonas");
        var ada = new AccountKey(app.SdkAppId, "ada");
        foreach (var step in new Func<Task>[]
        {
            () => ImportAsync(instance, app, "ada"),
            () => instance.Get<ConnectionEvents>().ConnectedAsync(ada, "the connection of ada", new ConnectionClaims(Platform.Web, long.MaxValue)),
            () => SendAsync(instance, app, 1),
        })
        {
            instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);
            await step();
        }

        // Of a call that fails, either side may be stored.
        foreach (var survivor in new[] { 1, 2 })
        {
            var batches = 0;
            instance.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref batches) != survivor ? Fault.Answer(400) : Fault.None;
            Assert.Equal(91000, await SendForCodeAsync(instance, app, 1 + survivor));
            instance.Storage.Plan = FaultPlans.None;
            await SendAsync(instance, app, 1 + survivor);
            await SendAsync(instance, app, 1 + survivor);
        }

        Assert.Equal(
            "ActiveUserNum=2 RegistUserNumOneDay=3 RegistUserNumTotal=3 LoginTimes=1 LoginUserNum=1 UpMsgNum=3 DownMsgNum=3 SendMsgUserNum=1 C2CUpMsgNum=3 "
            + "C2CDownMsgNum=3 C2CSendMsgUserNum=1 MaxOnlineNum=1",
            (await instance.InfoAsync(app))[0].Counted());
    }

    [Fact]
    public async Task A_deletion_whose_first_answer_is_lost_is_one_deletion()
    {
        await AppInfo.AwayFromMidnightAsync();
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await instance.AddAppAsync();
        await ImportAsync(instance, app, "mia", "jonas");
        const string Deletion = """{"DeleteItem":[{"UserID":"mia"}]}""";
        instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);

        await instance.CallAsync(app, "im_open_login_svc", "account_delete", Deletion);
        await instance.CallAsync(app, "im_open_login_svc", "account_delete", Deletion);

        Assert.Equal("1", (await instance.InfoAsync(app))[0]["RegistUserNumTotal"]);
    }

    [Fact]
    public async Task Nothing_new_is_not_written_and_however_much_is_new_is_one_request()
    {
        await using var instance = await StartAsync();
        var app = await instance.AddAppAsync();
        for (var n = 0; n < 1000; n++)
        {
            instance.Get<DailyStatistics>().MessageSentUp(app.SdkAppId, MessageKind.C2C, $"user-{n}");
        }

        instance.Storage.ResetCounts();
        await instance.WriteAsync();
        Assert.Single(instance.Storage.Requests);
        await instance.WriteAsync();
        Assert.Single(instance.Storage.Requests);
        instance.Get<DailyStatistics>().MessageSentUp(app.SdkAppId, MessageKind.C2C, "mia");
        await instance.WriteAsync();
        Assert.Equal(2, instance.Storage.Requests.Count);
    }

    [Fact]
    public async Task The_program_writes_every_15_seconds_and_when_it_stops_and_a_killed_one_loses_what_came_since()
    {
        var time = new FakeTimeProvider(Evening.AddHours(-12));
        await using var reader = await StartAsync(time);
        var app = await reader.AddAppAsync();
        await using (var killed = await StartAsync(time))
        {
            var writer = killed.Get<StatisticsWriter>();
            killed.Get<DailyStatistics>().CallbackSent(app.SdkAppId);
            await writer.StartAsync(CancellationToken.None);
            await Eventually.HoldsAsync(async () =>
            {
                // Again and again: the writer's timer may not have been set when the clock moves first.
                time.Advance(TimeSpan.FromSeconds(15));
                return await CallbacksAsync() == "1";
            });
            killed.Get<DailyStatistics>().CallbackSent(app.SdkAppId);
        }

        Assert.Equal("1", await CallbacksAsync());
        await using (var stopped = await StartAsync(time))
        {
            await stopped.Get<StatisticsWriter>().StartAsync(CancellationToken.None);
            stopped.Get<DailyStatistics>().CallbackSent(app.SdkAppId);
            await stopped.Get<StatisticsWriter>().StopAsync(CancellationToken.None);
        }

        Assert.Equal("2", await CallbacksAsync());

        async Task<string> CallbacksAsync() => (await reader.InfoAsync(app))[0]["CallBackReq"];
    }

    [Fact]
    public async Task A_part_that_was_put_together_with_its_day_is_not_counted_again_by_an_instance_that_is_hours_late()
    {
        var time = new FakeTimeProvider(Evening);
        await using var late = await StartAsync(time);
        await using var other = await StartAsync(time);
        var app = await late.AddAppAsync();
        late.Get<DailyStatistics>().CallbackSent(app.SdkAppId);
        await late.WriteAsync();
        late.Get<DailyStatistics>().CallbackSent(app.SdkAppId);
        time.Advance(TimeSpan.FromHours(2));
        await other.SweepAsync();

        await late.WriteAsync();
        await late.WriteAsync();

        Assert.Equal("CallBackReq=1", (await late.InfoAsync(app))[1].Counted());
    }

    [Fact]
    public async Task Sweeps_at_the_same_time_put_a_day_together_once()
    {
        var time = new FakeTimeProvider(Evening);
        await using var one = await StartAsync(time);
        await using var other = await StartAsync(time);
        var app = await one.AddAppAsync();
        foreach (var instance in new[] { one, other })
        {
            instance.Get<DailyStatistics>().GroupJoined(app.SdkAppId, 5);
            await instance.WriteAsync();
        }

        time.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(one.SweepAsync(), other.SweepAsync());
        await one.SweepAsync();

        Assert.Equal(["20300510"], await RowsAsync(app));
        Assert.Equal("GroupJoinGroupTimes=10", (await one.InfoAsync(app))[1].Counted());
    }

    [Fact]
    public async Task Storage_that_fails_and_rows_that_cannot_be_read_have_their_codes()
    {
        await using var instance = await StartAsync();
        var app = await instance.AddAppAsync();
        await instance.InfoAsync(app);

        instance.Storage.Plan = request => request.Target.Contains("/statistics", StringComparison.Ordinal) ? Fault.Answer(503) : Fault.None;
        Assert.Equal(130011, await instance.CodeAsync(app, AppInfo.Service, AppInfo.Command, "{}"));
        instance.Storage.Plan = FaultPlans.None;

        await instance.Get<TableStore>().Statistics.AddEntityAsync(new TableEntity($"{app.SdkAppId}", "20300510") { ["ActiveAccounts"] = new byte[5] }, CancellationToken.None);
        Assert.Equal(130012, await instance.CodeAsync(app, AppInfo.Service, AppInfo.Command, "{}"));
    }

    private async Task<AppInstance> StartAsync(TimeProvider? time = null)
    {
        if (time is null)
        {
            await AppInfo.AwayFromMidnightAsync();
        }

        return await AppInstance.StartAsync(azurite, new Uri(Nobody), time);
    }

    private async Task<IReadOnlyList<string>> RowsAsync(App app)
    {
        var table = new TableClient(await azurite.ConnectionStringAsync(), TableNames.Statistics);
        var partition = $"{app.SdkAppId}";
        var rows = new List<string>();
        await foreach (var row in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            rows.Add(row.RowKey);
        }

        return rows;
    }

    private static async Task ImportAsync(AppInstance instance, App app, params string[] accounts)
    {
        foreach (var account in accounts)
        {
            Assert.Equal(0, await instance.CodeAsync(app, "im_open_login_svc", "account_import", $$"""{"UserID":"{{account}}"}"""));
        }
    }

    private static async Task SendAsync(AppInstance instance, App app, int seq) => Assert.Equal(0, await SendForCodeAsync(instance, app, seq));

    private static Task<int> SendForCodeAsync(AppInstance instance, App app, int seq) => instance.CodeAsync(app, "openim", "sendmsg", $$$"""
        {"From_Account":"mia","To_Account":"jonas","MsgSeq":{{{seq}}},"MsgRandom":{{{seq}}},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{seq}}}"}}]}
        """);

    private static Task LogInAsync(AppInstance instance, App app, string account)
    {
        instance.Get<DailyStatistics>().LoggedIn(app.SdkAppId, account);
        return Task.CompletedTask;
    }
}
