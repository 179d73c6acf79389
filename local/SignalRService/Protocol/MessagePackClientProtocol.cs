using System.Buffers;
using System.Text.Json;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Parley.Local.SignalRService.Protocol;

/// <summary>MessagePack messages, each preceded by its length as a variable-length integer.</summary>
internal sealed class MessagePackClientProtocol : IClientProtocol
{
    private const int LongestPrefix = 5;

    public IHubProtocol Hub { get; } = new MessagePackHubProtocol();

    public string ContentType => "application/x-msgpack";

    public bool TryUnframe(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!TryReadLength(buffer, out var length, out var prefix) || buffer.Length < prefix + length)
        {
            return false;
        }

        payload = buffer.Slice(prefix, length);
        buffer = buffer.Slice(prefix + length);
        return true;
    }

    public ClientMessage Parse(byte[] payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            var items = reader.ReadArrayHeader();
            var type = reader.ReadInt32();
            return type is HubProtocolConstants.InvocationMessageType or HubProtocolConstants.StreamInvocationMessageType
                ? ParseInvocation(type, items, ref reader, payload)
                : new ClientMessage(type, InvocationId: null, Target: null, UploadsStreams: false, payload);
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException("The message is not a MessagePack hub message.", e);
        }
    }

    public ReadOnlyMemory<byte> WriteInvocation(string target, IReadOnlyList<JsonElement> arguments)
    {
        var body = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(body);
        writer.WriteArrayHeader(6);
        writer.Write(HubProtocolConstants.InvocationMessageType);
        writer.WriteMapHeader(0);
        writer.WriteNil();
        writer.Write(target);
        writer.WriteArrayHeader(arguments.Count);
        foreach (var argument in arguments)
        {
            JsonToMessagePack.Write(ref writer, argument);
        }

        writer.WriteArrayHeader(0);
        writer.Flush();

        var frame = new ArrayBufferWriter<byte>(body.WrittenCount + LongestPrefix);
        WriteLength(frame, body.WrittenCount);
        frame.Write(body.WrittenSpan);
        return frame.WrittenMemory;
    }

    private static ClientMessage ParseInvocation(int type, int items, ref MessagePackReader reader, byte[] payload)
    {
        reader.Skip(); // headers
        var invocationId = reader.ReadString();
        var target = reader.ReadString() ?? throw new InvalidDataException("The invocation has no target.");
        reader.Skip(); // arguments
        var uploads = items > 5 && !reader.TryReadNil() && reader.ReadArrayHeader() > 0;
        return new ClientMessage(type, invocationId, target, uploads, payload);
    }

    private static void WriteLength(ArrayBufferWriter<byte> frame, int length)
    {
        var rest = (uint)length;
        for (; rest > 0x7F; rest >>= 7)
        {
            frame.Write([(byte)(rest | 0x80)]);
        }

        frame.Write([(byte)rest]);
    }

    private static bool TryReadLength(in ReadOnlySequence<byte> buffer, out int length, out int prefix)
    {
        var reader = new SequenceReader<byte>(buffer);
        var value = 0UL;
        for (prefix = 1; reader.TryRead(out var part); prefix++)
        {
            value |= (ulong)(part & 0x7F) << (7 * (prefix - 1));
            if ((part & 0x80) == 0)
            {
                length = value <= int.MaxValue ? (int)value : throw new InvalidDataException("The message is longer than 2 GB.");
                return true;
            }

            if (prefix == LongestPrefix)
            {
                throw new InvalidDataException("The message's length prefix is malformed.");
            }
        }

        length = 0;
        return false;
    }
}
