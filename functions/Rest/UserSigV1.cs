using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Apps;

namespace Parley.Rest;

/// <summary>
/// A UserSig of version 1: signed with the private half of a key pair (ECDSA with SHA-256) whose public half the app has.
/// <code>
/// { "TLS.account_type": "0", "TLS.appid_at_3rd": "0", "TLS.identifier": "mia", "TLS.sdk_appid": "1400000123", "TLS.time": "1700000000",
///   "TLS.expire_after": "86400", "TLS.sig": base64(DER signature of the lines) }
/// </code>
/// </summary>
/// <remarks>Source: API reference, protocol §7. TLS.version is neither signed nor read.</remarks>
public sealed record UserSigV1(
    string AppIdAt3rd, string AccountType, string Identifier, uint SdkAppId, long Time, long Expire, string? UserBuf, byte[] Signature)
    : UserSig(Identifier, SdkAppId, Time, Expire)
{
    /// <summary>What is signed.</summary>
    public byte[] SignedBytes
    {
        get
        {
            var lines = string.Create(CultureInfo.InvariantCulture,
                $"TLS.appid_at_3rd:{AppIdAt3rd}\nTLS.account_type:{AccountType}\nTLS.identifier:{Identifier}\nTLS.sdk_appid:{SdkAppId}\nTLS.time:{Time}\nTLS.expire_after:{Expire}\n");
            return Encoding.UTF8.GetBytes(UserBuf is null ? lines : $"{lines}TLS.userbuf:{UserBuf}\n");
        }
    }

    /// <summary>Null when a field is missing, or holds a line break: the signed lines would not be those that they seem to be.</summary>
    /// <exception cref="FormatException">The signature is no base64.</exception>
    internal static UserSigV1? FromJson(JsonElement root)
    {
        var userBuf = UserSigText.Field(root, "TLS.userbuf");
        return UserSigText.Field(root, "TLS.appid_at_3rd") is { } appIdAt3rd && UserSigText.Field(root, "TLS.account_type") is { } accountType
            && UserSigText.Field(root, "TLS.identifier") is { } identifier && UserSigText.Field(root, "TLS.sig") is { } signature
            && UserSigText.App(root, "TLS.sdk_appid") is { } app
            && UserSigText.Seconds(root, "TLS.time") is { } time && UserSigText.Seconds(root, "TLS.expire_after") is { } expire
            && !string.Concat(appIdAt3rd, accountType, identifier, userBuf).Contains('\n')
            ? new UserSigV1(appIdAt3rd, accountType, identifier, app, time, expire, userBuf, Convert.FromBase64String(signature))
            : null;
    }

    protected override ApiError? VerifySignature(App app)
    {
        if (app.UserSigV1PublicKey.Length == 0)
        {
            return ApiError.SigKeyMissing;
        }

        using var key = UserSigV1Key.Import(app.UserSigV1PublicKey);
        return key.VerifyData(SignedBytes, Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? null : ApiError.SigForged;
    }
}
