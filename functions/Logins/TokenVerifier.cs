using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Parley.Logins;

/// <summary>Checks that a JSON Web Token is an issuer's and for us: signature (RS256, ES256), issuer, audience. Its times are left to the caller.</summary>
public sealed partial class TokenVerifier(OpenIdConfigurations configurations, ILogger<TokenVerifier> logger)
{
    private readonly JsonWebTokenHandler _tokens = new();

    /// <summary>Reads a token; a key that is not known has the issuer read again.</summary>
    /// <returns>Null when it is no such token.</returns>
    /// <exception cref="ProviderException">The issuer failed.</exception>
    public async Task<JsonWebToken?> VerifyAsync(OpenIdConfiguration issuer, string text, string[] audiences, CancellationToken cancellation)
    {
        if (!TryRead(text, out var token))
        {
            return null;
        }

        if (!HasKey(issuer, token))
        {
            issuer = await configurations.RenewAsync(issuer, cancellation);
        }

        var result = await _tokens.ValidateTokenAsync(token, Parameters(issuer, token, audiences));
        if (!result.IsValid)
        {
            Refused(logger, issuer.Issuer, result.Exception);
        }

        return result.IsValid ? token : null;
    }

    private bool TryRead(string text, out JsonWebToken token)
    {
        try
        {
            token = _tokens.ReadJsonWebToken(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            token = null!;
            return false;
        }
    }

    private static bool HasKey(OpenIdConfiguration issuer, JsonWebToken token) =>
        token.Kid.Length == 0 ? issuer.Keys.Count > 0 : issuer.Keys.Any(key => key.KeyId == token.Kid);

    private static TokenValidationParameters Parameters(OpenIdConfiguration issuer, JsonWebToken token, string[] audiences) => new()
    {
        ValidIssuer = issuer.Issuer,
        ValidAudiences = audiences,
        IssuerSigningKeys = issuer.Keys.Where(key => token.Kid.Length == 0 || key.KeyId == token.Kid),
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
        ValidateLifetime = false,
        CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
    };

    [LoggerMessage(EventId = 8202, Level = LogLevel.Information, Message = "A token of {Issuer} was refused")]
    private static partial void Refused(ILogger logger, string issuer, Exception reason);
}
