using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Parley.Local.Identity;

/// <summary>Whose tokens a stand-in believes: those of one issuer, with its key. It checks signature, issuer, audience and time, with no skew.</summary>
/// <param name="Issuer">Claim <c>iss</c>.</param>
public sealed record EntraTrust(string Issuer, SecurityKey Key)
{
    private static readonly JsonWebTokenHandler Tokens = new();

    /// <summary>What is wrong with a token; null for a good one.</summary>
    internal async Task<string?> ProblemAsync(string token, string audience, TimeProvider time)
    {
        var result = await Tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudiences = [audience, audience + "/"],
            IssuerSigningKey = Key,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidateLifetime = false,
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        });
        if (!result.IsValid)
        {
            return $"The token is not one of {Issuer} for {audience}: {result.Exception.GetType().Name}.";
        }

        var (now, read) = (time.GetUtcNow().UtcDateTime, (JsonWebToken)result.SecurityToken);
        return read.ValidTo <= now ? "The token has expired." : read.ValidFrom > now ? "The token is not valid yet." : null;
    }

    /// <summary>When a token that was found good ends.</summary>
    internal static DateTimeOffset EndOf(string token) => new(Tokens.ReadJsonWebToken(token).ValidTo, TimeSpan.Zero);
}
