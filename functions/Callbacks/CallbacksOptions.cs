using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Callbacks;

/// <summary>What a deployment allows the callbacks of its apps. Section <c>Callbacks</c>.</summary>
public sealed class CallbacksOptions
{
    /// <summary>Hosts that callbacks may go to, separated by commas; <c>*</c> for any, <c>*.example.org</c> for all below a name.</summary>
    [Required]
    public string AllowedHosts { get; set; } = "*";

    /// <summary>Whether they may go to private and loopback addresses; for a computer of one's own, and for receivers in a virtual network.</summary>
    public bool AllowsPrivateAddresses { get; set; }

    /// <summary>Whether apps may have URLs that begin with http, as the reference allows.</summary>
    public bool AllowsPlainHttp { get; set; } = true;

    /// <summary>The longest answer that is read, in bytes.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxAnswerBytes { get; set; } = 64 * 1024;

    /// <summary>How long a callback after an event may take, in milliseconds.</summary>
    [Range(100, 10_000)]
    public int AfterTimeoutMilliseconds { get; set; } = 2_000;

    /// <summary>How often a callback after an event is tried, where the app does not say.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 10;

    /// <summary>How long after its first failure a callback is tried again, in milliseconds; the wait doubles with each further one.</summary>
    [Range(1, 60_000)]
    public int FirstRetryMilliseconds { get; set; } = 1_000;

    /// <summary>The longest wait between two attempts.</summary>
    [Range(1, 3_600)]
    public int LongestRetrySeconds { get; set; } = 600;

    /// <summary>A callback after an event that is older is given up.</summary>
    [Range(1, 168)]
    public int MaxAgeHours { get; set; } = 24;

    /// <summary>After how many failures one after the other an instance leaves a receiver alone for a while.</summary>
    [Range(1, 1_000)]
    public int CircuitFailures { get; set; } = 5;

    /// <summary>For how long at first, in milliseconds; the time doubles while the receiver stays away, up to five minutes.</summary>
    [Range(1, 300_000)]
    public int CircuitMilliseconds { get; set; } = 10_000;
}

[OptionsValidator]
public sealed partial class CallbacksOptionsValidator : IValidateOptions<CallbacksOptions>;
