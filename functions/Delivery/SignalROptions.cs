using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>How Azure SignalR Service is reached, in serverless mode. Section <c>SignalR</c>.</summary>
public sealed class SignalROptions
{
    /// <summary><c>Endpoint=https://NAME.service.signalr.net;AccessKey=…;Version=1.0;</c></summary>
    [Required]
    public string ConnectionString { get; set; } = "";

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
}

[OptionsValidator]
public sealed partial class SignalROptionsValidator : IValidateOptions<SignalROptions>;
