using Microsoft.Extensions.Options;
using Parley.Delivery;
using Parley.Logins;

namespace Parley.Connections;

/// <summary>
/// Without an access key: <c>Authorization: Bearer</c> and a token that the service's managed identity got from Entra. Signature, issuer,
/// audience, time, and whose token it is (claim <c>oid</c>): the audience alone would let in every identity of the tenant.
/// </summary>
/// <remarks>
/// Source: the service's contract, upstream, <c>auth.type</c> ManagedIdentity. The service sends one token for hours, so what was verified last is
/// remembered until its time ends, and costs no cryptography again.
/// </remarks>
public sealed partial class UpstreamToken(IOptions<SignalROptions> options, OpenIdConfigurations issuers, TokenVerifier verifier, TimeProvider time, ILogger<UpstreamToken> logger)
    : IUpstreamProof
{
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private Verified? _last;

    public async ValueTask<bool> IsFromServiceAsync(HttpRequest request, string connectionId, CancellationToken cancellation)
    {
        var header = request.Headers.Authorization.ToString();
        if (connectionId.Length == 0 || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var text = header[Scheme.Length..].Trim();
        var last = Volatile.Read(ref _last);
        if (last is null || last.Text != text)
        {
            last = await VerifyAsync(text, cancellation);
        }

        return last is not null && time.GetUtcNow() < last.Until;
    }

    private async Task<Verified?> VerifyAsync(string text, CancellationToken cancellation)
    {
        var settings = options.Value;
        try
        {
            var issuer = await issuers.FindAsync(settings.UpstreamIssuer!, cancellation);
            var token = await verifier.VerifyAsync(issuer, text, [settings.UpstreamAudience!], cancellation);
            var isTheService = token is not null && token.TryGetPayloadValue<string>("oid", out var principal) && principal == settings.UpstreamPrincipal;
            if (!isTheService || token!.ValidTo == DateTime.MinValue || token.ValidFrom > (time.GetUtcNow() + ClockSkew).UtcDateTime)
            {
                return null;
            }

            var verified = new Verified(text, new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + ClockSkew);
            Volatile.Write(ref _last, verified);
            return verified;
        }
        catch (ProviderException e)
        {
            NotVerified(logger, settings.UpstreamIssuer!, e.Message);
            return null;
        }
    }

    [LoggerMessage(EventId = 5002, Level = LogLevel.Error, Message = "An upstream call could not be verified, for {Issuer} cannot be read: {Reason}")]
    private static partial void NotVerified(ILogger logger, string issuer, string reason);

    private sealed record Verified(string Text, DateTimeOffset Until);
}
