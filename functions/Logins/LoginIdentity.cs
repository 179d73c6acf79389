using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Logins;

/// <summary>Someone as a provider of an app knows him: the provider's name and the subject there.</summary>
public sealed record LoginIdentity(uint SdkAppId, string Provider, string Subject)
{
    /// <summary>As OpenID Connect has it for the subject.</summary>
    public const int MaxSubjectCharacters = 255;

    // 96 bits: no two identities will ever share a name.
    private const int AccountHashCharacters = 24;

    /// <summary>The identity in a table key. The subject is hashed: it may be long, and hold what a key may not.</summary>
    public string Key => $"{Provider}|{Hash(Subject)}";

    /// <summary>Whether a text can be the name of a provider: lower-case letters, digits, - and _, 1 to 32 of them.</summary>
    public static bool IsProvider(string text) =>
        text.Length is > 0 and <= 32 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    /// <summary>Whether a text can be a subject.</summary>
    public static bool IsSubject(string text) => text.Length is > 0 and <= MaxSubjectCharacters;

    /// <summary>The n-th name for an account of this identity: a prefix of up to 8 bytes and 24 hexadecimal digits.</summary>
    public string AccountName(string prefix, int n) =>
        prefix + Hash(string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}|{n}|{Provider}|{Subject}"))[..AccountHashCharacters];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
