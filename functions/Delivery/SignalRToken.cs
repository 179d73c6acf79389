using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Delivery;

/// <summary>Makes the tokens that the service asks for: JWT, HS256, signed with the text of an access key.</summary>
public sealed class SignalRToken(SignalREndpoint endpoint, TimeProvider time) : ISignalRAuthorization
{
    private static readonly TimeSpan CallLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClientLifetime = TimeSpan.FromHours(1);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(endpoint.AccessKey ?? throw new InvalidOperationException("SignalR:ConnectionString has no AccessKey."));

    public ValueTask<string> TokenForCallAsync(string url, CancellationToken cancellation) => new(Create(url, CallLifetime));

    public ValueTask<string> TokenForClientAsync(string audience, (string Name, string Value)[] claims, CancellationToken cancellation) =>
        new(Create(audience, ClientLifetime, claims));

    /// <summary>Makes a token.</summary>
    /// <param name="audience">The URL that it is for, without the query of a REST call.</param>
    /// <param name="claims">Further claims.</param>
    public string Create(string audience, TimeSpan lifetime, params ReadOnlySpan<(string Name, string Value)> claims) =>
        Sign(_key, null, audience, time.GetUtcNow(), lifetime, claims);

    /// <param name="keyId">The name of the key, if it has one.</param>
    internal static string Sign(
        byte[] key, string? keyId, string audience, DateTimeOffset now, TimeSpan lifetime, params ReadOnlySpan<(string Name, string Value)> claims)
    {
        var header = Part(json =>
        {
            json.WriteString("alg"u8, "HS256"u8);
            json.WriteString("typ"u8, "JWT"u8);
            if (keyId is not null)
            {
                json.WriteString("kid"u8, keyId);
            }
        });
        var copied = claims.ToArray();
        var payload = Part(json =>
        {
            json.WriteString("aud"u8, audience);
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + lifetime).ToUnixTimeSeconds());
            foreach (var (name, value) in copied)
            {
                json.WriteString(name, value);
            }
        });

        var signed = $"{header}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Part(Action<Utf8JsonWriter> write)
    {
        using var part = new MemoryStream();
        using (var json = new Utf8JsonWriter(part))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(part.GetBuffer().AsSpan(0, (int)part.Length));
    }
}
