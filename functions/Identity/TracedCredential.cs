using System.Diagnostics;
using Azure.Core;
using Azure.Identity;
using Parley.Telemetry;

namespace Parley.Identity;

/// <summary>Makes each request for a token a span of the call that waits for it. Neither the token nor what is told about it is noted.</summary>
internal sealed class TracedCredential(TokenCredential credential) : TokenCredential
{
    private const string Span = "identity token";

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        using var span = ParleyTracing.Start(Span, ActivityKind.Client);
        var outcome = CallOutcome.Failed;
        try
        {
            var token = credential.GetToken(requestContext, cancellationToken);
            outcome = CallOutcome.Ok;
            return token;
        }
        catch (CredentialUnavailableException)
        {
            outcome = CallOutcome.Unreachable;
            throw;
        }
        finally
        {
            span.End(outcome);
        }
    }

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        using var span = ParleyTracing.Start(Span, ActivityKind.Client);
        var outcome = CallOutcome.Failed;
        try
        {
            var token = await credential.GetTokenAsync(requestContext, cancellationToken);
            outcome = CallOutcome.Ok;
            return token;
        }
        catch (CredentialUnavailableException)
        {
            outcome = CallOutcome.Unreachable;
            throw;
        }
        finally
        {
            span.End(outcome);
        }
    }
}
