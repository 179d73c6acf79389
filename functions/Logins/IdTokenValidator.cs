using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Logins;

/// <summary>Checks an id_token: signature (RS256, ES256), issuer, audience, time, nonce, subject.</summary>
/// <remarks>Source: OpenID Connect Core 1.0, §3.1.3.7. A nonce in the token must be given by the client, and the other way round.</remarks>
public sealed partial class IdTokenValidator(OpenIdConfigurations configurations, TimeProvider time, ILogger<IdTokenValidator> logger)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly JsonWebTokenHandler _tokens = new();

    /// <returns>70101 for a token that was good until its time ended; 70005 for anything else that is wrong.</returns>
    /// <exception cref="ProviderException">The issuer failed.</exception>
    public async Task<Result<ProvenIdentity>> ValidateAsync(
        OpenIdConfiguration configuration, LoginProvider provider, string text, string? nonce, CancellationToken cancellation)
    {
        if (!TryRead(text, out var token))
        {
            return ApiError.IdentityRefused;
        }

        if (!HasKey(configuration, token))
        {
            configuration = await configurations.RenewAsync(configuration, cancellation);
        }

        string[] audiences = [provider.ClientId, .. provider.Audiences ?? []];
        var result = await _tokens.ValidateTokenAsync(token, Parameters(configuration, token, audiences));
        if (!result.IsValid)
        {
            Refused(logger, provider.Name, result.Exception);
            return ApiError.IdentityRefused;
        }

        return Check(token, audiences, nonce) ?? (Result<ProvenIdentity>)Prove(token);
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

    private static bool HasKey(OpenIdConfiguration configuration, JsonWebToken token) =>
        token.Kid.Length == 0 ? configuration.Keys.Count > 0 : configuration.Keys.Any(key => key.KeyId == token.Kid);

    // Times are checked later, against the clock of the app.
    private static TokenValidationParameters Parameters(OpenIdConfiguration configuration, JsonWebToken token, string[] audiences) => new()
    {
        ValidIssuer = configuration.Issuer,
        ValidAudiences = audiences,
        IssuerSigningKeys = configuration.Keys.Where(key => token.Kid.Length == 0 || key.KeyId == token.Kid),
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
        ValidateLifetime = false,
        CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
    };

    private ApiError? Check(JsonWebToken token, string[] audiences, string? nonce)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var hasExpiry = token.ValidTo != DateTime.MinValue;
        var isForUs = token.Audiences.Count() == 1 || audiences.Contains(token.Azp);
        token.TryGetPayloadValue<string>("nonce", out var own);
        if (!hasExpiry || !isForUs || own != nonce || !LoginIdentity.IsSubject(token.Subject) || token.ValidFrom > now + ClockSkew)
        {
            return ApiError.IdentityRefused;
        }

        return token.ValidTo + ClockSkew < now ? ApiError.IdentityExpired : null;
    }

    private static ProvenIdentity Prove(JsonWebToken token)
    {
        var profile = new LoginProfile(Claim(token, "name") ?? Claim(token, "nickname"), Claim(token, "picture"));
        return new ProvenIdentity(token.Subject, _ => Task.FromResult(profile));
    }

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    [LoggerMessage(EventId = 8002, Level = LogLevel.Information, Message = "An id_token for {Provider} was refused")]
    private static partial void Refused(ILogger logger, string provider, Exception reason);
}
