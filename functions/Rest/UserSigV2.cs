using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Apps;

namespace Parley.Rest;

/// <summary>
/// A UserSig of version 2: signed with an app's secret.
/// <code>
/// { "TLS.ver": "2.0", "TLS.identifier": "mia", "TLS.sdkappid": 1400000123, "TLS.time": 1700000000, "TLS.expire": 86400,
///   "TLS.sig": base64(HMAC-SHA256(secret text, lines)) }
/// </code>
/// </summary>
/// <remarks>Source: API reference, protocol §6; the public signers write the JSON keys in any order and numbers sometimes as strings.</remarks>
public sealed record UserSigV2(string Identifier, uint SdkAppId, long Time, long Expire, string? UserBuf, byte[] Mac)
    : UserSig(Identifier, SdkAppId, Time, Expire)
{
    /// <summary>Makes the UserSig of an account.</summary>
    public static string Sign(string identifier, uint sdkAppId, string secret, long time, long expire)
    {
        var unsigned = new UserSigV2(identifier, sdkAppId, time, expire, null, []);
        return UserSigText.Pack(json =>
        {
            json.WriteString("TLS.ver"u8, "2.0"u8);
            json.WriteString("TLS.identifier"u8, identifier);
            json.WriteNumber("TLS.sdkappid"u8, sdkAppId);
            json.WriteNumber("TLS.expire"u8, expire);
            json.WriteNumber("TLS.time"u8, time);
            json.WriteBase64String("TLS.sig"u8, unsigned.ComputeMac(secret));
        });
    }

    /// <summary>Null when a field is missing.</summary>
    /// <exception cref="FormatException">The signature is no base64.</exception>
    internal static UserSigV2? FromJson(JsonElement root) =>
        UserSigText.Field(root, "TLS.identifier") is { } identifier && UserSigText.Field(root, "TLS.sig") is { } mac
            && UserSigText.App(root, "TLS.sdkappid") is { } app
            && UserSigText.Seconds(root, "TLS.time") is { } time && UserSigText.Seconds(root, "TLS.expire") is { } expire
            ? new UserSigV2(identifier, app, time, expire, UserSigText.Field(root, "TLS.userbuf"), Convert.FromBase64String(mac))
            : null;

    protected override ApiError? VerifySignature(App app)
    {
        var genuine = app.Secrets.Any(secret => CryptographicOperations.FixedTimeEquals(ComputeMac(secret), Mac));
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
}
