using Microsoft.IdentityModel.JsonWebTokens;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Logins;

/// <summary>Checks an id_token: signature (RS256, ES256), issuer, audience, time, nonce, subject.</summary>
/// <remarks>Source: OpenID Connect Core 1.0, §3.1.3.7. A nonce in the token must be given by the client, and the other way round.</remarks>
public sealed class IdTokenValidator(TokenVerifier verifier, TimeProvider time)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <returns>70101 for a token that was good until its time ended; 70005 for anything else that is wrong.</returns>
    /// <exception cref="ProviderException">The issuer failed.</exception>
    public async Task<Result<ProvenIdentity>> ValidateAsync(
        OpenIdConfiguration configuration, LoginProvider provider, string text, string? nonce, CancellationToken cancellation)
    {
        string[] audiences = [provider.ClientId, .. provider.Audiences ?? []];
        return await verifier.VerifyAsync(configuration, text, audiences, cancellation) is { } token
            ? Check(token, audiences, nonce) ?? (Result<ProvenIdentity>)Prove(token)
            : ApiError.IdentityRefused;
    }

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
}
