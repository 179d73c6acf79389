using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Parley.Rest;

/// <summary>How both versions of a UserSig are packed: base64, with + / = written as * - _ , of the zlib of a JSON object.</summary>
internal static class UserSigText
{
    private const int MaxTextLength = 4096;
    private const int MaxJsonBytes = 8192;

    public static string Pack(Action<Utf8JsonWriter> writeFields)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        using (var json = new Utf8JsonWriter(zlib))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length)
            .Replace('+', '*').Replace('/', '-').Replace('=', '_');
    }

    /// <summary>The JSON inside; null when the text is none or too long.</summary>
    public static byte[]? Unpack(string text)
    {
        if (text.Length > MaxTextLength)
        {
            return null;
        }

        // An old decoder takes a blank for '*'; some clients rely on it.
        var base64 = text.Replace('*', '+').Replace(' ', '+').Replace('-', '/').Replace('_', '=');
        var packed = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (!Convert.TryFromBase64String(base64, packed, out var length))
        {
            return null;
        }

        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed, 0, length), CompressionMode.Decompress);
            var json = new byte[MaxJsonBytes + 1];
            var read = zlib.ReadAtLeast(json, json.Length, throwOnEndOfStream: false);
            return read > MaxJsonBytes ? null : json[..read];
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
    }

    /// <summary>A field as text; signers write numbers either way.</summary>
    public static string? Field(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : null;

    public static uint? App(JsonElement root, string name) =>
        uint.TryParse(Field(root, name), NumberStyles.None, CultureInfo.InvariantCulture, out var app) ? app : null;

    public static long? Seconds(JsonElement root, string name) =>
        long.TryParse(Field(root, name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}
