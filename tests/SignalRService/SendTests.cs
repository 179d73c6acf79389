using System.Buffers;
using System.Net.Http.Headers;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class SendTests
{
    [Fact]
    public async Task Each_send_reaches_those_it_is_for_and_nobody_else()
    {
        await using var service = await TestService.StartAsync();
        await using var phone = await service.ConnectAsync("mia");
        await using var laptop = await service.ConnectAsync("mia", messagePack: true);
        await using var jonas = await service.ConnectAsync("jonas");
        await using var elsewhere = await service.ConnectAsync("mia", hub: "other");
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{laptop.Id}"));
        Assert.Equal(200, await service.StatusAsync("PUT", $"chat/groups/room/connections/{jonas.Id}"));

        foreach (var (path, text) in new[]
        {
            ("chat/:send", "all"),
            ($"chat/:send?excluded={phone.Id}&excluded={jonas.Id}", "all but two"),
            ("chat/users/mia/:send", "user"),
            ("chat/groups/room/:send", "group"),
            ($"chat/groups/room/:send?excluded={jonas.Id}", "group but one"),
            ($"chat/connections/{phone.Id}/:send", "connection"),
            ("CHAT/:send", "end"),
            ("other/:send", "end"),
        })
        {
            using var sent = await service.NoteAsync(path, text);
            Assert.Equal(202, (int)sent.StatusCode);
        }

        Assert.Equal(["all", "user", "connection", "end"], await phone.NextNotesAsync(4));
        Assert.Equal(["all", "all but two", "user", "group", "group but one", "end"], await laptop.NextNotesAsync(6));
        Assert.Equal(["all", "group", "end"], await jonas.NextNotesAsync(3));
        Assert.Equal(["end"], await elsewhere.NextNotesAsync(1));
    }

    [Theory]
    [InlineData("chat/:send")]
    [InlineData("chat/users/nobody/:send")]
    [InlineData("chat/groups/nothing/:send")]
    [InlineData("chat/connections/gone/:send")]
    public async Task A_send_to_nobody_is_accepted(string path)
    {
        await using var service = await TestService.StartAsync();

        using var sent = await service.NoteAsync(path, "x");

        Assert.Equal(202, (int)sent.StatusCode);
    }

    [Theory]
    [InlineData("app:mia", "app%3Amia")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("世界 +?#", "%E4%B8%96%E7%95%8C%20%2B%3F%23")]
    public async Task Names_in_the_path_are_decoded_once(string user, string encoded)
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync(user);

        using var sent = await service.NoteAsync($"chat/users/{encoded}/:send", "for you");

        Assert.Equal(202, (int)sent.StatusCode);
        Assert.Equal("for you", await client.NextNoteAsync());
        Assert.Equal(200, await service.StatusAsync("HEAD", $"chat/users/{encoded}"));
    }

    [Fact]
    public async Task An_application_prefixes_the_hub()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia", hub: "shop_chat");

        using var sent = await service.NoteAsync("chat/:send?application=Shop", "prefixed");

        Assert.Equal("prefixed", await client.NextNoteAsync());
    }

    [Fact]
    public async Task Arguments_keep_their_values_in_MessagePack()
    {
        await using var service = await TestService.StartAsync();
        await using var client = await service.ConnectAsync("mia", messagePack: true);
        var received = new TaskCompletionSource<object?[]>();
        using var handler = client.Connection.On(
            "values", [typeof(object), typeof(object), typeof(object), typeof(object), typeof(object), typeof(object), typeof(object)], arguments =>
            {
                received.TrySetResult(arguments);
                return Task.CompletedTask;
            });

        using var sent = await service.SendAsync(
            "chat/users/mia/:send", "values", """[1, -9007199254740993, 18446744073709551615, 1.5, "世", [true, null], {"a": {"b": []}}]""");

        var values = await received.Task.WaitAsync(Eventually.Deadline, TestService.Stop);
        Assert.Equal((byte)1, values[0]); // the smallest form of an integer
        Assert.Equal(-9007199254740993L, values[1]);
        Assert.Equal(ulong.MaxValue, values[2]);
        Assert.Equal(1.5, values[3]);
        Assert.Equal("世", values[4]);
        Assert.Equal([true, null], Assert.IsType<object?[]>(values[5]));
        var map = Assert.IsAssignableFrom<IDictionary<object, object?>>(values[6]);
        Assert.Empty(Assert.IsType<object?[]>(Assert.IsAssignableFrom<IDictionary<object, object?>>(map["a"])["b"]));
    }

    [Fact]
    public async Task Arguments_reach_JSON_clients_as_they_were_written()
    {
        await using var service = await TestService.StartAsync();
        await using var raw = await RawClient.ConnectAsync(service, "mia");

        using var sent = await service.SendAsync("chat/users/mia/:send", "t", """[1.10, 123456789012345678901234567890, "<é>", { "a" : 1e3 }]""");

        Assert.Equal("""{"type":1,"target":"t","arguments":[1.10,123456789012345678901234567890,"<é>",{ "a" : 1e3 }]}""", await raw.NextAsync());
    }

    [Fact]
    public async Task Ready_frames_per_protocol_pass_through()
    {
        await using var service = await TestService.StartAsync();
        await using var json = await service.ConnectAsync("mia");
        await using var messagePack = await service.ConnectAsync("mia", messagePack: true);

        Assert.Equal(202, await PostFramesAsync(service, "note", new JsonHubProtocol(), new MessagePackHubProtocol()));
        Assert.Equal(202, await PostFramesAsync(service, "note", new MessagePackHubProtocol()));
        using var end = await service.NoteAsync("chat/:send", "end");

        Assert.Equal(["json", "end"], await json.NextNotesAsync(2));
        Assert.Equal(["messagepack", "messagepack", "end"], await messagePack.NextNotesAsync(3));
    }

    private static async Task<int> PostFramesAsync(TestService service, string target, params IHubProtocol[] protocols)
    {
        const string Path = "/api/hubs/chat/:send";
        var body = new ArrayBufferWriter<byte>();
        WriteFrames(body, target, protocols);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", service.RestToken(Path));
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await http.PostAsync(service.Base + Path + TestService.Version, content, TestService.Stop);
        return (int)response.StatusCode;
    }

    private static void WriteFrames(ArrayBufferWriter<byte> body, string target, IHubProtocol[] protocols)
    {
        var writer = new MessagePackWriter(body);
        writer.WriteMapHeader(protocols.Length);
        foreach (var protocol in protocols)
        {
            writer.Write(protocol.Name);
            writer.Write(protocol.GetMessageBytes(new InvocationMessage(target, [protocol.Name])).Span);
        }

        writer.Flush();
    }
}
