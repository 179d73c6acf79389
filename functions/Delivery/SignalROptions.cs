using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>How Azure SignalR Service is reached, in serverless mode. Section <c>SignalR</c>.</summary>
public sealed class SignalROptions
{
    /// <summary><c>Endpoint=https://NAME.service.signalr.net;AccessKey=…;Version=1.0;</c> Wins over <see cref="Endpoint"/>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary><c>https://NAME.service.signalr.net</c>: without a key, as the app's identity.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>With <see cref="Endpoint"/>: who signs the tokens of the service's upstream calls, <c>https://sts.windows.net/{tenant}/</c>.</summary>
    public string? UpstreamIssuer { get; set; }

    /// <summary>With <see cref="Endpoint"/>: for whom these tokens are, the resource in the service's upstream settings.</summary>
    public string? UpstreamAudience { get; set; }

    /// <summary>With <see cref="Endpoint"/>: object id of the identity of the service, which these tokens must name.</summary>
    public string? UpstreamPrincipal { get; set; }

    /// <summary>What the names of the hubs begin with, in lower case; the sdkappid follows.</summary>
    [Required, RegularExpression("^[a-z][a-z0-9_]{0,99}$")]
    public string Hub { get; set; } = "parley";

    /// <summary>Part of the upstream URL that only the service and this app know.</summary>
    [Required, RegularExpression("^.{16,}$")]
    public string UpstreamSecret { get; set; } = "";

    /// <summary>How long one call may take, in milliseconds, before it counts as failed.</summary>
    [Range(100, 60_000)]
    public int RequestTimeoutMilliseconds { get; set; } = 5_000;

    /// <summary>How often a delivery is tried from the work queue before it is given up. Not more than host.json's maxDequeueCount.</summary>
    [Range(1, 5)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Whether the service is named in one of the two ways, with all that belongs to it.</summary>
    internal bool IsComplete => ConnectionString.Length > 0
        || (IsAllowed(Endpoint) && !string.IsNullOrEmpty(UpstreamIssuer) && !string.IsNullOrEmpty(UpstreamAudience) && !string.IsNullOrEmpty(UpstreamPrincipal));

    // Tokens of the identity go there: over TLS only, unless it is this computer.
    private static bool IsAllowed(Uri? endpoint) =>
        endpoint is { IsAbsoluteUri: true } && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback));
}

[OptionsValidator]
public sealed partial class SignalROptionsValidator : IValidateOptions<SignalROptions>;
