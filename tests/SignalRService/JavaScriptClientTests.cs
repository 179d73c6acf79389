using System.Text.Json.Nodes;

namespace Parley.Tests.SignalRService;

public sealed class JavaScriptClientTests
{
    [Theory]
    [InlineData("WebSockets", "json")]
    [InlineData("ServerSentEvents", "json")]
    [InlineData("LongPolling", "json")]
    [InlineData("WebSockets", "messagepack")]
    [InlineData("LongPolling", "messagepack")]
    public async Task The_javascript_client_receives_calls_and_is_closed(string transport, string protocol)
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var client = await NodeClient.StartAsync(service.ClientUrl(), service.ClientToken("mia"), transport, protocol);
        var id = (string)(await client.NextAsync("started"))["connectionId"]!;
        Assert.Equal(id, (await upstream.NextAsync("connected")).Header("X-ASRS-Connection-Id"));

        const string Arguments = """["text",[{"Seq":12,"Large":4294967296,"Half":0.5,"Zero":0,"No":null,"Yes":true,"Name":"世界 😀","In":{"a":[-1,-70000]}}]]""";
        using (await service.SendAsync("chat/users/mia/:send", "note", Arguments))
        {
            var note = await client.NextAsync("note");
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Arguments), note["args"]), note.ToJsonString());
        }

        await client.CommandAsync(new JsonObject { ["invoke"] = new JsonArray("ask", "a", 1) });
        Assert.Null((await client.NextAsync("result"))["result"]);
        Assert.Equal(protocol == "json" ? "application/json" : "application/x-msgpack", (await upstream.NextAsync("ask")).Header("Content-Type"));

        Assert.Equal(200, await service.StatusAsync("DELETE", $"chat/connections/{id}?reason=over"));
        Assert.Contains("over", (string?)(await client.NextAsync("closed"))["error"], StringComparison.Ordinal);
        Assert.Contains("over", (await upstream.NextAsync("disconnected")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_javascript_client_is_told_that_its_token_is_bad()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await NodeClient.StartAsync(service.ClientUrl(), service.ClientToken("mia", "other"), "WebSockets", "json");

        Assert.Contains("401", (string?)(await client.NextAsync("refused"))["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_client_is_reported_as_disconnected()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var client = await NodeClient.StartAsync(service.ClientUrl(), service.ClientToken("mia"), "WebSockets", "json");
        await client.NextAsync("started");

        client.Kill();

        await upstream.NextAsync("disconnected");
        Assert.Equal(404, await service.StatusAsync("HEAD", "chat/users/mia"));
    }
}
