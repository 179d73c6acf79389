using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Delivery;

/// <summary>Makes the tokens that the service asks for: JWT, HS256, signed with the text of the access key.</summary>
public sealed class SignalRToken(SignalREndpoint endpoint, TimeProvider time)
{
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(endpoint.AccessKey);

    /// <summary>Makes a token.</summary>
    /// <param name="audience">The URL that it is for, without the query of a REST call.</param>
    /// <param name="claims">Further claims.</param>
    public string Create(string audience, TimeSpan lifetime, params ReadOnlySpan<(string Name, string Value)> claims)
    {
        var now = time.GetUtcNow();
        using var payload = new MemoryStream();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("aud"u8, audience);
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + lifetime).ToUnixTimeSeconds());
            foreach (var (name, value) in claims)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        var signed = $"{Header}.{Base64Url.EncodeToString(payload.GetBuffer().AsSpan(0, (int)payload.Length))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)))}";
    }
}
