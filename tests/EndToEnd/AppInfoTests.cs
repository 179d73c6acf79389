using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Statistics;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AppInfoTests(LocalEnvironmentFixture fixture)
{
    /// <summary>API reference, openim §14.</summary>
    private static readonly string[] Fields =
    [
        "AppName", "AppId", "Company", "ActiveUserNum", "RegistUserNumOneDay", "RegistUserNumTotal", "LoginTimes", "LoginUserNum", "UpMsgNum", "DownMsgNum",
        "SendMsgUserNum", "APNSMsgNum", "C2CUpMsgNum", "C2CDownMsgNum", "C2CSendMsgUserNum", "C2CAPNSMsgNum", "MaxOnlineNum", "ChainIncrease", "ChainDecrease",
        "GroupUpMsgNum", "GroupDownMsgNum", "GroupSendMsgUserNum", "GroupAPNSMsgNum", "GroupSendMsgGroupNum", "GroupJoinGroupTimes", "GroupQuitGroupTimes",
        "GroupNewGroupNum", "GroupAllGroupNum", "GroupDestroyGroupNum", "CallBackReq", "CallBackRsp", "Date",
    ];

    [Fact]
    public async Task An_app_without_history_has_30_days_of_32_texts_newest_first()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { Name = "Chat of 例" });
        await api.CallOkAsync(AppInfo.Service, "set_app_settings", """{"Company":"例 Inc."}""");

        var (before, answer, after) = (Today(), await api.CallOkAsync(AppInfo.Service, AppInfo.Command, "{}"), Today());

        var days = AppInfo.Days(answer);
        Assert.Equal(("OK", "OK"), (answer.GetProperty("ActionStatus").GetString(), answer.GetProperty("ErrorInfo").GetString()));
        Assert.Equal(30, days.Count);
        Assert.All(days, day => Assert.Equal(Fields.Order(), day.Keys.Order()));
        Assert.All(days, day => Assert.Equal(("Chat of 例", $"{api.Settings.SdkAppId}", "例 Inc.", ""), (day["AppName"], day["AppId"], day["Company"], day.Counted())));
        var newest = days[0]["Date"] == AppInfo.Date(before) ? before : after;
        Assert.Equal(Enumerable.Range(0, 30).Select(ago => AppInfo.Date(newest.AddDays(-ago))), days.Select(day => day["Date"]));
    }

    [Fact]
    public async Task What_happens_is_counted_once_under_every_field_that_it_belongs_to()
    {
        await AppInfo.AwayFromMidnightAsync();
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas", "ada");
        await api.ImportAsync("mia");
        await api.CallOkAsync("im_open_login_svc", "account_delete", """{"DeleteItem":[{"UserID":"ada"}]}""");
        await using var device = await ClientConnection.StartAsync(api, "mia");
        await using var other = await ClientConnection.StartAsync(api, "mia");
        await using var third = await ClientConnection.StartAsync(api, "jonas");
        await Eventually.HoldsAsync(async () => (await TodayAsync(api))["LoginTimes"] == "3");

        var repeated = Messages.Text("mia", "jonas", "1", seq: 1);
        await api.CallOkAsync("openim", "sendmsg", repeated.ToJsonString(), "mia");
        await api.CallOkAsync("openim", "sendmsg", repeated.ToJsonString(), "mia");
        await api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", "2", seq: 2, more: ("SyncOtherMachine", 1)).ToJsonString());
        await api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", "3", seq: 3, more: ("MsgLifeTime", 0)).ToJsonString());
        await api.CallOkAsync("openim", "batchsendmsg", Messages.Text("jonas", "", "4", seq: 4, more: ("To_Account", new JsonArray("mia", "nobody"))).ToJsonString());
        Assert.NotEqual(0, (await api.CallAsync("openim", "sendmsg", Messages.Text("mia", "nobody", "5").ToJsonString())).GetProperty("ErrorCode").GetInt32());

        Assert.Equal(
            "ActiveUserNum=2 RegistUserNumOneDay=3 RegistUserNumTotal=2 LoginTimes=3 LoginUserNum=2 UpMsgNum=4 DownMsgNum=5 SendMsgUserNum=2 "
            + "C2CUpMsgNum=4 C2CDownMsgNum=5 C2CSendMsgUserNum=2 MaxOnlineNum=3",
            (await TodayAsync(api)).Counted());
    }

    [Fact]
    public async Task Imported_messages_were_not_sent_but_those_that_are_delivered_go_down_to_both_sides()
    {
        await AppInfo.AwayFromMidnightAsync();
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (var mode in new[] { 1, 2, 5 })
        {
            var message = Messages.Text("mia", "jonas", "old", (uint)mode, more: [("SyncFromOldSystem", mode), ("MsgTimeStamp", now - 60)]);
            await api.CallOkAsync("openim", "importmsg", message.ToJsonString());
        }

        Assert.Equal("RegistUserNumOneDay=2 RegistUserNumTotal=2 DownMsgNum=2 C2CDownMsgNum=2", (await TodayAsync(api)).Counted());
    }

    [Fact]
    public async Task What_happens_in_groups_is_counted_and_a_repeated_call_is_not()
    {
        await AppInfo.AwayFromMidnightAsync();
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("anna", "ben", "cleo", "dora", "stranger");
        Task<JsonElement> GroupAsync(string command, object body, string? identifier = null) => api.CallOkAsync(GroupCalls.Service, command, body, identifier);
        object Member(string account) => new { Member_Account = account };

        await GroupAsync("create_group", new { Type = "Public", Name = "Hiking", GroupId = "hiking", Owner_Account = "anna", MemberList = new[] { Member("ben"), Member("cleo") } });
        await GroupAsync("create_group", new { Type = "AVChatRoom", Name = "Live", GroupId = "live", Owner_Account = "anna" });
        Assert.Equal(10025, await api.GroupCodeAsync("create_group", new { Type = "Public", Name = "Again", GroupId = "hiking", Owner_Account = "anna" }));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await GroupAsync("add_group_member", new { GroupId = "hiking", MemberList = new[] { Member("dora"), Member("ben") } });
            await GroupAsync("send_group_msg", GroupCalls.GroupText("hiking", "anna", "to all", 1));
        }

        await GroupAsync("send_group_msg", GroupCalls.GroupText("hiking", null, "not stored", 2, ("OnlineOnlyFlag", 1)), "ben");
        await GroupAsync("send_group_msg", GroupCalls.GroupText("hiking", "anna", "to one", 3, ("To_Account", new JsonArray("ben", "anna"))));
        await GroupAsync("send_group_msg", GroupCalls.GroupText("live", "cleo", "to whoever is there", 4));
        Assert.Equal(10007, await api.GroupCodeAsync("send_group_msg", GroupCalls.GroupText("hiking", null, "no member", 5), "stranger"));
        await GroupAsync("quit_group", new { GroupId = "hiking" }, "dora");
        await GroupAsync("delete_group_member", new { GroupId = "hiking", MemberToDel_Account = new[] { "cleo", "dora" } });
        await GroupAsync("destroy_group", new { GroupId = "live" });
        Assert.Equal(10010, await api.GroupCodeAsync("destroy_group", new { GroupId = "live" }));

        Assert.Equal(
            "ActiveUserNum=3 RegistUserNumOneDay=5 RegistUserNumTotal=5 UpMsgNum=4 DownMsgNum=7 SendMsgUserNum=3 GroupUpMsgNum=4 GroupDownMsgNum=7 GroupSendMsgUserNum=3 "
            + "GroupSendMsgGroupNum=2 GroupJoinGroupTimes=4 GroupQuitGroupTimes=2 GroupNewGroupNum=2 GroupAllGroupNum=1 GroupDestroyGroupNum=1",
            (await TodayAsync(api)).Counted());
    }

    [Fact]
    public async Task Pairs_of_friends_are_counted_whichever_has_the_other_in_its_list()
    {
        await AppInfo.AwayFromMidnightAsync();
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas", "lena", "zoe", "ada");
        await api.AddFriendAsync("mia", "jonas");
        await api.AddFriendAsync("mia", "lena", "Add_Type_Single");
        await api.AddFriendAsync("lena", "mia", "Add_Type_Single");
        await api.SnsAsync("friend_import", new { From_Account = "zoe", AddFriendItem = new[] { new { To_Account = "mia", AddSource = "AddSource_Type_Old" } } });
        await api.AddFriendAsync("ada", "mia");
        Assert.Equal(30001, await api.AddFriendAsync("mia", "jonas"));
        await api.DeleteFriendAsync("mia", "lena");
        Assert.Equal(("4", "0"), await PairsAsync());

        await api.DeleteFriendAsync("lena", "mia");
        await api.BlockAsync("jonas", "mia");
        Assert.Equal(("4", "2"), await PairsAsync());
        await api.CallOkAsync("im_open_login_svc", "account_delete", """{"DeleteItem":[{"UserID":"mia"}]}""");

        Assert.Equal(("4", "4"), await PairsAsync());

        async Task<(string Added, string Removed)> PairsAsync()
        {
            var day = await TodayAsync(api);
            return (day["ChainIncrease"], day["ChainDecrease"]);
        }
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_answered_and_the_date()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        async Task<IEnumerable<string>> AskAsync(string body) => AppInfo.Days(await api.CallOkAsync(AppInfo.Service, AppInfo.Command, body))[0].Keys;

        Assert.Equal(["MaxOnlineNum", "ChainIncrease", "Date"], await AskAsync("""{"RequestField":["ChainIncrease","MaxOnlineNum","ChainIncrease"]}"""));
        Assert.Equal(["Date"], await AskAsync("""{"RequestField":["Date"]}"""));
        Assert.Equal(["LoginTimes", "Date"], await AskAsync("""{"RequestField":["LoginTimes","no such field","logintimes"]}"""));
        Assert.Equal(32, (await AskAsync("""{"RequestField":[]}""")).Count());
        Assert.Equal(32, (await AskAsync("""{"RequestField":null}""")).Count());
    }

    [Theory]
    [InlineData("""{"RequestField":"Date"}""", 70402)]
    [InlineData("""{"RequestField":[7]}""", 70402)]
    [InlineData("""{"RequestField":{}}""", 70402)]
    [InlineData("not json", 130001)]
    [InlineData("[]", 130001)]
    public async Task A_bad_request_has_its_code(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, (await environment.Api.CallAsync(AppInfo.Service, AppInfo.Command, body)).GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task Accounts_see_no_figures()
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(60010, (await environment.Api.CallAsync(AppInfo.Service, AppInfo.Command, "{}", identifier: "alice")).GetProperty("ErrorCode").GetInt32());
    }

    private static async Task<Dictionary<string, string>> TodayAsync(ApiClient api) =>
        AppInfo.Days(await api.CallOkAsync(AppInfo.Service, AppInfo.Command, "{}"))[0];

    // UTC+8.
    private static DateOnly Today() => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
}
