using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class ClientTransportTests
{
    // Server-sent events carry text only, so MessagePack has two transports.
    public static TheoryData<HttpTransportType, bool> Ways => new()
    {
        { HttpTransportType.WebSockets, false },
        { HttpTransportType.ServerSentEvents, false },
        { HttpTransportType.LongPolling, false },
        { HttpTransportType.WebSockets, true },
        { HttpTransportType.LongPolling, true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_dotnet_client_receives_sends_in_order_and_calls_upstream(HttpTransportType transport, bool messagePack)
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var client = await service.ConnectAsync("mia", transport, messagePack);

        for (var i = 0; i < 20; i++)
        {
            using var sent = await service.NoteAsync(i % 2 == 0 ? "chat/users/mia/:send" : "chat/:send", $"n{i}");
            Assert.Equal(202, (int)sent.StatusCode);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"n{i}"), await client.NextNotesAsync(20));
        await client.Connection.InvokeAsync("hello", "there", TestService.Stop);
        var call = await upstream.NextAsync("hello");
        Assert.Equal(client.Id, call.Header("X-ASRS-Connection-Id"));
        await client.Connection.StopAsync(TestService.Stop);
        Assert.Equal("""{"Type":11}""", (await upstream.NextAsync("disconnected")).Text);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_close_reaches_the_dotnet_client_with_its_reason(HttpTransportType transport, bool messagePack)
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia", transport, messagePack);

        Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/connections/{client.Id}?reason=kicked%20out"));

        Assert.Contains("kicked out", (await client.ClosedAsync())?.Message, StringComparison.Ordinal);
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia"));
    }

    [Fact]
    public async Task MessagePack_over_server_sent_events_is_refused()
    {
        await using var service = await TestService.StartAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => service.ConnectAsync("mia", HttpTransportType.ServerSentEvents, messagePack: true));

        Assert.Equal(0, service.Emulator.Counters.Connections);
    }

    [Fact]
    public async Task A_web_socket_needs_no_negotiation()
    {
        await using var service = await TestService.StartAsync();
        await using var connection = new HubConnectionBuilder().WithUrl(service.ClientUrl(), http =>
        {
            http.SkipNegotiation = true;
            http.Transports = HttpTransportType.WebSockets;
            http.AccessTokenProvider = () => Task.FromResult<string?>(service.ClientToken("mia"));
        }).Build();
        var received = new TaskCompletionSource<string>();
        connection.On<string>("note", note => received.TrySetResult(note));

        await connection.StartAsync(TestService.Stop);
        using var sent = await service.NoteAsync("chat/users/mia/:send", "direct");

        Assert.Equal("direct", await received.Task.WaitAsync(Eventually.Deadline, TestService.Stop));
    }

    [Fact]
    public async Task A_large_message_arrives_whole()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia");
        var large = new string('x', 900_000);

        using var sent = await service.NoteAsync("chat/users/mia/:send", large);

        Assert.Equal(large, await client.NextNoteAsync());
    }
}
