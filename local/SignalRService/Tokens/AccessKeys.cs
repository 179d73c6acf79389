using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Local.SignalRService.Tokens;

/// <summary>The service's keys, and those that it lends to identities for 90 minutes. A key's bytes are the UTF-8 bytes of its text, which is not base64-decoded.</summary>
internal sealed class AccessKeys
{
    private static readonly TimeSpan LentFor = TimeSpan.FromMinutes(90);

    private readonly byte[][] _keys;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (byte[] Key, DateTimeOffset Until)> _lent = new(StringComparer.Ordinal);

    public AccessKeys(SignalRServiceOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.AccessKey, nameof(options));
        _time = options.Time;
        _keys = options.IsLocalAuthDisabled ? []
            : [Encoding.UTF8.GetBytes(options.AccessKey), .. options.SecondaryAccessKey is { } second ? new[] { Encoding.UTF8.GetBytes(second) } : []];
    }

    /// <summary>All keys that were lent.</summary>
    public IEnumerable<string> Lent => _lent.Values.Select(lent => Encoding.UTF8.GetString(lent.Key));

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

    /// <summary>As the other, with the lent key of that name.</summary>
    public bool SignedByLent(string keyId, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        _lent.TryGetValue(keyId, out var lent) && _time.GetUtcNow() < lent.Until
        && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(lent.Key, content), signature);

    public (string KeyId, string AccessKey) Lend()
    {
        var (id, key) = (Guid.NewGuid().ToString("N"), RandomNumberGenerator.GetHexString(64));
        _lent[id] = (Encoding.UTF8.GetBytes(key), _time.GetUtcNow() + LentFor);
        return (id, key);
    }

    /// <summary>The value of X-ASRS-Signature: one entry per key, the primary first; empty without keys.</summary>
    public string UpstreamSignature(string connectionId) => string.Join(',', _keys.Select(key =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(connectionId)))));
}
