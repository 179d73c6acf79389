using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupNoticeTests(LocalEnvironmentFixture fixture)
{
    private const string Command = "send_group_system_notification";

    [Fact]
    public async Task A_notice_reaches_all_members_or_those_who_are_named_and_is_stored_nowhere()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");
        await using var bens = await environment.ConnectAsync(ben);
        await using var cleos = await environment.ConnectAsync(cleo);
        await using var dans = await environment.ConnectAsync(dan);

        await environment.GroupAsync(Command, new { GroupId = group, ToMembers_Account = new[] { ben, dan }, Content = "to \"Ben\"" });
        await environment.GroupAsync(Command, new { GroupId = group, Content = "to all" });
        await cleos.WaitForAsync(told => told.IsOf("GroupNotice", group));
        var heard = await bens.WaitForCountAsync(2, told => told.IsOf("GroupNotice", group));

        Assert.Equal(["to \"Ben\"", "to all"], heard.Select(told => told.GetProperty("Content").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("to all", Assert.Single(cleos.Events, told => told.IsOf("GroupNotice", group)).GetProperty("Content").GetString());
        Assert.DoesNotContain(dans.Events, told => told.IsOf("GroupNotice", group));
        Assert.Empty(await environment.LogOfAsync(group, anna));
    }

    [Fact]
    public async Task In_a_BChatRoom_everybody_who_is_connected_hears_it()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync();
        var (room, dan) = (await app.CreateGroupAsync("BChatRoom"), environment.NewAccount("dan"));
        await using var client = await ClientConnection.StartAsync(app, dan);

        await app.CallOkAsync(GroupCalls.Service, Command, new { GroupId = room, Content = "hello", ToMembers_Account = Array.Empty<string>() });

        Assert.Equal("hello", (await client.WaitForAsync(told => told.IsOf("GroupNotice", room))).GetProperty("Content").GetString());
        Assert.Equal(10007, await app.GroupCodeAsync(Command, new { GroupId = room, Content = "x", ToMembers_Account = new[] { dan } }));
    }

    [Fact]
    public async Task Notices_that_are_wrong_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();

        Assert.Equal(60010, await environment.GroupCodeAsync(Command, new { GroupId = group, Content = "x" }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync(Command, new { GroupId = group }));
        Assert.Equal(10005, await environment.GroupCodeAsync(Command, new { GroupId = group, Content = "x", ToMembers_Account = Enumerable.Repeat(anna, 501) }));
        Assert.Equal(10010, await environment.GroupCodeAsync(Command, new { GroupId = "no-such", Content = "x" }));
        Assert.Equal(80002, await environment.GroupCodeAsync(Command, new { GroupId = group, Content = new string('x', 9_001) }));
    }
}
