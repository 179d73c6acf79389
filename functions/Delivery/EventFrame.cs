using System.Text.Json;

namespace Parley.Delivery;

/// <summary>The body of a send: the client's <c>events</c> handler with one argument, an array of events.</summary>
public static class EventFrame
{
    /// <summary>Name of the client's handler.</summary>
    public const string Target = "events";

    /// <param name="events">JSON objects.</param>
    public static byte[] Create(IReadOnlyList<byte[]> events)
    {
        using var body = new MemoryStream(events.Sum(json => json.Length + 1) + 64);
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("target"u8, Target);
            writer.WriteStartArray("arguments"u8);
            writer.WriteStartArray();
            foreach (var json in events)
            {
                writer.WriteRawValue(json, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return body.ToArray();
    }
}
