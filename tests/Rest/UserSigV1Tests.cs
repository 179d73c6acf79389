using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Tests.Rest;

/// <summary>Signatures of version 1, made here with real keys as the API reference, protocol §7, says.</summary>
public sealed class UserSigV1Tests
{
    private const uint AppId = 1400000123;
    private const string Secp256K1 = "1.3.132.0.10";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1700000000);

    [Theory]
    [InlineData(null, null)]
    [InlineData(Secp256K1, null)]
    [InlineData(null, "dXNlcmJ1Zg==")]
    public void A_genuine_one_is_valid_until_the_last_second(string? curve, string? userBuf)
    {
        using var key = ECDsa.Create(curve is null ? ECCurve.NamedCurves.nistP256 : ECCurve.CreateFromValue(curve));
        Assert.True(UserSigV1Key.IsValid(key.ExportSubjectPublicKeyInfoPem()));
        var sig = UserSig.Read(Pack(Sign(key, "mia", userBuf: userBuf))).Value;

        Assert.Equal(("mia", 1700000000L), (sig.Identifier, sig.Time));
        Assert.Null(sig.Verify("mia", AppOf(key), Now.AddDays(1)));
        Assert.Equal(ApiError.SigExpired, sig.Verify("mia", AppOf(key), Now.AddDays(1).AddSeconds(1)));
    }

    [Fact]
    public void Each_mismatch_has_its_own_code()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var sig = UserSig.Read(Pack(Sign(key, "mia"))).Value;

        Assert.Equal(ApiError.SigOfOtherAccount, sig.Verify("jonas", AppOf(key), Now));
        Assert.Equal(ApiError.SigOfOtherApp, sig.Verify("mia", AppOf(key) with { SdkAppId = 7 }, Now));
        Assert.Equal(ApiError.SigForged, sig.Verify("mia", AppOf(another), Now));
        Assert.Equal(70016, sig.Verify("mia", AppOf(key) with { UserSigV1PublicKey = "" }, Now)?.Code);
    }

    [Fact]
    public void A_public_key_does_not_stop_signatures_of_version_2_and_is_no_secret_for_them()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var app = AppOf(key);

        Assert.Null(UserSig.Read(UserSig.Sign("mia", AppId, "the secret", Now, TimeSpan.FromDays(1))).Value.Verify("mia", app, Now));
        Assert.Equal(
            ApiError.SigForged,
            UserSig.Read(UserSig.Sign("mia", AppId, app.UserSigV1PublicKey, Now, TimeSpan.FromDays(1))).Value.Verify("mia", app, Now));
    }

    [Theory]
    [InlineData("TLS.identifier", "administrator")]
    [InlineData("TLS.time", "1700000001")]
    [InlineData("TLS.expire_after", "864000")]
    [InlineData("TLS.account_type", "1")]
    [InlineData("TLS.appid_at_3rd", "")]
    [InlineData("TLS.userbuf", "eA==")]
    [InlineData("TLS.sig", "")]
    public void A_changed_field_makes_it_a_forgery(string field, string value)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fields = Sign(key, "mia");
        fields[field] = value;

        var sig = UserSig.Read(Pack(fields)).Value;

        Assert.Equal(ApiError.SigForged, sig.Verify(sig.Identifier, AppOf(key), Now));
    }

    [Theory]
    [InlineData("TLS.appid_at_3rd", "0\nTLS.account_type:0\nTLS.identifier:mia")]
    [InlineData("TLS.account_type", "0\n")]
    [InlineData("TLS.userbuf", "\n")]
    [InlineData("TLS.time", "soon")]
    [InlineData("TLS.time", "-1")]
    [InlineData("TLS.sdk_appid", "")]
    [InlineData("TLS.sig", "not base64")]
    [InlineData("TLS.ver", "3.0")]
    [InlineData("TLS.ver", "1.0")]
    public void What_cannot_be_read_says_so(string field, string value)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fields = Sign(key, "mia");
        fields[field] = value;

        Assert.Equal(70003, UserSig.Read(Pack(fields)).Error?.Code);
    }

    [Theory]
    [InlineData("TLS.appid_at_3rd")]
    [InlineData("TLS.identifier")]
    [InlineData("TLS.sdk_appid")]
    [InlineData("TLS.expire_after")]
    [InlineData("TLS.sig")]
    public void A_missing_field_makes_it_unreadable(string field)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fields = Sign(key, "mia");
        fields.Remove(field);

        Assert.Equal(70003, UserSig.Read(Pack(fields)).Error?.Code);
    }

    [Fact]
    public void A_changed_byte_of_the_signature_never_verifies_and_one_of_the_packed_text_changes_nothing_that_is_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var app = AppOf(key);
        Gen.Select(Gen.Int[0, 10_000], Gen.Byte[1, 255], Gen.Bool).Sample((place, change, inSignature) =>
        {
            var fields = Sign(key, "mia");
            if (inSignature)
            {
                fields["TLS.sig"] = Convert.ToBase64String(Change(Convert.FromBase64String(fields["TLS.sig"]), place, change));
            }

            var text = Pack(fields);
            var original = (UserSigV1)UserSig.Read(text).Value;
            if (!inSignature)
            {
                text = Encode(Change(Convert.FromBase64String(text.Replace('*', '+').Replace('-', '/').Replace('_', '=')), place, change));
            }

            // TLS.version is not signed, and neither is how the text was packed.
            var read = UserSig.Read(text);
            return !read.TryGet(out var sig, out _) || sig.Verify("mia", app, Now) is not null
                || (!inSignature && sig is UserSigV1 v1 && v1.SignedBytes.AsSpan().SequenceEqual(original.SignedBytes));
        }, iter: 2_000, threads: 1);
    }

    [Fact]
    public void Only_public_keys_of_the_two_curves_can_be_set()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);

        Assert.True(UserSigV1Key.IsValid(p256.ExportSubjectPublicKeyInfoPem()));
        Assert.False(UserSigV1Key.IsValid(p256.ExportECPrivateKeyPem()));
        Assert.False(UserSigV1Key.IsValid(p256.ExportPkcs8PrivateKeyPem()));
        Assert.False(UserSigV1Key.IsValid(p384.ExportSubjectPublicKeyInfoPem()));
        Assert.False(UserSigV1Key.IsValid(rsa.ExportSubjectPublicKeyInfoPem()));
        Assert.False(UserSigV1Key.IsValid("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"));
    }

    /// <summary>The fields of a signature as the public signers write them.</summary>
    internal static Dictionary<string, string> Sign(ECDsa key, string identifier, uint app = AppId, long time = 1700000000, string? userBuf = null)
    {
        var fields = new Dictionary<string, string>
        {
            ["TLS.account_type"] = "0",
            ["TLS.identifier"] = identifier,
            ["TLS.appid_at_3rd"] = "0",
            ["TLS.sdk_appid"] = $"{app}",
            ["TLS.expire_after"] = "86400",
            ["TLS.version"] = "201512300000",
            ["TLS.time"] = $"{time}",
        };
        var lines = $"TLS.appid_at_3rd:0\nTLS.account_type:0\nTLS.identifier:{identifier}\nTLS.sdk_appid:{app}\nTLS.time:{time}\nTLS.expire_after:86400\n";
        if (userBuf is not null)
        {
            fields["TLS.userbuf"] = userBuf;
            lines += $"TLS.userbuf:{userBuf}\n";
        }

        fields["TLS.sig"] = Convert.ToBase64String(
            key.SignData(Encoding.UTF8.GetBytes(lines), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        return fields;
    }

    internal static string Pack(Dictionary<string, string> fields)
    {
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(JsonSerializer.SerializeToUtf8Bytes(fields));
        }

        return Encode(packed.ToArray());
    }

    private static string Encode(byte[] packed) => Convert.ToBase64String(packed).Replace('+', '*').Replace('/', '-').Replace('=', '_');

    private static byte[] Change(byte[] bytes, int place, byte change)
    {
        bytes[place % bytes.Length] ^= change;
        return bytes;
    }

    private static App AppOf(ECDsa key) =>
        new() { SdkAppId = AppId, Secrets = ["the secret"], Admins = [], UserSigV1PublicKey = key.ExportSubjectPublicKeyInfoPem() };
}
