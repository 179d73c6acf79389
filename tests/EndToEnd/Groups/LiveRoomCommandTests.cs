using System.Text.Json;
using Parley.Tests.Support;
using static Parley.Tests.EndToEnd.Groups.LiveRoomCalls;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>The commands that only AVChatRooms have.</summary>
public sealed class LiveRoomCommandTests(LocalEnvironmentFixture fixture)
{
    private const int Kicked = 4;

    public static TheoryData<string, string, string> Commands => new()
    {
        { GroupCalls.Service, "get_online_member_num", """{"GroupId":"G"}""" },
        { RoomService, "get_members", """{"GroupId":"G","Timestamp":0}""" },
        { RoomService, "check_members", """{"GroupId":"G","Member_Account":["somebody"]}""" },
        { RoomService, "modify_user_info", """{"GroupId":"G","CommandType":1,"MemberList":[{"Member_Account":"somebody","Marks":[1001]}]}""" },
        { RoomService, "modify_admin", """{"GroupId":"G","CommandType":2,"Admin_Account":["somebody"]}""" },
        { RoomService, "get_admin_list", """{"GroupId":"G"}""" },
        { GroupCalls.Service, "ban_group_member", """{"GroupId":"G","Members_Account":["somebody"],"Duration":60}""" },
        { GroupCalls.Service, "unban_group_member", """{"GroupId":"G","Members_Account":["somebody"]}""" },
        { GroupCalls.Service, "get_group_ban_member", """{"GroupId":"G","Limit":20,"Offset":0}""" },
    };

    public static TheoryData<string, string, string, int> BadRequests => new()
    {
        { GroupCalls.Service, "get_online_member_num", "{}", 10004 },
        { RoomService, "get_members", """{"GroupId":"G"}""", 10004 },
        { RoomService, "get_members", """{"GroupId":"G","Timestamp":-1}""", 10004 },
        { RoomService, "get_members", """{"GroupId":"G","Timestamp":0,"Mark":7}""", 10004 },
        { RoomService, "check_members", """{"GroupId":"G"}""", 10004 },
        { RoomService, "check_members", """{"GroupId":"G","Member_Account":[7]}""", 10004 },
        { RoomService, "modify_user_info", """{"GroupId":"G","CommandType":3,"MemberList":[{"Member_Account":"a","Marks":[1001]}]}""", 10004 },
        { RoomService, "modify_user_info", """{"GroupId":"G","CommandType":1,"MemberList":[]}""", 10004 },
        { RoomService, "modify_user_info", """{"GroupId":"G","CommandType":1,"MemberList":[{"Member_Account":"a","Marks":[999]}]}""", 10004 },
        { RoomService, "modify_user_info", """{"GroupId":"G","CommandType":1,"MemberList":[{"Member_Account":"a"}]}""", 10004 },
        { RoomService, "modify_admin", """{"GroupId":"G","CommandType":0,"Admin_Account":["a"]}""", 10004 },
        { RoomService, "modify_admin", """{"GroupId":"G","CommandType":1,"Admin_Account":["a","b","c","d","e","f"]}""", 10005 },
        { RoomService, "modify_admin", """{"GroupId":"G","CommandType":1,"Admin_Account":["no such account"]}""", 10019 },
        { GroupCalls.Service, "ban_group_member", """{"GroupId":"G","Members_Account":["a"]}""", 10004 },
        { GroupCalls.Service, "ban_group_member", """{"GroupId":"G","Members_Account":["a"],"Duration":0}""", 10004 },
        { GroupCalls.Service, "ban_group_member", """{"GroupId":"G","Members_Account":["a"],"Duration":4294967296}""", 10004 },
        { GroupCalls.Service, "ban_group_member", """{"GroupId":"G","Members_Account":[],"Duration":60}""", 10004 },
        { GroupCalls.Service, "unban_group_member", """{"GroupId":"G"}""", 10004 },
        { GroupCalls.Service, "get_group_ban_member", """{"GroupId":"G","Limit":101,"Offset":0}""", 10004 },
        { GroupCalls.Service, "get_group_ban_member", """{"GroupId":"G","Limit":20}""", 10004 },
        { GroupCalls.Service, "get_group_ban_member", """{"GroupId":"G","Limit":20,"Offset":-1}""", 10004 },
        { GroupCalls.Service, "send_broadcast_msg", """{"Random":1}""", 10004 },
        { GroupCalls.Service, "send_broadcast_msg", """{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}""", 10004 },
        { GroupCalls.Service, "send_broadcast_msg", """{"Random":1,"From_Account":"no such account","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}""", 10019 },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Other_groups_no_groups_and_impossible_names_have_their_codes(string service, string command, string body)
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var group = await environment.CreateGroupAsync("Public", anna);

        Assert.Equal(10007, await environment.GroupCodeAsync(command, body.Replace("\"G\"", $"\"{group}\"", StringComparison.Ordinal), service: service));
        Assert.Equal(10010, await environment.GroupCodeAsync(command, body.Replace("\"G\"", "\"no-such-room\"", StringComparison.Ordinal), service: service));
        Assert.Equal(10015, await environment.GroupCodeAsync(command, body.Replace("\"G\"", $"\"{new string('x', 49)}\"", StringComparison.Ordinal), service: service));
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task Bad_input_has_its_code(string service, string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();
        var room = await environment.CreateGroupAsync("AVChatRoom", null);

        Assert.Equal(code, await environment.GroupCodeAsync(command, body.Replace("\"G\"", $"\"{room}\"", StringComparison.Ordinal), service: service));
    }

    [Fact]
    public async Task Members_are_listed_last_first_with_their_profiles_and_found()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, zoe) = (await environment.ImportAsync("anna"), environment.NewAccount("eve"), await environment.ImportAsync("zoe"));
        await environment.Api.CallOkAsync("im_open_login_svc", "account_import", new { UserID = eve, Nick = "Eve", FaceUrl = "https://example.org/eve.png" });
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, anna);

        var listed = await environment.GroupAsync("get_members", new { GroupId = room, Timestamp = 0 }, zoe, RoomService);
        var found = await environment.GroupAsync("check_members", new { GroupId = room, Member_Account = new[] { zoe, eve, "no such account", eve } }, service: RoomService);

        Assert.Equal([anna, eve], Names(listed.GetProperty("MemberList")));
        Assert.Equal(0, listed.GetProperty("NextTimestamp").GetInt64());
        var shown = listed.GetProperty("MemberList")[1];
        Assert.Equal(("Eve", "https://example.org/eve.png"), (shown.GetProperty("NickName").GetString(), shown.GetProperty("Avatar").GetString()));
        Assert.InRange(shown.GetProperty("JoinTime").GetInt64(), 1_700_000_000, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
        Assert.Equal([eve], found.GetProperty("Member_Account").EnumerateArray().Select(account => account.GetString()));
        Assert.Equal(10005, await environment.GroupCodeAsync(
            "check_members", new { GroupId = room, Member_Account = Enumerable.Range(0, 501).Select(n => $"{n}") }, service: RoomService));
    }

    [Fact]
    public async Task Marks_are_set_found_and_taken_away_and_end_with_leaving()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"), await environment.ImportAsync("ben"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, ben);

        var marked = await MarkAsync(environment, room, 1, anna, (eve, [1001, 1002]), ("not inside", [1001]), (ben, [1001]));
        Assert.Equal([eve, ben], Names(marked.GetProperty("MemberList")));
        Assert.Equal([ben, eve], await environment.ListedAsync(room, 1001));
        await MarkAsync(environment, room, 2, anna, (eve, [1001]));
        await MarkAsync(environment, room, 1, anna, (ben, [600]));

        Assert.Equal([ben], await environment.ListedAsync(room, 1001));
        Assert.Equal([eve], await environment.ListedAsync(room, 1002));
        Assert.Equal([eve], await environment.ListedAsync(room));
        Assert.Equal([ben], await environment.ListedAsync(room, 600));
        var ten = Enumerable.Range(2000, 8).Select(n => (long)n).ToArray();
        Assert.Equal(10004, (await CallMarkAsync(environment, room, 1, anna, (eve, ten))).GetProperty("ErrorCode").GetInt32());
        Assert.Equal([eve], await environment.ListedAsync(room, 1002));
        Assert.Equal(10007, (await CallMarkAsync(environment, room, 1, eve, (eve, [1003]))).GetProperty("ErrorCode").GetInt32());
        await environment.GroupAsync("quit_group", new { GroupId = room }, ben);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, ben);
        Assert.Equal([ben, eve], await environment.ListedAsync(room));
    }

    [Fact]
    public async Task One_who_is_marked_as_always_online_stays_in_without_being_connected()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"), await environment.ImportAsync("ben"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        var (eves, bens) = (await environment.ConnectAsync(eve), await environment.ConnectAsync(ben));
        await environment.OpenAsync(eve, 1);
        await environment.OpenAsync(ben, 1);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, ben);
        await MarkAsync(environment, room, 1, anna, (eve, [500]));

        await eves.DisposeAsync();
        await environment.OpenAsync(eve, 0);
        await bens.DisposeAsync();
        await Eventually.HoldsAsync(async () => await environment.OnlineAsync(room) == 1);

        Assert.Equal([eve], await environment.ListedAsync(room));
        await environment.GroupAsync("quit_group", new { GroupId = room }, eve);
        Assert.Equal(0, await environment.OnlineAsync(room));
    }

    [Fact]
    public async Task Up_to_five_admins_are_appointed_by_the_owner_and_may_ban()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, troll) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"), await environment.ImportAsync("troll"));
        var others = new List<string>();
        foreach (var n in Enumerable.Range(0, 5))
        {
            others.Add(await environment.ImportAsync($"mod{n}"));
        }

        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await environment.Api.CallOkAsync("im_open_login_svc", "account_import", new { UserID = eve, Nick = "Mod" });
        var ban = new { GroupId = room, Members_Account = new[] { troll }, Duration = 60 };
        Assert.Equal(10007, await environment.GroupCodeAsync("ban_group_member", ban, eve));
        Assert.Equal(10007, await AppointAsync(environment, room, eve, eve));

        Assert.Equal(0, await AppointAsync(environment, room, anna, eve));
        Assert.Equal(0, await AppointAsync(environment, room, anna, [.. others.Take(4)]));
        Assert.Equal(10005, await AppointAsync(environment, room, anna, others[4]));
        Assert.Equal(10004, await AppointAsync(environment, room, anna, anna));
        Assert.Equal(0, await environment.GroupCodeAsync("ban_group_member", ban, eve));
        Assert.Equal(10007, await environment.GroupCodeAsync("ban_group_member", new { GroupId = room, Members_Account = new[] { anna }, Duration = 60 }, eve));
        Assert.Equal(10007, await environment.GroupCodeAsync("ban_group_member", new { GroupId = room, Members_Account = new[] { others[0] }, Duration = 60 }, eve));
        var admins = (await environment.GroupAsync("get_admin_list", new { GroupId = room }, troll, RoomService)).GetProperty("Admin_List");
        await environment.GroupAsync("modify_admin", new { GroupId = room, CommandType = 2, Admin_Account = new[] { eve } }, anna, RoomService);

        Assert.Equal([eve, .. others.Take(4)], admins.EnumerateArray().Select(admin => admin.GetProperty("Admin_Account").GetString()!));
        Assert.Equal("Mod", admins[0].GetProperty("NickName").GetString());
        Assert.Equal(10007, await environment.GroupCodeAsync("unban_group_member", new { GroupId = room, Members_Account = new[] { troll } }, eve));
    }

    [Fact]
    public async Task A_banned_account_hears_nothing_more_at_once_may_not_send_and_cannot_come_back()
    {
        var environment = await fixture.StartedAsync();
        var (anna, troll, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("troll"), await environment.ImportAsync("eve"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await using var trolls = await environment.ConnectAsync(troll);
        await using var eves = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, troll);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.SendGroupTextAsync(room, troll, "spam");
        await trolls.WaitForAsync(told => told.IsGroupText(room));

        await environment.GroupAsync("ban_group_member", new { GroupId = room, Members_Account = new[] { troll }, Duration = 600, Description = "spam" }, anna);
        await environment.SendGroupTextAsync(room, anna, "peace", random: 8);
        await eves.WaitForCountAsync(2, told => told.IsGroupText(room));
        var notice = await trolls.WaitForAsync(told => Messages.TypeOf(told) == "GroupSystem");
        var banned = await environment.GroupAsync("get_group_ban_member", new { GroupId = room, Limit = 20, Offset = 0 });

        Assert.Single(trolls.Events, told => told.IsGroupText(room));
        Assert.Equal((Kicked, "spam"), (notice.GetProperty("Content").GetProperty("NoticeType").GetInt32(), notice.GetProperty("Content").GetProperty("Text").GetString()));
        Assert.Equal(1, await environment.OnlineAsync(room));
        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, null, "again", 9), troll));
        Assert.Equal(10007, await environment.GroupCodeAsync("apply_join_group", new { GroupId = room }, troll));
        Assert.Equal(1, await environment.OnlineAsync(room));
        Assert.Equal(troll, Assert.Single(LiveRoomCalls.Names(banned.GetProperty("BannedAccountList"))));
        Assert.InRange(banned.GetProperty("BannedAccountList")[0].GetProperty("BannedUntil").GetInt64() - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), 540, 600);

        await environment.GroupAsync("unban_group_member", new { GroupId = room, Members_Account = new[] { troll, "not banned" } }, anna);
        Assert.Equal(0, await environment.GroupCodeAsync("apply_join_group", new { GroupId = room }, troll));
        await environment.SendGroupTextAsync(room, troll, "sorry", random: 10);
        await trolls.WaitForAsync(told => told.IsGroupText(room) && Messages.TextOf(told) == "sorry");
    }

    [Fact]
    public async Task Bans_end_at_their_time_are_for_ever_where_asked_and_are_listed_in_pages()
    {
        var environment = await fixture.StartedAsync();
        var room = await environment.CreateGroupAsync("AVChatRoom", null);
        var eve = await environment.ImportAsync("eve");
        var trolls = Enumerable.Range(0, 20).Select(n => environment.NewAccount($"troll{n:00}")).ToArray();

        await environment.GroupAsync("ban_group_member", new { GroupId = room, Members_Account = trolls, Duration = uint.MaxValue });
        await environment.GroupAsync("ban_group_member", new { GroupId = room, Members_Account = new[] { eve }, Duration = 1 });
        await Eventually.HoldsAsync(async () => await environment.GroupCodeAsync("apply_join_group", new { GroupId = room }, eve) == 0);
        var first = await environment.GroupAsync("get_group_ban_member", new { GroupId = room, Limit = 15, Offset = 0 });
        var rest = await environment.GroupAsync("get_group_ban_member", new { GroupId = room, Limit = 15, Offset = first.GetProperty("NextOffset").GetInt64() });

        Assert.Equal(15, first.GetProperty("BannedAccountList").GetArrayLength());
        Assert.Equal(0, rest.GetProperty("NextOffset").GetInt64());
        Assert.Equal(trolls.Order(), LiveRoomCalls.Names(first.GetProperty("BannedAccountList")).Concat(LiveRoomCalls.Names(rest.GetProperty("BannedAccountList"))).Order());
        Assert.Equal(uint.MaxValue, first.GetProperty("BannedAccountList")[0].GetProperty("BannedUntil").GetInt64());
        Assert.Equal(10005, await environment.GroupCodeAsync("ban_group_member", new { GroupId = room, Members_Account = trolls.Append("one more"), Duration = 60 }));
    }

    [Fact]
    public async Task A_broadcast_reaches_those_in_every_live_room_and_one_is_sent_a_second()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync();
        var (eve, ben, zoe) = (environment.NewAccount("eve"), environment.NewAccount("ben"), environment.NewAccount("zoe"));
        await using var eves = await ClientConnection.StartAsync(app, eve);
        await using var bens = await ClientConnection.StartAsync(app, ben);
        await using var zoes = await ClientConnection.StartAsync(app, zoe);
        var (one, other) = (await app.CreateGroupAsync("AVChatRoom"), await app.CreateGroupAsync("AVChatRoom"));
        await app.CreateGroupAsync("Public", zoe);
        await app.CallOkAsync(GroupCalls.Service, "apply_join_group", new { GroupId = one }, eve);
        await app.CallOkAsync(GroupCalls.Service, "apply_join_group", new { GroupId = other }, ben);
        var body = """{"Random":5501,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"sale"}}]}""";

        var codes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.GroupCodeAsync("send_broadcast_msg", body)));
        await eves.WaitForAsync(told => told.IsGroupText(one) && Messages.TextOf(told) == "sale");
        await bens.WaitForAsync(told => told.IsGroupText(other) && Messages.TextOf(told) == "sale");

        Assert.Contains(0, codes);
        Assert.Contains(10023, codes);
        Assert.Equal(10007, await app.GroupCodeAsync("send_broadcast_msg", body, eve));
        Assert.DoesNotContain(zoes.Events, told => Messages.TypeOf(told) == "GroupMessage");
    }

    private static async Task<int> AppointAsync(LocalEnvironment environment, string room, string by, params string[] admins) =>
        await environment.GroupCodeAsync("modify_admin", new { GroupId = room, CommandType = 1, Admin_Account = admins }, by, RoomService);

    private static async Task<JsonElement> MarkAsync(LocalEnvironment environment, string room, int type, string by, params (string Account, long[] Marks)[] members)
    {
        var answer = await CallMarkAsync(environment, room, type, by, members);
        Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
        return answer;
    }

    private static Task<JsonElement> CallMarkAsync(LocalEnvironment environment, string room, int type, string by, params (string Account, long[] Marks)[] members) =>
        environment.Api.CallAsync(
            RoomService, "modify_user_info",
            new { GroupId = room, CommandType = type, MemberList = members.Select(member => new { Member_Account = member.Account, member.Marks }) }, by);
}
