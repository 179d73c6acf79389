using System.Buffers;
using System.Text.Json;
using MessagePack;
using Microsoft.AspNetCore.Http.Features;
using Parley.Local.SignalRService.Hubs;
using Parley.Local.SignalRService.Protocol;

namespace Parley.Local.SignalRService.Rest;

/// <summary>
/// Sends: 202 as soon as the message is in the queue of every connection that it is for, be there any or none.
/// <code>
/// application/json: {"target":"newMessage","arguments":["hello",1]}   (names in any case; arguments may be missing)
/// application/octet-stream or application/x-msgpack: a map of protocol name → complete frame, as Microsoft's SDK writes it
/// </code>
/// </summary>
internal static class SendOperations
{
    private const int LargestBody = 1024 * 1024;

    // A body somewhat too large is read to its end: a caller still writing would see a reset connection, not the answer.
    private const int LargestReading = 16 * LargestBody;

    public static async Task<RestResult> SendAsync(RestCall call, Target target)
    {
        var request = call.Http.Request;
        var read = Reader(request);
        if (read is null)
        {
            return RestError.UnknownContent(request.ContentType);
        }

        var body = await ReadBodyAsync(call.Http);
        if (body is null)
        {
            return RestError.TooLarge("The body is larger than 1 MB.");
        }

        try
        {
            call.Hub.Send(target, read(body));
            return StatusCodes.Status202Accepted;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException
            or MessagePackSerializationException or EndOfStreamException)
        {
            return RestError.Invalid("body", e.Message);
        }
    }

    private static Func<byte[], OutgoingMessage>? Reader(HttpRequest request) =>
        request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() switch
        {
            "application/json" => ReadJson,
            "application/octet-stream" or "application/x-msgpack" => ReadFrames,
            _ => null,
        };

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestReading;
        }

        try
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            return buffer.Length <= LargestBody ? buffer.ToArray() : null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    private static OutgoingMessage ReadJson(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException("The body is not a JSON object.");
        }

        string? target = null;
        JsonElement[] arguments = [];
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name.Equals("target", StringComparison.OrdinalIgnoreCase))
            {
                target = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
            }
            else if (property.Name.Equals("arguments", StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null)
            {
                arguments = property.Value.ValueKind == JsonValueKind.Array
                    ? [.. property.Value.EnumerateArray()]
                    : throw new InvalidDataException("The arguments are not an array.");
            }
        }

        return string.IsNullOrEmpty(target)
            ? throw new InvalidDataException("The target is missing or empty.")
            : new OutgoingMessage(target, arguments);
    }

    private static OutgoingMessage ReadFrames(byte[] body)
    {
        var reader = new MessagePackReader(body);
        var frames = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            var protocol = reader.ReadString() ?? throw new InvalidDataException("A protocol has no name.");
            frames[protocol] = reader.ReadBytes() is { } frame ? frame.ToArray() : throw new InvalidDataException("A frame is missing.");
        }

        return new OutgoingMessage(frames);
    }
}
