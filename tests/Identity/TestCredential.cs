using Azure.Core;
using Azure.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Parley.Local.Identity;

namespace Parley.Tests.Identity;

/// <summary>The tokens of an identity endpoint without its HTTP, counted.</summary>
internal sealed class TestCredential(IdentityEndpointEmulator issuer) : TokenCredential
{
    public int Requests { get; private set; }

    /// <summary>No tokens for now.</summary>
    public bool IsAway { get; set; }

    /// <summary>Another audience than the one asked for.</summary>
    public string? Audience { get; set; }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Requests++;
        if (IsAway)
        {
            throw new AuthenticationFailedException("The identity endpoint is away.");
        }

        var token = issuer.Issue(Audience ?? requestContext.Scopes.Single().Replace("/.default", "", StringComparison.Ordinal));
        return new AccessToken(token, new DateTimeOffset(new JsonWebToken(token).ValidTo, TimeSpan.Zero));
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(GetToken(requestContext, cancellationToken));
}
