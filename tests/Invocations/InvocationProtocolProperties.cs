using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Connections.Invocations;

namespace Parley.Tests.Invocations;

public sealed class InvocationProtocolProperties
{
    private static readonly IInvocationProtocol[] Ours = [new JsonInvocationProtocol(), new MessagePackInvocationProtocol()];

    private static readonly Gen<string> Texts = Gen.String.Where(text => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar));

    private static readonly Gen<JsonNode?> Values = Value(3);

    [Fact]
    public void JSON_comes_back_from_MessagePack_with_every_number_exact() => Values.Sample(value =>
    {
        var json = value?.ToJsonString() ?? "null";
        var packed = Pack(json);

        var reader = new MessagePackReader(packed);
        var back = MessagePackToJson.Convert(ref reader, int.MaxValue)!;

        Assert.True(reader.End);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(back)), $"{json} came back as {Encoding.UTF8.GetString(back)}");
    });

    [Fact]
    public void Integers_keep_their_64_bits_and_their_spelling() => Gen.OneOf(Gen.Long.Select(n => $"{n}"), Gen.ULong.Select(n => $"{n}")).Sample(number =>
    {
        var reader = new MessagePackReader(Pack(number));
        Assert.Equal(number, Encoding.UTF8.GetString(MessagePackToJson.Convert(ref reader, 100)!));
    });

    [Fact]
    public void A_single_precision_number_keeps_its_value() => Gen.Float.Where(float.IsFinite).Sample(number =>
    {
        var packed = MessagePackSerializer.Serialize(number);
        var reader = new MessagePackReader(packed);
        Assert.Equal(number, JsonElement.Parse(MessagePackToJson.Convert(ref reader, 100)!).GetDouble());
    });

    [Fact]
    public void Both_protocols_read_what_official_clients_write_and_complete_what_they_read() =>
        Gen.Select(Texts.Where(id => id.Length > 0), Texts, Texts, Texts).Sample((id, service, command, text) =>
        {
            foreach (var (ours, official) in Ours.Zip(new IHubProtocol[] { Completion.Json, Completion.MessagePack }))
            {
                var invocation = ours.Read(official.Call(id, service, command, new Dictionary<string, string> { ["a"] = text }))!;

                Assert.Equal((id, service, command), (invocation.Id, invocation.Command!.Service, invocation.Command.Command));
                Assert.Equal(text, JsonElement.Parse(invocation.Command.Body!).GetProperty("a").GetString());
                var completion = Completion.Read(official, ours.Complete(id, invocation.Command.Body!));
                Assert.Equal(text, completion.Result!.Value.GetProperty("a").GetString());
                Assert.Equal((id, text), (Completion.Read(official, ours.Fail(id, text)).Id, Completion.Read(official, ours.Fail(id, text)).Error));
            }
        });

    [Fact]
    public void No_bytes_make_a_reader_throw() =>
        Gen.OneOf(Gen.Byte, Gen.OneOfConst<byte>([0x00, 0x7F, 0x80, 0xFF]), Gen.Byte[0xC0, 0xDF]).Array[0, 100].Sample(bytes =>
            Assert.All(Ours, ours => Assert.All<byte[]>([bytes, [0x96, 0x01, .. bytes], [0x96, 0x01, 0x80, 0xC0, .. bytes]], message => ours.Read(message))));

    [Fact]
    public void No_change_of_a_good_message_makes_a_reader_throw() =>
        Gen.Select(Values, Gen.Select(Gen.Int[0, int.MaxValue], Gen.OneOf(Gen.Byte, Gen.Byte[0xC0, 0xDF], Gen.Const((byte)0xFF))).Array[1, 12]).Sample((value, changes) =>
        {
            byte[][] messages =
            [
                Encoding.UTF8.GetBytes($$"""{"type":1,"invocationId":"7","target":"call","arguments":["a","b",{{value?.ToJsonString() ?? "null"}}]}"""),
                [0x96, 0x01, 0x80, 0xA1, 0x37, 0xA4, .. "call"u8, 0x93, 0xA1, 0x61, 0xA1, 0x62, .. Pack(value?.ToJsonString() ?? "null"), 0x90],
            ];
            foreach (var (ours, message) in Ours.Zip(messages))
            {
                Assert.NotNull(ours.Read(message)!.Command);
                foreach (var (place, change) in changes)
                {
                    message[place % message.Length] = change;
                }

                ours.Read(message);
            }
        });

    private static Gen<JsonNode?> Value(int depth)
    {
        var simple = Gen.OneOf(
            Gen.Const((JsonNode?)null),
            Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
            Gen.Long.Select(value => (JsonNode?)JsonValue.Create(value)),
            Gen.ULong.Select(value => (JsonNode?)JsonValue.Create(value)),
            Gen.Double.Where(double.IsFinite).Select(value => (JsonNode?)JsonValue.Create(value)),
            Texts.Select(value => (JsonNode?)JsonValue.Create(value)));
        return depth == 0 ? simple : Gen.OneOf(
            simple,
            Value(depth - 1).Array[0, 20].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Gen.Dictionary(Texts, Value(depth - 1))[0, 20].Select(fields =>
                (JsonNode?)new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())))));
    }

    private static byte[] Pack(string json)
    {
        var packed = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(packed);
        JsonToMessagePack.Write(ref writer, JsonElement.Parse(json));
        writer.Flush();
        return packed.WrittenSpan.ToArray();
    }
}
