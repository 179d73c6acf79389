using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Parley.Local.SignalRService.Tokens;

/// <summary>Checks signature and life time of an HS256 JSON Web Token. No clock skew is allowed: the service documents none.</summary>
internal sealed class TokenReader(AccessKeys keys, TimeProvider time)
{
    /// <param name="token">The three base64url parts.</param>
    /// <param name="allowExpired">For requests of a connection that was opened while the token was good.</param>
    /// <param name="allowLent">Whether a lent key counts: they are for the tokens of clients.</param>
    /// <param name="problem">What is wrong, for the answer's message.</param>
    /// <returns>Null when the token is not to be trusted.</returns>
    public TokenClaims? Read(string token, bool allowExpired, bool allowLent, out string problem)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !TryDecode(parts[0], out var header) || !TryDecode(parts[1], out var payload)
            || !TryDecode(parts[2], out var signature))
        {
            problem = "The token is not a JSON Web Token.";
            return null;
        }

        var content = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (!keys.Signed(content, signature) && !(allowLent && KeyId(header) is { } lent && keys.SignedByLent(lent, content, signature)))
        {
            problem = "The token's signature is not made with an access key of this service.";
            return null;
        }

        if (!TryParseObject(header, out var head) || !head.TryGetProperty("alg", out var algorithm)
            || algorithm.ValueKind != JsonValueKind.String || algorithm.GetString() != "HS256")
        {
            problem = "The token's algorithm is not HS256.";
            return null;
        }

        if (!TryParseObject(payload, out var body))
        {
            problem = "The token's payload is not a JSON object.";
            return null;
        }

        var claims = new TokenClaims(body);
        problem = allowExpired ? "" : ExpiryProblem(claims);
        return problem.Length == 0 ? claims : null;
    }

    private static string? KeyId(byte[] header) =>
        TryParseObject(header, out var head) && head.TryGetProperty("kid", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private string ExpiryProblem(TokenClaims claims) => claims.Number("exp") switch
    {
        null => "The token has no expiry (claim exp).",
        { } expiry when expiry <= time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0 => "The token has expired.",
        _ => "",
    };

    private static bool TryDecode(string part, out byte[] bytes)
    {
        try
        {
            bytes = Base64Url.DecodeFromChars(part);
            return true;
        }
        catch (FormatException)
        {
            bytes = [];
            return false;
        }
    }

    private static bool TryParseObject(byte[] json, out JsonElement element)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            element = document.RootElement.Clone();
            return element.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }
}
