using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Parley.Logins;

/// <summary>What an OpenID Connect issuer publishes of itself.</summary>
/// <param name="UsesBasic">Whether the token endpoint wants client id and secret in a header, as it does by default; else in the form.</param>
public sealed record OpenIdConfiguration(string Issuer, Uri TokenEndpoint, bool UsesBasic, IReadOnlyList<SecurityKey> Keys)
{
    /// <summary>Reads discovery document and keys.</summary>
    /// <exception cref="ProviderException">They cannot be read, or are those of another issuer.</exception>
    public static async Task<OpenIdConfiguration> ReadAsync(ProviderHttp http, string issuer, CancellationToken cancellation)
    {
        var discovery = new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration");
        var document = ProviderHttp.ParseObject(await http.GetJsonAsync(discovery, cancellation));
        if (Text(document, "issuer") != issuer)
        {
            throw new ProviderException($"The discovery document of {issuer} names the issuer {Text(document, "issuer")}.");
        }

        var keys = await http.GetJsonAsync(Address(document, "jwks_uri"), cancellation);
        return new OpenIdConfiguration(issuer, Address(document, "token_endpoint"), WantsBasic(document), ReadKeys(keys));
    }

    private static List<SecurityKey> ReadKeys(string json)
    {
        try
        {
            return [.. JsonWebKeySet.Create(json).GetSigningKeys()];
        }
        catch (Exception e) when (e is ArgumentException or JsonException or FormatException)
        {
            throw new ProviderException("The keys of an issuer cannot be read.", e);
        }
    }

    private static bool WantsBasic(JsonElement document) =>
        !document.TryGetProperty("token_endpoint_auth_methods_supported", out var methods) || methods.ValueKind != JsonValueKind.Array
        || methods.EnumerateArray().Any(method => method.ValueEquals("client_secret_basic"));

    private static string? Text(JsonElement document, string name) =>
        document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Uri Address(JsonElement document, string name) =>
        Uri.TryCreate(Text(document, name), UriKind.Absolute, out var address)
            ? address
            : throw new ProviderException($"The discovery document has no {name}.");
}
