using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Rest;

/// <summary>
/// A UserSig, version 2: the proof, signed with an app's secret, that its bearer is an account.
/// <code>
/// text = base64 with + / = written as * - _ , of zlib( { "TLS.ver": "2.0", "TLS.identifier": "mia", "TLS.sdkappid": 1400000123,
///        "TLS.time": 1700000000, "TLS.expire": 86400, "TLS.sig": base64(HMAC-SHA256(secret text, lines)) } )
/// </code>
/// </summary>
/// <remarks>
/// Units: time is Unix seconds, expire a duration in seconds; valid while now ≤ time + expire.
/// Source: API reference, protocol §6; the public signers write the JSON keys in any order and numbers sometimes as strings.
/// </remarks>
public sealed record UserSig(string Identifier, uint SdkAppId, long Time, long Expire, string? UserBuf, byte[] Mac)
{
    private const int MaxTextLength = 4096;
    private const int MaxJsonBytes = 8192;

    /// <summary>Makes the UserSig of an account.</summary>
    public static string Sign(string identifier, uint sdkAppId, string secret, DateTimeOffset time, TimeSpan validity)
    {
        var unsigned = new UserSig(identifier, sdkAppId, time.ToUnixTimeSeconds(), (long)validity.TotalSeconds, null, []);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        using (var json = new Utf8JsonWriter(zlib))
        {
            json.WriteStartObject();
            json.WriteString("TLS.ver"u8, "2.0"u8);
            json.WriteString("TLS.identifier"u8, unsigned.Identifier);
            json.WriteNumber("TLS.sdkappid"u8, unsigned.SdkAppId);
            json.WriteNumber("TLS.expire"u8, unsigned.Expire);
            json.WriteNumber("TLS.time"u8, unsigned.Time);
            json.WriteBase64String("TLS.sig"u8, unsigned.ComputeMac(secret));
            json.WriteEndObject();
        }

        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length)
            .Replace('+', '*').Replace('/', '-').Replace('=', '_');
    }

    /// <summary>Decodes the text of a UserSig without checking its signature.</summary>
    /// <returns>70002 for an empty text, 70003 for one that cannot be decoded.</returns>
    public static Result<UserSig> Read(string text)
    {
        if (text.Length == 0)
        {
            return ApiError.SigEmpty;
        }

        if (text.Length > MaxTextLength || Unpack(text) is not { } json)
        {
            return ApiError.SigUnreadable;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return FromJson(document.RootElement) is { } sig ? sig : ApiError.SigUnreadable;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return ApiError.SigUnreadable;
        }
    }

    /// <summary>Checks app, account, time and signature, in the order of the reference verifier.</summary>
    /// <param name="identifier">The account that the request names.</param>
    /// <param name="sdkAppId">The app that the request names.</param>
    /// <param name="secrets">The app's valid secrets; any of them will do.</param>
    /// <param name="now">The time of the request.</param>
    /// <returns>Null when valid; else 70014, 70013, 70001 or 70009.</returns>
    public ApiError? Verify(string identifier, uint sdkAppId, IEnumerable<string> secrets, DateTimeOffset now)
    {
        if (SdkAppId != sdkAppId)
        {
            return ApiError.SigOfOtherApp;
        }

        if (Identifier != identifier)
        {
            return ApiError.SigOfOtherAccount;
        }

        // As a difference: a forged expire may be as large as a long.
        if (now.ToUnixTimeSeconds() - Time > Expire)
        {
            return ApiError.SigExpired;
        }

        var genuine = secrets.Any(secret => CryptographicOperations.FixedTimeEquals(ComputeMac(secret), Mac));
        return genuine ? null : ApiError.SigForged;
    }

    private byte[] ComputeMac(string secret)
    {
        var lines = string.Create(CultureInfo.InvariantCulture,
            $"TLS.identifier:{Identifier}\nTLS.sdkappid:{SdkAppId}\nTLS.time:{Time}\nTLS.expire:{Expire}\n");
        if (UserBuf is not null)
        {
            lines += $"TLS.userbuf:{UserBuf}\n";
        }

        return HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(lines));
    }

    private static byte[]? Unpack(string text)
    {
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
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static UserSig? FromJson(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "TLS.ver") != "2.0")
        {
            return null;
        }

        var mac = Text(root, "TLS.sig");
        return Text(root, "TLS.identifier") is { } identifier && mac is not null
            && uint.TryParse(Text(root, "TLS.sdkappid"), NumberStyles.None, CultureInfo.InvariantCulture, out var app)
            && long.TryParse(Text(root, "TLS.time"), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && long.TryParse(Text(root, "TLS.expire"), NumberStyles.None, CultureInfo.InvariantCulture, out var expire)
            ? new UserSig(identifier, app, time, expire, Text(root, "TLS.userbuf"), Convert.FromBase64String(mac))
            : null;
    }

    private static string? Text(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : null;
}
