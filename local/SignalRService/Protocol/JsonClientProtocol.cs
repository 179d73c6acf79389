using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Parley.Local.SignalRService.Protocol;

/// <summary>JSON messages, each ended by the record separator.</summary>
internal sealed class JsonClientProtocol : IClientProtocol
{
    public const byte RecordSeparator = 0x1E;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IHubProtocol Hub { get; } = new JsonHubProtocol();

    public string ContentType => "application/json";

    public bool TryUnframe(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        if (buffer.PositionOf(RecordSeparator) is not { } end)
        {
            payload = default;
            return false;
        }

        payload = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    public ClientMessage Parse(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var message = document.RootElement;
            return new ClientMessage(
                message.GetProperty("type").GetInt32(),
                Text(message, "invocationId"),
                Text(message, "target"),
                message.TryGetProperty("streamIds", out var streams) && streams.GetArrayLength() > 0,
                payload);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException("The message is not a JSON hub message.", e);
        }
    }

    public ReadOnlyMemory<byte> WriteInvocation(string target, IReadOnlyList<JsonElement> arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("type", HubProtocolConstants.InvocationMessageType);
            writer.WriteString("target", target);
            writer.WriteStartArray("arguments");
            foreach (var argument in arguments)
            {
                // Raw: numbers keep their spelling, however large or precise.
                writer.WriteRawValue(argument.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.Write([RecordSeparator]);
        return buffer.WrittenMemory;
    }

    private static string? Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) ? value.GetString() : null;
}
