using System.Buffers;
using System.Text.Json;
using MessagePack;
using Parley.Rest;

namespace Parley.Connections.Invocations;

/// <summary>
/// MessagePack messages.
/// <code>
/// [1, headers, "7", "call", ["openim", "sendmsg", { … }], streams]
/// → [3, {}, "7", 3, { … }] or [3, {}, "7", 1, "error"], and before it its length in groups of seven bits, lowest first
/// </code>
/// </summary>
public sealed class MessagePackInvocationProtocol : IInvocationProtocol
{
    private const int InvocationType = 1;
    private const int CompletionType = 3;
    private const int ErrorOutcome = 1;
    private const int ResultOutcome = 3;
    private const int LongestPrefix = 5;

    // Deeper than a command's request, of which an answer may repeat parts.
    private static readonly JsonDocumentOptions AnswerDepth = new() { MaxDepth = 256 };

    public string ContentType => "application/x-msgpack";

    public Invocation? Read(byte[] message)
    {
        string? id = null;
        try
        {
            var command = ReadMessage(message, ref id);
            return new Invocation(id, command);
        }

        // The last is the package's word for lengths of 2 GB and more.
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentOutOfRangeException)
        {
            return id is null ? null : new Invocation(id, null);
        }
    }

    public byte[] Complete(string id, byte[] result)
    {
        using var json = JsonDocument.Parse(result, AnswerDepth);
        var body = new ArrayBufferWriter<byte>(result.Length);
        var writer = Begin(body, id, ResultOutcome);
        JsonToMessagePack.Write(ref writer, json.RootElement);
        return Frame(ref writer, body);
    }

    public byte[] Fail(string id, string error)
    {
        var body = new ArrayBufferWriter<byte>();
        var writer = Begin(body, id, ErrorOutcome);
        writer.Write(error);
        return Frame(ref writer, body);
    }

    private static InvokedCommand? ReadMessage(byte[] message, ref string? id)
    {
        var reader = new MessagePackReader(message);
        reader.ReadArrayHeader();
        var type = reader.ReadInt32();
        MessagePackToJson.Skip(ref reader); // headers
        id = ReadOptionalText(ref reader);
        var target = ReadOptionalText(ref reader);
        return type == InvocationType && target == Invocation.Target ? ReadCommand(ref reader) : null;
    }

    private static InvokedCommand? ReadCommand(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != Invocation.Arguments
            || ReadOptionalText(ref reader) is not { } service || ReadOptionalText(ref reader) is not { } command)
        {
            return null;
        }

        var body = reader.NextMessagePackType == MessagePackType.String
            ? MessagePackToJson.ReadUtf8(ref reader).ToArray()
            : MessagePackToJson.Convert(ref reader, CommandDispatcher.MaxBodyBytes);
        return new InvokedCommand(service, command, body is { Length: <= CommandDispatcher.MaxBodyBytes } ? body : null);
    }

    private static string? ReadOptionalText(ref MessagePackReader reader) =>
        reader.TryReadNil() ? null : MessagePackToJson.ReadText(ref reader);

    private static MessagePackWriter Begin(ArrayBufferWriter<byte> body, string id, int outcome)
    {
        var writer = new MessagePackWriter(body);
        writer.WriteArrayHeader(5);
        writer.Write(CompletionType);
        writer.WriteMapHeader(0);
        writer.Write(id);
        writer.Write(outcome);
        return writer;
    }

    private static byte[] Frame(ref MessagePackWriter writer, ArrayBufferWriter<byte> body)
    {
        writer.Flush();
        var frame = new ArrayBufferWriter<byte>(body.WrittenCount + LongestPrefix);
        var rest = (uint)body.WrittenCount;
        for (; rest > 0x7F; rest >>= 7)
        {
            frame.Write([(byte)(rest | 0x80)]);
        }

        frame.Write([(byte)rest]);
        frame.Write(body.WrittenSpan);
        return frame.WrittenSpan.ToArray();
    }
}
