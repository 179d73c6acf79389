using System.Security.Cryptography;

namespace Parley.Rest;

/// <summary>The public key with which an app's UserSigs of version 1 are verified: PEM, on curve P-256, or secp256k1 where the system has it.</summary>
public static class UserSigV1Key
{
    private const string Label = "PUBLIC KEY";

    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.10"];

    /// <summary>Whether a text is such a key, and no private one.</summary>
    public static bool IsValid(string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != Label)
        {
            return false;
        }

        try
        {
            using var key = Import(pem);
            return Curves.Contains(key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    public static ECDsa Import(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key;
    }
}
