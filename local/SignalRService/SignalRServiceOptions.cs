using Parley.Local.Identity;

namespace Parley.Local.SignalRService;

/// <summary>How one stand-in for Azure SignalR Service is set up. Defaults are those of the real service where it documents them.</summary>
public sealed record SignalRServiceOptions
{
    /// <summary>The loopback port to listen on; 0 lets the kernel choose.</summary>
    public int Port { get; init; }

    /// <summary>The key text; its UTF-8 bytes sign tokens and upstream calls.</summary>
    public required string AccessKey { get; init; }

    /// <summary>A second key that is accepted as well, and signs upstream calls as well.</summary>
    public string? SecondaryAccessKey { get; init; }

    /// <summary>Whose Entra tokens are accepted beside those that are signed with a key; nobody's when null.</summary>
    public EntraTrust? Entra { get; init; }

    /// <summary>Whether the access keys are off (disableLocalAuth): they sign nothing any more, and only Entra tokens count.</summary>
    public bool IsLocalAuthDisabled { get; init; }

    /// <summary>Makes the token that upstream calls carry when their authentication is the service's managed identity.</summary>
    public Func<string>? UpstreamToken { get; init; }

    /// <summary>Where client events go. Can be replaced while running: <see cref="SignalRServiceEmulator.Upstream"/>.</summary>
    public IReadOnlyList<UpstreamTemplate> Upstream { get; init; } = [];

    /// <summary>A connection that was sent nothing for so long gets a ping.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A client that sent nothing for so long, not even a ping, is dropped.</summary>
    public TimeSpan ClientTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a new connection may take to name its protocol. The token's claim <c>asrs.s.cht</c> overrides it.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an upstream call may take. The service documents no value; this is our choice.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection with more frames than this waiting to be written is closed.</summary>
    public int OutboundQueueFrames { get; init; } = 10_000;

    /// <summary>A connection with more bytes than this waiting to be written is closed.</summary>
    public long OutboundQueueBytes { get; init; } = 32L * 1024 * 1024;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
