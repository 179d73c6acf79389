using System.Globalization;
using System.Text.Json;

namespace Parley.Local.SignalRService.Tokens;

/// <summary>The payload of a verified token.</summary>
internal sealed class TokenClaims(JsonElement payload)
{
    private const string ServicePrefix = "asrs.s.";
    private const string RenamedPrefix = "asrs.u.";

    private static readonly HashSet<string> SystemClaims =
        ["aud", "exp", "iat", "nbf", "iss", "actort", "acr", "azp", "c_hash", "jti", "nonce"];

    public IEnumerable<string> Audiences => Values("aud");

    /// <summary>The claims that are the app's: neither the token's own nor the service's, with their original names.</summary>
    public IEnumerable<(string Type, string Value)> UserClaims =>
        from property in payload.EnumerateObject()
        where !SystemClaims.Contains(property.Name) && !property.Name.StartsWith(ServicePrefix, StringComparison.Ordinal)
        from value in Values(property.Name)
        select (property.Name.StartsWith(RenamedPrefix, StringComparison.Ordinal) ? property.Name[RenamedPrefix.Length..] : property.Name, value);

    public string? Text(string name) => Values(name).FirstOrDefault();

    /// <summary>A number, also when written as a string. Fractions are allowed in a token's times and are kept.</summary>
    public double? Number(string name) =>
        double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private IEnumerable<string> Values(string name)
    {
        if (!payload.TryGetProperty(name, out var claim))
        {
            return [];
        }

        return claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Select(AsText) : [AsText(claim)];
    }

    private static string AsText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
