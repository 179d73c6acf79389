using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Local.FunctionsHost;

/// <summary>How values look inside <c>Data</c> and <c>Metadata</c> of the envelope.</summary>
/// <remarks>
/// Text becomes a JSON string that itself holds JSON, numbers and booleans become strings, times stay plain; objects are passed as they
/// are. Source: custom handler contract, section 4.
/// </remarks>
internal static class EnvelopeValue
{
    /// <summary>Escapes only what JSON asks for, like the real host.</summary>
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonValue Text(string text) => JsonValue.Create(JsonSerializer.Serialize(text, Json));

    public static JsonValue Number(long number) => JsonValue.Create(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whole seconds, with offset: <c>2026-01-01T00:00:00+00:00</c>.</summary>
    public static JsonValue Time(DateTimeOffset time) => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));

    /// <summary>
    /// Adds the top-level properties of a JSON text to metadata: scalars as text and objects, not arrays. They replace what has the same
    /// name without regard to case, which keeps its spelling.
    /// </summary>
    public static void AddProperties(JsonObject metadata, string text)
    {
        if (TryParseObject(text) is not { } message)
        {
            return;
        }

        foreach (var (name, value) in message)
        {
            if (value is JsonArray)
            {
                continue;
            }

            var key = metadata.Select(entry => entry.Key).FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) ?? name;
            if (!key.EndsWith("trigger", StringComparison.OrdinalIgnoreCase))
            {
                metadata[key] = value is JsonObject ? value.DeepClone() : Text(Scalar(value));
            }
        }
    }

    // The host turns them into .NET strings first, so a boolean is capitalised.
    private static string Scalar(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    private static JsonObject? TryParseObject(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            return null;
        }

        try
        {
            var parsed = JsonNode.Parse(text) as JsonObject;
            // A repeated name shows only when the object is first read; the host's parser lets the last one win, we add nothing.
            return parsed?.Count >= 0 ? parsed : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
