using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>AVChatRooms and BChatRooms as accounts and their devices meet them.</summary>
public sealed class LiveRoomTests(LocalEnvironmentFixture fixture)
{
    private const int Joined = 1;
    private const int Quit = 2;

    [Fact]
    public async Task All_devices_of_an_account_that_joined_hear_the_room_until_it_quits()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"), await environment.ImportAsync("ben"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await using var phone = await environment.ConnectAsync(eve, "iPhone");
        await using var web = await environment.ConnectAsync(eve);
        await using var other = await environment.ConnectAsync(ben);

        var joined = await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        Assert.Equal(1, await environment.OnlineAsync(room));
        var number = await environment.SendGroupTextAsync(room, null, "hello", identifier: ben);
        await Task.WhenAll(phone.WaitForAsync(told => told.IsGroupText(room)), web.WaitForAsync(told => told.IsGroupText(room)));
        await environment.GroupAsync("quit_group", new { GroupId = room }, eve);
        await environment.GroupAsync("quit_group", new { GroupId = room }, eve);
        Assert.Equal(0, await environment.OnlineAsync(room));
        await environment.SendGroupTextAsync(room, null, "gone?", random: 8, identifier: ben);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.SendGroupTextAsync(room, null, "back", random: 9, identifier: ben);

        foreach (var device in (ClientConnection[])[phone, web])
        {
            var heard = await device.WaitForCountAsync(2, told => told.IsGroupText(room));
            Assert.Equal(["hello", "back"], heard.Select(Messages.TextOf));
            Assert.Equal(number, heard[0].GetProperty("MsgSeq").GetInt64());
            Assert.Equal(ben, heard[0].GetProperty("From_Account").GetString());
            Assert.False(heard[0].TryGetProperty("Seq", out _));
            Assert.True(heard[1].GetProperty("MsgSeq").GetInt64() > number);
        }

        Assert.Equal("JoinedSuccess", joined.GetProperty("JoinedStatus").GetString());
        Assert.DoesNotContain(other.Events, told => told.IsGroupText(room));
        Assert.Equal(10009, await environment.GroupCodeAsync("quit_group", new { GroupId = room }, anna));
    }

    [Fact]
    public async Task Those_inside_hear_who_comes_and_goes()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"), await environment.ImportAsync("ben"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await using var device = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);

        await environment.GroupAsync("apply_join_group", new { GroupId = room }, ben);
        var came = await device.WaitForAsync(told => TipOf(told, Joined, ben) is not null);
        await environment.GroupAsync("quit_group", new { GroupId = room }, ben);
        await device.WaitForAsync(told => TipOf(told, Quit, ben) is not null);

        Assert.Equal(room, came.GetProperty("GroupId").GetString());
        Assert.False(came.TryGetProperty("Seq", out _));
    }

    [Fact]
    public async Task Every_connection_of_the_app_hears_a_BChatRoom_to_which_administrators_send()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync();
        using var stranger = await environment.AddAppAsync();
        var (eve, ben) = (environment.NewAccount("eve"), environment.NewAccount("ben"));
        var room = await app.CreateGroupAsync("BChatRoom");
        await using var eves = await ClientConnection.StartAsync(app, eve);
        await using var bens = await ClientConnection.StartAsync(app, ben);
        await using var elsewhere = await ClientConnection.StartAsync(stranger, eve);

        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(room, null, "to everybody"));
        await Task.WhenAll(eves.WaitForAsync(told => told.IsGroupText(room)), bens.WaitForAsync(told => told.IsGroupText(room)));

        Assert.Equal(10007, await app.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, null, "me too", 8), eve));
        Assert.Equal(0, await app.GroupCodeAsync("apply_join_group", new { GroupId = room }, eve));
        Assert.Equal(10007, await app.GroupCodeAsync("quit_group", new { GroupId = room }, eve));
        Assert.Equal(10007, await app.GroupCodeAsync("get_online_member_num", new { GroupId = room }));
        Assert.Empty(elsewhere.Events);
    }

    [Fact]
    public async Task An_account_is_in_as_long_as_one_of_its_devices_is_connected()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        var phone = await environment.ConnectAsync(eve, "iPhone");
        await using var web = await environment.ConnectAsync(eve);
        await environment.OpenAsync(eve, 2);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);

        await phone.DisposeAsync();
        await environment.OpenAsync(eve, 1);
        Assert.Equal(1, await environment.OnlineAsync(room));
        await environment.SendGroupTextAsync(room, anna, "still there?");
        await web.WaitForAsync(told => told.IsGroupText(room));
        await web.DisposeAsync();
        await Eventually.HoldsAsync(async () => await environment.OnlineAsync(room) == 0);
        await using var back = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        await environment.SendGroupTextAsync(room, anna, "welcome back", random: 8);

        Assert.Equal("welcome back", Messages.TextOf(await back.WaitForAsync(told => told.IsGroupText(room))));
    }

    [Fact]
    public async Task Those_inside_hear_of_the_room_s_end_and_nothing_of_a_later_one_of_that_name()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"));
        var name = environment.NewAccount("room");
        var body = new { Type = "AVChatRoom", Name = "Live", GroupId = name, Owner_Account = anna };
        await environment.GroupAsync("create_group", body);
        await using var device = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = name }, eve);
        await environment.SendGroupTextAsync(name, anna, "before");

        await environment.GroupAsync("destroy_group", new { GroupId = name }, anna);
        await device.WaitForAsync(told => Messages.TypeOf(told) == "GroupDismissed");
        var (sent, joined) = (
            await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(name, anna, "after", 8)),
            await environment.GroupCodeAsync("apply_join_group", new { GroupId = name }, eve));
        await environment.GroupAsync("create_group", body);
        await environment.SendGroupTextAsync(name, anna, "another room", random: 9);
        var before = await environment.OnlineAsync(name);
        await environment.GroupAsync("apply_join_group", new { GroupId = name }, eve);
        await environment.SendGroupTextAsync(name, anna, "in again", random: 10);
        await device.WaitForCountAsync(2, told => told.IsGroupText(name));

        Assert.Equal((10010, 10010, 0), (sent, joined, before));
        Assert.Equal(["before", "in again"], device.Events.Where(told => told.IsGroupText(name)).Select(Messages.TextOf));
    }

    [Fact]
    public async Task A_deleted_account_is_in_no_room_any_more()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);

        await environment.Api.CallOkAsync("im_open_login_svc", "account_delete", new { DeleteItem = new[] { new { UserID = eve } } });

        Assert.Equal(0, await environment.OnlineAsync(room));
        Assert.Equal(10019, await environment.GroupCodeAsync("apply_join_group", new { GroupId = room, Member_Account = eve }));
    }

    [Fact]
    public async Task An_account_is_in_no_more_rooms_than_the_app_allows_and_rooms_that_have_ended_give_way()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { MaxLiveRoomsOfAccount = 2 });
        var eve = environment.NewAccount("eve");
        await app.ImportAsync(eve);
        var rooms = new[] { await app.CreateGroupAsync("AVChatRoom"), await app.CreateGroupAsync("AVChatRoom"), await app.CreateGroupAsync("AVChatRoom") };

        Assert.Equal(0, await app.GroupCodeAsync("apply_join_group", new { GroupId = rooms[0] }, eve));
        Assert.Equal(0, await app.GroupCodeAsync("apply_join_group", new { GroupId = rooms[1] }, eve));
        Assert.Equal(10037, await app.GroupCodeAsync("apply_join_group", new { GroupId = rooms[2] }, eve));
        await app.CallOkAsync(GroupCalls.Service, "destroy_group", new { GroupId = rooms[0] });

        Assert.Equal(0, await app.GroupCodeAsync("apply_join_group", new { GroupId = rooms[2] }, eve));
        Assert.Equal(10037, await app.GroupCodeAsync("apply_join_group", new { GroupId = await app.CreateGroupAsync("AVChatRoom") }, eve));
    }

    [Fact]
    public async Task What_live_rooms_do_not_have_is_refused_or_has_no_effect()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await using var device = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);

        Assert.Equal(10007, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, anna, "to one", 1, ("To_Account", new System.Text.Json.Nodes.JsonArray(eve)))));
        Assert.Equal(0, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, anna, "online only", 2, ("OnlineOnlyFlag", 1))));
        Assert.Equal("online only", Messages.TextOf(await device.WaitForAsync(told => told.IsGroupText(room))));
        Assert.Equal(10019, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, environment.NewAccount("nobody"), "hello", 3)));
        Assert.Equal(10004, await environment.GroupCodeAsync("delete_group_member", new { GroupId = room, MemberToDel_Account = new[] { eve } }));
        Assert.Equal(10007, await environment.GroupCodeAsync("add_group_member", new { GroupId = room, MemberList = new[] { new { Member_Account = anna } } }));
        Assert.Equal(60010, await environment.GroupCodeAsync("apply_join_group", new { GroupId = room, Member_Account = anna }, eve));
        Assert.Equal(60010, await environment.GroupCodeAsync("quit_group", new { GroupId = room, Member_Account = anna }, eve));
    }

    private static JsonElement? TipOf(JsonElement told, int kind, string account)
    {
        if (Messages.TypeOf(told) != "GroupMessage" || !told.TryGetProperty("IsSystemMsg", out _))
        {
            return null;
        }

        var content = told.GetProperty("MsgBody")[0].GetProperty("MsgContent");
        return content.GetProperty("OpType").GetInt32() == kind && content.GetProperty("Member_Account").EnumerateArray().Any(named => named.GetString() == account) ? content : null;
    }
}
