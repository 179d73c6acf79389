using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class SlowClientTests
{
    [Fact]
    public async Task A_client_that_does_not_read_is_dropped_and_holds_nobody_up()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(
            options => options with { OutboundQueueBytes = 2_000_000, Upstream = [upstream.Template] });
        await using var reader = await service.ConnectAsync("mia");
        await using var slow = await RawClient.ConnectAsync(service, "jonas");
        var text = new string('x', 500_000);
        var sent = 0;

        // The transport and the kernel take some megabytes before the queue fills.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await service.NoteAsync("chat/:send", text);
                Assert.Equal(text, await reader.NextNoteAsync());
                sent++;
                return service.Emulator.Counters.Connections == 1;
            },
            "the slow client is dropped");

        Assert.InRange(sent, 4, int.MaxValue);
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/jonas"));
        Assert.Contains("does not read", (await upstream.NextAsync("disconnected")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_can_be_read_from_outside()
    {
        await using var service = await TestService.StartAsync();
        await using var mia = await service.ConnectAsync("mia");
        await using var jonas = await service.ConnectAsync("jonas");
        using var sent = await service.NoteAsync("chat/:send", "x");
        await Task.WhenAll(mia.NextNoteAsync(), jonas.NextNoteAsync());
        Assert.Equal(405, await service.StatusAsync("GET", "chat/:send"));

        using var response = await service.CallRawAsync("GET", "/_local/counters", token: null);

        var counters = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestService.Stop));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"restCalls":2,"framesToClients":2,"connections":2}"""), counters), counters?.ToJsonString());
    }

    [Fact]
    public async Task A_port_can_be_chosen_and_two_services_do_not_meet()
    {
        await using var first = await TestService.StartAsync();
        var port = first.Emulator.Endpoint.Port;
        await Assert.ThrowsAsync<IOException>(() => TestService.StartAsync(options => options with { Port = port }));
        await using var second = await TestService.StartAsync();
        await using var client = await first.ConnectAsync("mia");

        Assert.Equal($"Endpoint=http://127.0.0.1:{port};AccessKey={TestToken.Key};Version=1.0;", first.Emulator.ConnectionString);
        Assert.Equal(200, await first.StatusAsync("HEAD", "chat/users/mia"));
        Assert.Equal(404, await second.StatusAsync("HEAD", "chat/users/mia"));
    }
}
