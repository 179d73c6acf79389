using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class KeepAliveTests
{
    private const string Ping = """{"type":6}""";

    [Fact]
    public async Task An_idle_connection_is_pinged()
    {
        var clock = TestService.NewClock();
        await using var service = await TestService.StartAsync(options => options with { Time = clock });
        await using var raw = await RawClient.ConnectAsync(service, "mia");

        clock.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(Ping, await raw.NextAsync());
        Assert.Equal(0, service.Emulator.Counters.FramesToClients);
    }

    [Fact]
    public async Task A_silent_client_is_dropped_and_reported_after_the_client_timeout()
    {
        var clock = TestService.NewClock();
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(
            options => options with { Time = clock, Upstream = [upstream.Template], KeepAliveInterval = TimeSpan.FromHours(1) });
        await using var raw = await RawClient.ConnectAsync(service, "mia");
        await SignOfLifeAsync(raw, upstream, "first");
        clock.Advance(TimeSpan.FromSeconds(29));
        await SignOfLifeAsync(raw, upstream, "second");
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/users/mia"));

        // The timer starts anew when the answer to the last call is written, which the clock cannot see: so go on until it has run out.
        await Eventually.HoldsAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return await service.StatusAsync("HEAD", "chat/users/mia") == 404;
            },
            "the silent client is dropped");

        Assert.Contains("sent nothing", (string?)JsonNode.Parse((await upstream.NextAsync("disconnected")).Text)!["Error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_handshake_a_connection_ends()
    {
        var clock = TestService.NewClock();
        await using var service = await TestService.StartAsync(options => options with { Time = clock });
        await using var raw = await RawClient.OpenAsync(service, "mia");
        var answer = raw.NextAsync();

        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return answer.IsCompleted;
            },
            "the handshake times out");

        Assert.Contains("error", await answer, StringComparison.Ordinal);
        Assert.Null(await raw.NextAsync());
    }

    [Theory]
    [InlineData("""{"protocol":"xml","version":1}""", "not supported")]
    [InlineData("""{"protocol":"json","version":99}""", "version 99")]
    [InlineData("""{"hello":1}""", "error")]
    public async Task A_bad_handshake_is_answered_with_the_reason(string handshake, string reason)
    {
        await using var service = await TestService.StartAsync();
        await using var raw = await RawClient.OpenAsync(service, "mia");

        await raw.SendAsync(handshake);

        Assert.Contains(reason, await raw.NextAsync(), StringComparison.Ordinal);
        Assert.Null(await raw.NextAsync());
    }

    [Fact]
    public async Task A_message_may_come_in_pieces_and_several_at_once()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var raw = await RawClient.ConnectAsync(service, "mia");

        await raw.SendBytesAsync("""{"type":1,"target":"on""");
        await raw.SendBytesAsync("""e","arguments":[]}""" + "\u001e" + """{"type":1,"target":"two","arguments":[]}""" + "\u001e" + """{"type":7}""" + "\u001e");

        foreach (var expected in new[] { "connected", "one", "two", "disconnected" })
        {
            Assert.Equal(expected, (await upstream.NextAsync()).Header("X-ASRS-Event"));
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"type":1,"arguments":[]}""")]
    public async Task A_malformed_message_ends_the_connection(string message)
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var raw = await RawClient.ConnectAsync(service, "mia");

        await raw.SendAsync(message);

        Assert.Equal(7, (int)(await raw.NextJsonAsync())["type"]!);
        Assert.Contains("\"Error\"", (await upstream.NextAsync("disconnected")).Text, StringComparison.Ordinal);
    }

    private static async Task SignOfLifeAsync(RawClient raw, UpstreamReceiver upstream, string name)
    {
        await raw.SendAsync($$"""{"type":1,"invocationId":"{{name}}","target":"{{name}}","arguments":[]}""");
        await upstream.NextAsync(name);
        Assert.Equal(3, (int)(await raw.NextJsonAsync())["type"]!);
    }
}
