using System.Buffers;
using System.Text;
using System.Text.Json;
using Parley.Rest;

namespace Parley.Connections.Invocations;

/// <summary>
/// JSON messages.
/// <code>
/// { "type": 1, "invocationId": "7", "target": "call", "arguments": [ "openim", "sendmsg", { … } ] }
/// → { "type": 3, "invocationId": "7", "result": { … } } and the byte 1E
/// </code>
/// </summary>
public sealed class JsonInvocationProtocol : IInvocationProtocol
{
    private const byte RecordSeparator = 0x1E;
    private const int InvocationType = 1;
    private const int CompletionType = 3;

    // A body that is too deep is refused as a body, so the message around it has to be read.
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = ParleyJson.Encoder };

    public string ContentType => "application/json";

    public Invocation? Read(byte[] message)
    {
        string? id = null;
        try
        {
            var command = ReadMessage(message, ref id);
            return new Invocation(id, command);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return id is null ? null : new Invocation(id, null);
        }
    }

    public byte[] Complete(string id, byte[] result) => Write(id, json =>
    {
        json.WritePropertyName("result"u8);
        json.WriteRawValue(result, skipInputValidation: true);
    });

    public byte[] Fail(string id, string error) => Write(id, json => json.WriteString("error"u8, error));

    // The properties come in any order: the JavaScript client writes the arguments first.
    private static InvokedCommand? ReadMessage(byte[] message, ref string? id)
    {
        var reader = new Utf8JsonReader(message, AnyDepth);
        reader.Read();
        var (isInvocation, isCall, arguments) = (false, false, new List<Range>());
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "type":
                    isInvocation = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var type) && type == InvocationType;
                    break;
                case "invocationId":
                    id = reader.GetString();
                    break;
                case "target":
                    isCall = reader.GetString() == Invocation.Target;
                    break;
                case "arguments":
                    arguments = ReadArguments(ref reader);
                    break;
            }

            reader.Skip();
        }

        // Nothing may follow.
        reader.Read();
        return isInvocation && isCall ? ReadCommand(message, arguments) : null;
    }

    // Where they are; one more than there may be is enough to know.
    private static List<Range> ReadArguments(ref Utf8JsonReader reader)
    {
        var arguments = new List<Range>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return arguments;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (arguments.Count <= Invocation.Arguments)
            {
                arguments.Add(start..(int)reader.BytesConsumed);
            }
        }

        return arguments;
    }

    private static InvokedCommand? ReadCommand(byte[] message, List<Range> arguments) =>
        arguments.Count == Invocation.Arguments
        && ReadText(message.AsSpan(arguments[0])) is { } service && ReadText(message.AsSpan(arguments[1])) is { } command
            ? new InvokedCommand(service, command, ReadBody(message.AsSpan(arguments[2])))
            : null;

    private static byte[]? ReadBody(ReadOnlySpan<byte> json)
    {
        var body = json[0] != '"' ? json.ToArray() : ReadText(json) is { } text ? Encoding.UTF8.GetBytes(text) : [];
        return body.Length > CommandDispatcher.MaxBodyBytes ? null : body;
    }

    // Null when it is no text, or one that no string can hold.
    private static string? ReadText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, AnyDepth);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] Write(string id, Action<Utf8JsonWriter> writeOutcome)
    {
        var frame = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(frame, Relaxed))
        {
            json.WriteStartObject();
            json.WriteNumber("type"u8, CompletionType);
            json.WriteString("invocationId"u8, id);
            writeOutcome(json);
            json.WriteEndObject();
        }

        frame.Write([RecordSeparator]);
        return frame.WrittenSpan.ToArray();
    }
}
