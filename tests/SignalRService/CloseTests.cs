namespace Parley.Tests.SignalRService;

public sealed class CloseTests
{
    [Fact]
    public async Task Closing_a_user_a_group_or_the_hub_spares_the_excluded()
    {
        await using var service = await TestService.StartAsync();
        await using var phone = await service.ConnectAsync("mia");
        await using var laptop = await service.ConnectAsync("mia");
        await using var jonas = await service.ConnectAsync("jonas");
        await using var lena = await service.ConnectAsync("lena");
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{laptop.Id}"));
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{jonas.Id}"));

        Assert.Equal(204, await service.StatusAsync("POST", $"chat/users/mia/:closeConnections?excluded={laptop.Id}&reason=user"));
        Assert.Contains("user", (await phone.ClosedAsync())?.Message, StringComparison.Ordinal);
        Assert.Equal(3, service.Emulator.Counters.Connections);

        Assert.Equal(204, await service.StatusAsync("POST", $"chat/groups/room/:closeConnections?excluded={laptop.Id}&reason=group"));
        Assert.Contains("group", (await jonas.ClosedAsync())?.Message, StringComparison.Ordinal);
        Assert.Equal(2, service.Emulator.Counters.Connections);

        Assert.Equal(204, await service.StatusAsync("POST", $"chat/:closeConnections?excluded={laptop.Id}&reason=hub"));
        Assert.Contains("hub", (await lena.ClosedAsync())?.Message, StringComparison.Ordinal);
        using var sent = await service.NoteAsync("chat/:send", "still here");
        Assert.Equal("still here", await laptop.NextNoteAsync());
        Assert.Equal(1, service.Emulator.Counters.Connections);
    }

    [Theory]
    [InlineData("chat/:closeConnections")]
    [InlineData("chat/users/nobody/:closeConnections")]
    [InlineData("chat/groups/nothing/:closeConnections")]
    public async Task Closing_nobody_is_fine(string path)
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(204, await service.StatusAsync("POST", path));
    }

    [Fact]
    public async Task Closing_a_connection_that_is_not_there_is_not_found()
    {
        await using var service = await TestService.StartAsync();

        using var response = await service.CallAsync("DELETE", "chat/connections/gone");

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("Warning.Connection.NotExisted", response.Headers.GetValues("x-ms-error-code").Single());
    }

    [Fact]
    public async Task A_close_message_carries_the_reason_and_allows_to_reconnect()
    {
        await using var service = await TestService.StartAsync();
        await using var raw = await RawClient.ConnectAsync(service, "mia");
        using (await service.NoteAsync("chat/:send", "before"))
        {
            Assert.Equal(204, await service.StatusAsync("POST", "chat/users/mia/:closeConnections?reason=kicked"));
        }

        Assert.Equal("note", (string?)(await raw.NextJsonAsync())["target"]);
        var close = await raw.NextJsonAsync();
        Assert.Equal((7, "kicked", true), ((int)close["type"]!, (string?)close["error"], (bool)close["allowReconnect"]!));
        Assert.Null(await raw.NextAsync());
    }

    [Fact]
    public async Task A_reconnecting_client_is_in_its_users_groups_again()
    {
        await using var service = await TestService.StartAsync();
        Assert.Equal(200, await service.StatusAsync("PUT", "chat/users/mia/groups/room?ttl=3600"));
        await using (var first = await service.ConnectAsync("mia"))
        {
            Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/connections/{first.Id}"));
            await first.ClosedAsync();
        }

        await using var second = await service.ConnectAsync("mia");
        using var sent = await service.NoteAsync("chat/groups/room/:send", "back");

        Assert.Equal("back", await second.NextNoteAsync());
    }
}
