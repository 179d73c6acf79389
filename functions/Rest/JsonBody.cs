using System.Text.Json;
using System.Text.Unicode;

namespace Parley.Rest;

/// <summary>Turns the bytes of a request into JSON whose every text can be read.</summary>
public static class JsonBody
{
    /// <summary>Parses a JSON object; null when it is none, is not UTF-8, or holds half a surrogate pair.</summary>
    public static JsonDocument? TryParseObject(byte[] utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind == JsonValueKind.Object && TextsAreWhole(utf8))
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // JSON allows an escaped half of a surrogate pair; no text can hold it.
    private static bool TextsAreWhole(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\ud"u8) < 0 && utf8.IndexOf("\\uD"u8) < 0)
        {
            return true;
        }

        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
