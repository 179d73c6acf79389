using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Logins;

/// <summary>OpenID Connect: an id_token that the client has already, or a code of the code flow that is exchanged for one.</summary>
public sealed class OpenIdConnectLogin(ProviderHttp http, OpenIdConfigurations configurations, IdTokenValidator validator)
{
    /// <summary>Finds out whose id_token or code it is.</summary>
    /// <exception cref="ProviderException">The issuer failed.</exception>
    public async Task<Result<ProvenIdentity>> ProveAsync(LoginProvider provider, LoginRequest request, CancellationToken cancellation)
    {
        var configuration = await configurations.FindAsync(provider.Issuer!, cancellation);
        var token = request.IdToken ?? await ExchangeAsync(configuration, provider, request, cancellation);
        return token is null ? ApiError.IdentityRefused : await validator.ValidateAsync(configuration, provider, token, request.Nonce, cancellation);
    }

    // Null when the code was refused.
    private async Task<string?> ExchangeAsync(
        OpenIdConfiguration configuration, LoginProvider provider, LoginRequest request, CancellationToken cancellation)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = request.Code! };
        Add(form, "redirect_uri", request.RedirectUri);
        Add(form, "code_verifier", request.CodeVerifier);
        var exchange = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        if (provider.ClientSecret is { } secret && configuration.UsesBasic)
        {
            exchange.Headers.Authorization = new AuthenticationHeaderValue("Basic", BasicCredentials(provider.ClientId, secret));
        }
        else
        {
            form["client_id"] = provider.ClientId;
            Add(form, "client_secret", provider.ClientSecret);
        }

        exchange.Content = new FormUrlEncodedContent(form);
        var (status, text) = await http.SendAsync(exchange, cancellation);
        return status switch
        {
            HttpStatusCode.OK => ProviderAnswer.Parse(text).Find("id_token"),
            >= HttpStatusCode.InternalServerError => throw new ProviderException($"The token endpoint of {provider.Issuer} answered {(int)status}."),
            _ => null,
        };
    }

    // RFC 6749 §2.3.1: both are form-encoded first.
    private static string BasicCredentials(string clientId, string secret) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(clientId)}:{WebUtility.UrlEncode(secret)}"));

    private static void Add(Dictionary<string, string> form, string name, string? value)
    {
        if (value is not null)
        {
            form[name] = value;
        }
    }
}
