namespace Parley.Local.Identity;

/// <summary>How one stand-in for the identity endpoint is set up.</summary>
public sealed record IdentityEndpointOptions
{
    /// <summary>The identity that it gives tokens of; another is unknown.</summary>
    public string ClientId { get; init; } = Guid.NewGuid().ToString();

    /// <summary>How long a token is good.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(24);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
