using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class GroupTests
{
    [Fact]
    public async Task A_connection_joins_and_leaves_a_group()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));

        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{client.Id}"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/room"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia/groups/room"));

        Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/groups/room/connections/{client.Id}"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));
        Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/groups/room/connections/{client.Id}"));
    }

    [Fact]
    public async Task A_connection_leaves_all_groups_at_once()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia");
        foreach (var group in new[] { "a", "b" })
        {
            Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/{group}/connections/{client.Id}"));
        }

        Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/connections/{client.Id}/groups"));

        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/a"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/b"));
        Assert.Equal(200, await service.StatusAsync("DELETE", "chat/connections/gone/groups"));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Changing_the_group_of_no_connection_is_not_found(string method)
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallAsync(method, "chat/groups/room/connections/gone");

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("Error.Connection.NotExisted", response.Headers.GetValues("x-ms-error-code").Single());
    }

    [Theory]
    [InlineData("chat/connections/gone", "Warning.Connection.NotExisted")]
    [InlineData("chat/users/nobody", "Warning.User.NotExisted")]
    [InlineData("chat/groups/nothing", "Warning.Group.NotExisted")]
    [InlineData("chat/users/nobody/groups/nothing", "Info.User.NotInGroup")]
    public async Task What_does_not_exist_says_so_in_a_header(string path, string code)
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallAsync("HEAD", path);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal(code, response.Headers.GetValues("x-ms-error-code").Single());
    }

    [Fact]
    public async Task A_membership_of_a_connection_dies_with_it()
    {
        await using var service = await TestService.StartAsync();
        await using (var first = await service.ConnectAsync("mia"))
        {
            Assert.Equal(200, await service.StatusAsync("HEAD", $"chat/connections/{first.Id}"));
            Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{first.Id}"));
        }

        await Eventually.HoldsAsync(() => service.Emulator.Counters.Connections == 0, "the connection is gone");
        await using var second = await service.ConnectAsync("mia");

        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));
    }

    [Fact]
    public async Task A_user_joins_with_open_and_later_connections_and_leaves_with_all()
    {
        await using var service = await TestService.StartAsync();
        await using var open = await service.ConnectAsync("mia");

        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room"));
        await using var later = await service.ConnectAsync("mia", messagePack: true);
        using (await service.NoteAsync("chat/groups/room/:send", "in"))
        {
            Assert.Equal("in", await open.NextNoteAsync());
            Assert.Equal("in", await later.NextNoteAsync());
        }

        Assert.Equal(200, await service.StatusAsync("GET", "chat/users/mia/groups/room"));
        Assert.Equal(204, await service.StatusAsync("DELETE", "chat/users/mia/groups/room"));
        Assert.Equal(404, await service.StatusAsync("GET", "chat/users/mia/groups/room"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/room"));
    }

    [Fact]
    public async Task A_user_that_is_offline_joins_and_leaves_all_groups()
    {
        await using var service = await TestService.StartAsync();
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/a"));
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/b?ttl=60"));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia/groups/a"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/a"));

        Assert.Equal(204, await service.StatusAsync("DELETE", "chat/users/mia/groups"));

        await using var client = await service.ConnectAsync("mia");
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia/groups/a"));
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/groups/b"));
    }
}
