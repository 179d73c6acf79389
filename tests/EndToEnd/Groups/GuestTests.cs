using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Clients without an account.</summary>
public sealed class GuestTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Guests_hear_the_live_rooms_that_they_join_and_every_BChatRoom_and_nothing_else()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { AllowsGuests = true });
        var (anna, ben) = (environment.NewAccount("anna"), environment.NewAccount("ben"));
        await app.ImportAsync(anna, ben);
        var (room, other, all) = (await app.CreateGroupAsync("AVChatRoom", anna), await app.CreateGroupAsync("AVChatRoom", anna), await app.CreateGroupAsync("BChatRoom"));
        var stored = await app.CreateGroupAsync("Public", anna);
        await using var guest = await ClientConnection.StartGuestAsync(app);
        await using var second = await ClientConnection.StartGuestAsync(app);

        var joined = await CallAsync(guest, "apply_join_group", new { GroupId = room });
        await CallAsync(guest, "apply_join_group", new { GroupId = room });
        await CallAsync(second, "apply_join_group", new { GroupId = room });
        await app.CallOkAsync(GroupCalls.Service, "apply_join_group", new { GroupId = room }, ben);
        Assert.Equal(3, await app.OnlineAsync(room));
        foreach (var (group, random) in new[] { (stored, 1u), (other, 2u), (room, 3u) })
        {
            await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, anna, "hello", random));
        }

        await app.CallOkAsync("openim", "sendmsg", Messages.Text(anna, ben, "private").ToJsonString());
        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(all, null, "to everybody", 4));
        await Task.WhenAll(guest.WaitForAsync(told => told.IsGroupText(room)), guest.WaitForAsync(told => told.IsGroupText(all)));

        Assert.Equal((0, "JoinedSuccess"), (Code(joined), joined.GetProperty("JoinedStatus").GetString()));
        Assert.DoesNotContain(guest.Events, told => told.GetProperty("GroupId").GetString() is var group && group != room && group != all);
        Assert.Equal([ben], LiveRoomCalls.Names((await app.CallOkAsync(LiveRoomCalls.RoomService, "get_members", new { GroupId = room, Timestamp = 0 })).GetProperty("MemberList")));

        await CallAsync(guest, "quit_group", new { GroupId = room });
        Assert.Equal(2, await app.OnlineAsync(room));
        await second.DisposeAsync();
        await Eventually.HoldsAsync(async () => await app.OnlineAsync(room) == 1);
        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(room, anna, "without you", 5));
        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(all, null, "the end", 6));
        await guest.WaitForCountAsync(2, told => told.IsGroupText(all));
        Assert.Single(guest.Events, told => told.IsGroupText(room));
    }

    [Fact]
    public async Task Guests_can_do_nothing_else()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { AllowsGuests = true });
        var (anna, ben) = (environment.NewAccount("anna"), environment.NewAccount("ben"));
        await app.ImportAsync(anna, ben);
        var (room, all, stored) = (await app.CreateGroupAsync("AVChatRoom", anna), await app.CreateGroupAsync("BChatRoom"), await app.CreateGroupAsync("ChatRoom", anna));
        await using var guest = await ClientConnection.StartGuestAsync(app);

        Assert.Equal(60004, Code(await CallAsync(guest, "send_group_msg", GroupCalls.GroupText(room, null, "me"))));
        Assert.Equal(60004, Code(await CallAsync(guest, "send_group_msg", GroupCalls.GroupText(room, anna, "as anna"))));
        Assert.Equal(60004, Code(await CallAsync(guest, "get_members", new { GroupId = room }, LiveRoomCalls.RoomService)));
        Assert.Equal(60004, Code(await CallAsync(guest, "account_import", new { UserID = "x" }, "im_open_login_svc")));
        Assert.Equal(60004, Code(await CallAsync(guest, "apply_join_group", new { GroupId = room }, "no_such_service")));
        Assert.Equal(10007, Code(await CallAsync(guest, "apply_join_group", new { GroupId = stored })));
        Assert.Equal(10007, Code(await CallAsync(guest, "apply_join_group", new { GroupId = all })));
        Assert.Equal(10010, Code(await CallAsync(guest, "apply_join_group", new { GroupId = "no-such-room" })));
        Assert.Equal(10015, Code(await CallAsync(guest, "apply_join_group", new { GroupId = new string('x', 49) })));
        Assert.Equal(10004, Code(await CallAsync(guest, "apply_join_group", new { })));
        Assert.Equal(10011, Code(await CallAsync(guest, "apply_join_group", "no JSON")));
        Assert.Equal(60010, Code(await CallAsync(guest, "apply_join_group", new { GroupId = room, Member_Account = ben })));
        Assert.Equal(0, Code(await CallAsync(guest, "quit_group", new { GroupId = room })));
        await Assert.ThrowsAsync<HubException>(() => guest.Hub.InvokeAsync("shout", TestContext.Current.CancellationToken));
        Assert.Equal(0, await app.OnlineAsync(room));
    }

    [Fact]
    public async Task Where_the_app_does_not_allow_guests_nobody_connects_as_one()
    {
        var environment = await fixture.StartedAsync();
        var settings = environment.Api.Settings;

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartGuestAsync(environment.Api));
        var answer = await environment.Api.PostAsync($"/client/negotiate?sdkappid={settings.SdkAppId}&guest=1", "");
        var unknown = await environment.Api.PostAsync("/client/negotiate?sdkappid=7&guest=1", "");

        Assert.Contains("60004", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(60004, Code(answer));
        Assert.False(answer.TryGetProperty("accessToken", out _));
        Assert.Equal(60006, Code(unknown));
    }

    private static Task<JsonElement> CallAsync(ClientConnection guest, string command, object body, string service = GroupCalls.Service) =>
        guest.Hub.InvokeAsync<JsonElement>("call", service, command, body as string ?? JsonSerializer.Serialize(body), TestContext.Current.CancellationToken);

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();
}
