using System.Security.Cryptography;
using System.Text;

namespace Parley.Local.SignalRService.Tokens;

/// <summary>The service's keys. A key's bytes are the UTF-8 bytes of its text, which is not base64-decoded.</summary>
internal sealed class AccessKeys
{
    private readonly byte[][] _keys;

    public AccessKeys(string primary, string? secondary)
    {
        ArgumentException.ThrowIfNullOrEmpty(primary);
        _keys = [Encoding.UTF8.GetBytes(primary), .. secondary is null ? [] : new[] { Encoding.UTF8.GetBytes(secondary) }];
    }

    /// <summary>True when any key made this HMAC-SHA256.</summary>
    public bool Signed(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, content), signature))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The value of X-ASRS-Signature: one entry per key, the primary first.</summary>
    public string UpstreamSignature(string connectionId) => string.Join(',', _keys.Select(key =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(connectionId)))));
}
