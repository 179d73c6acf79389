using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Callbacks;

/// <summary>Signatures by which a receiver knows callbacks of its app.</summary>
public static class CallbackSignature
{
    /// <summary>The documented one, of the query: lower-case hex SHA-256 of token and time. It says nothing of the body.</summary>
    /// <param name="time">Unix seconds.</param>
    /// <remarks>Source: API reference, callbacks §1.3.</remarks>
    public static string OfTime(string token, long time) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token + time.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Our addition, of a header: HMAC-SHA-256 with the token, of the time, a dot and the body: <c>t=1700000321,v1=…</c></summary>
    public static string OfBody(string token, long time, ReadOnlySpan<byte> body)
    {
        var text = time.ToString(CultureInfo.InvariantCulture);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(token));
        hash.AppendData(Encoding.UTF8.GetBytes($"{text}."));
        hash.AppendData(body);
        return $"t={text},v1={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
