using System.Buffers;
using System.Text;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Apps;
using Parley.Connections.Invocations;
using Parley.Tests.Support;

namespace Parley.Tests.Invocations;

/// <summary>Whatever a client sends, it gets an answer: a command's own code, an error completion, or a status that the service turns into one.</summary>
public sealed class HostileInvocationTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Openim = "openim";
    private const string Send = "sendmsg";
    private const int Deep = 10_000;

    private static readonly MessagePackHubProtocol MessagePack = Completion.MessagePack;
    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    private AppInstance _app = null!;

    public static TheoryData<bool> BothProtocols => [true, false];

    /// <summary>Values that MessagePack has and JSON has not.</summary>
    public static TheoryData<string> NotJson => new()
    {
        { "C1" }, // the one byte that means nothing
        { "81A161C1" },
        { "C40161" }, // binary
        { "81A161C40161" }, // binary in a map
        { "D6FF00000000" }, // a timestamp
        { "81A161CB7FF8000000000000" }, // NaN
        { "81A161CA7F800000" }, // infinity
        { "810161" }, // a key that is a number
        { "81A1FF01" }, // a key that is not UTF-8
        { "81A161A1FF" }, // a text that is not UTF-8
        { "A1FF" }, // instead of a text with JSON
        { "81A161A3EDA080" }, // half of a surrogate pair
        { "05" }, { "C0" }, { "C3" }, { "90" }, { "A0" }, { "A17B" },
    };

    /// <summary>Bytes that are not all of a MessagePack value.</summary>
    public static TheoryData<string> NotMessagePack => new()
    {
        { "" }, { "81" }, { "81A161" }, { "A5" }, { "CB00" }, { "92" }, { "D9" }, { "DAFF" },
        { "DDFFFFFFFF" }, // an array of 4 G items
        { "DFFFFFFFFF" }, // a map of 4 G
        { "DF7FFFFFFF" }, // a map whose items do not fit an integer
        { "DBFFFFFFFF" }, // a text of 4 GB
        { "DB7FFFFFFF" },
        { "81A161DD7FFFFFFF01" },
    };

    public async ValueTask InitializeAsync() => _app = await AppInstance.StartAsync(azurite, Nowhere);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task A_value_that_JSON_has_no_word_for_is_a_bad_body(string hex)
    {
        var completion = await _app.InvokeAsync(MessagePack, "mia", Packed(Convert.FromHexString(hex)));

        Assert.Equal(("7", 90001), (completion.Id, completion.ErrorCode));
    }

    [Theory]
    [MemberData(nameof(NotMessagePack))]
    public async Task A_body_that_is_broken_or_cut_off_fails_the_invocation_and_reserves_nothing(string hex)
    {
        var message = Packed(Convert.FromHexString(hex));
        var before = GC.GetAllocatedBytesForCurrentThread();
        new MessagePackInvocationProtocol().Read(message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);

        var completion = await _app.InvokeAsync(MessagePack, "mia", message);

        Assert.Equal("7", completion.Id);
        Assert.Contains("call(service, command, body)", completion.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_is_cut_off_anywhere_is_told_apart_from_a_whole_one()
    {
        foreach (var protocol in new IHubProtocol[] { Completion.Json, MessagePack })
        {
            IInvocationProtocol ours = protocol == MessagePack ? new MessagePackInvocationProtocol() : new JsonInvocationProtocol();
            var message = protocol.Call("7", Openim, Send, new Dictionary<string, object> { ["To_Account"] = "jonas", ["MsgBody"] = new[] { 1.5 } });
            Assert.NotNull(ours.Read(message)!.Command);

            // In MessagePack the body ends before the empty array of streams that the message ends with.
            var bodyEnd = protocol == MessagePack ? message.Length - 1 : message.Length;
            Assert.All(Enumerable.Range(0, bodyEnd), length => Assert.Null(ours.Read(message[..length])?.Command));
        }
    }

    [Theory]
    [MemberData(nameof(BothProtocols))]
    public async Task A_body_nested_ten_thousand_deep_is_a_bad_body(bool isMessagePack)
    {
        var message = isMessagePack
            ? Packed([.. Enumerable.Repeat((byte)0x91, Deep), 0x01])
            : Json($$"""{"a":{{new string('[', Deep)}}{{new string(']', Deep)}}}""");

        var completion = await _app.InvokeAsync(Protocol(isMessagePack), "mia", message);

        Assert.Equal(("7", 90001), (completion.Id, completion.ErrorCode));
    }

    [Theory]
    [InlineData("91")]
    [InlineData("8100")]
    public async Task Headers_and_arguments_may_be_as_deep_as_they_like(string opener)
    {
        byte[] deep = [.. Enumerable.Repeat(Convert.FromHexString(opener), 40 * Deep).SelectMany(bytes => bytes), 0xC0];
        byte[] message = [0x95, 0x01, .. deep, 0xA1, (byte)'7', 0xA4, .. "call"u8, .. deep];

        var completion = await _app.InvokeAsync(MessagePack, "mia", message);

        Assert.Equal("7", completion.Id);
        Assert.NotNull(completion.Error);
    }

    [Theory]
    [MemberData(nameof(BothProtocols))]
    public async Task Anything_but_the_one_method_with_its_arguments_fails_and_the_error_says_what_there_is(bool isMessagePack)
    {
        var protocol = Protocol(isMessagePack);
        var body = new Dictionary<string, object>();
        byte[][] messages =
        [
            protocol.Invocation("7", "send", Openim, Send, body),
            protocol.Invocation("7", "Call", Openim, Send, body),
            protocol.Call("7"),
            protocol.Call("7", Openim, Send),
            protocol.Call("7", Openim, Send, body, body),
            protocol.Call("7", 1, Send, body),
            protocol.Call("7", Openim, null, body),
            protocol.Call("7", Openim, new[] { Send }, body),
            protocol.Call("7", body, Send, body),
        ];

        foreach (var message in messages)
        {
            var completion = await _app.InvokeAsync(protocol, "mia", message);
            Assert.Equal("7", completion.Id);
            Assert.Contains("call(service, command, body)", completion.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"type":1,"invocationId":"7","target":"call","arguments":{}}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":"call","arguments":"x"}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":"call"}""")]
    [InlineData("""{"type":4,"invocationId":"7","target":"call","arguments":["openim","sendmsg",{}]}""")]
    [InlineData("""{"type":"1","invocationId":"7","target":"call","arguments":["openim","sendmsg",{}]}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":5,"arguments":["openim","sendmsg",{}]}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":"call","arguments":["openim","\ud800",{}]}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":"call","arguments":["openim","sendmsg",{}]} {}""")]
    [InlineData("""{"type":1,"invocationId":"7","target":"call","arguments":["openim","sendmsg",{"a":]}""")]
    public async Task JSON_that_is_no_call_fails(string message) =>
        Assert.NotNull((await _app.InvokeAsync(Completion.Json, "mia", Encoding.UTF8.GetBytes(message))).Error);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"\"")]
    [InlineData("\"[]\"")]
    [InlineData("\"{\"")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"")]
    public async Task JSON_that_is_no_object_is_a_bad_body(string body) =>
        Assert.Equal(90001, (await _app.InvokeAsync(Completion.Json, "mia", Json(body))).ErrorCode);

    [Fact]
    public async Task JSON_that_is_not_UTF8_is_a_bad_body()
    {
        var message = Json("""{"a":"#"}""");
        message[Array.IndexOf(message, (byte)'#')] = 0xFF;

        Assert.Equal(90001, (await _app.InvokeAsync(Completion.Json, "mia", message)).ErrorCode);
    }

    [Theory]
    [MemberData(nameof(BothProtocols))]
    public async Task A_body_over_256_KB_is_too_large_as_over_HTTP(bool isMessagePack)
    {
        var protocol = Protocol(isMessagePack);
        var largest = new string('x', (256 * 1024) - """{"a":""}""".Length);

        foreach (var (text, code) in new[] { (largest, 90003), (largest + "x", 93000) })
        {
            foreach (var body in new object[] { new Dictionary<string, string> { ["a"] = text }, $$"""{"a":"{{text}}"}""" })
            {
                Assert.Equal(code, (await _app.InvokeAsync(protocol, "mia", protocol.Call("7", Openim, Send, body))).ErrorCode);
            }
        }
    }

    [Theory]
    [InlineData("C6FFFFFFFF")]
    [InlineData("C9FFFFFFFF00")]
    [InlineData("C97FFFFFFF00")]
    [InlineData("DBFFFFFFFF")]
    [InlineData("DDFFFFFFFF")]
    [InlineData("DFFFFFFFFF")]
    [InlineData("DF7FFFFFFF")]
    [InlineData("C1")]
    public async Task Headers_that_are_longer_than_the_message_leave_no_id_to_answer(string hex)
    {
        byte[] message = [0x95, 0x01, .. Convert.FromHexString(hex), 0xA1, (byte)'7', 0xA4, .. "call"u8, 0x93, 0xA1, 0x61, 0xA1, 0x62, 0x80];

        Assert.Equal(400, (await _app.PostMessageAsync(_app.Key("mia").SignalRUser, "application/x-msgpack", message)).Status);
    }

    [Fact]
    public async Task A_short_message_that_would_be_long_JSON_is_too_large()
    {
        var many = new byte[1_500_000];
        Array.Fill(many, (byte)0xC0);

        var completion = await _app.InvokeAsync(MessagePack, "mia", Packed([0xDD, 0, 0x16, 0xE3, 0x60, .. many]));

        Assert.Equal(93000, completion.ErrorCode);
    }

    [Fact]
    public async Task What_cannot_be_read_at_all_has_a_status_of_its_own()
    {
        var user = _app.Key("mia").SignalRUser;
        var call = Completion.Json.Call("7", Openim, Send, new Dictionary<string, object>());

        Assert.Equal(400, (await _app.PostMessageAsync(user, "application/json", "no JSON"u8.ToArray())).Status);
        Assert.Equal(400, (await _app.PostMessageAsync(user, "application/json", """{"invocationId":7}"""u8.ToArray())).Status);
        Assert.Equal(400, (await _app.PostMessageAsync(user, "application/x-msgpack", [0x95, 0x01])).Status);
        Assert.Equal(400, (await _app.PostMessageAsync(user, "application/x-msgpack", [0x95, 0x01, 0x80, 0xA1, 0xFF])).Status);
        Assert.Equal(400, (await _app.PostMessageAsync(user, "application/x-msgpack", [])).Status);
        Assert.Equal(413, (await _app.PostMessageAsync(user, "application/json", new byte[(2 * 1024 * 1024) + 1])).Status);
        Assert.Equal(415, (await _app.PostMessageAsync(user, "application/x-www-form-urlencoded", call)).Status);
        Assert.Equal(415, (await _app.PostMessageAsync(user, "", call)).Status);
        Assert.Equal(404, (await _app.PostMessageAsync("", "application/json", call)).Status);
        Assert.Equal(200, (await _app.PostMessageAsync(user, "Application/JSON; charset=utf-8", call)).Status);
    }

    [Theory]
    [MemberData(nameof(BothProtocols))]
    public async Task Without_an_invocation_id_there_is_no_answer_whatever_is_called(bool isMessagePack)
    {
        var protocol = Protocol(isMessagePack);
        var user = _app.Key("mia").SignalRUser;

        foreach (var message in new[] { protocol.Call(null, Openim, Send, "{}"), protocol.Call(null, "nonsense"), protocol.Call(null, "a", "b", "{}") })
        {
            var (status, _, answer) = await _app.PostMessageAsync(user, UpstreamMessage.ContentType(protocol), message);
            Assert.Equal(204, status);
            Assert.Empty(answer);
        }
    }

    [Fact]
    public async Task A_connection_of_an_app_that_is_disabled_or_gone_may_call_nothing()
    {
        await _app.Get<AppTable>().TryAddAsync(
            new App { SdkAppId = 1400000077, Secrets = ["secret"], Admins = [], IsDisabled = true }, TestContext.Current.CancellationToken);
        var call = MessagePack.Call("7", Openim, Send, "{}");

        foreach (var (user, code) in new[] { ("1400000077:mia", 60016), ("1400000078:mia", 60006), ("1400000001:", 60004) })
        {
            var (_, _, answer) = await _app.PostMessageAsync(user, "application/x-msgpack", call);
            Assert.Equal(code, Completion.Read(MessagePack, answer).ErrorCode);
        }
    }

    [Fact]
    public async Task A_failure_of_storage_is_the_services_internal_error()
    {
        await using var app = await AppInstance.StartAsync(azurite, Nowhere);
        await app.Storage.DisposeAsync();

        var completion = await app.InvokeAsync(MessagePack, "mia", MessagePack.Call("7", Openim, Send, "{}"));

        Assert.Equal(91000, completion.ErrorCode);
    }

    private static IHubProtocol Protocol(bool isMessagePack) => isMessagePack ? MessagePack : Completion.Json;

    // call("openim", "sendmsg", …) with these bytes as the body.
    private static byte[] Packed(byte[] body)
    {
        var message = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(message);
        writer.WriteArrayHeader(5);
        writer.Write(1);
        writer.WriteNil();
        writer.Write("7");
        writer.Write("call");
        writer.WriteArrayHeader(3);
        writer.Write(Openim);
        writer.Write(Send);
        writer.WriteRaw(body);
        writer.Flush();
        return message.WrittenSpan.ToArray();
    }

    private static byte[] Json(string body) =>
        Encoding.UTF8.GetBytes($$"""{"arguments":["openim","sendmsg",{{body}}],"invocationId":"7","target":"call","type":1}""");
}
