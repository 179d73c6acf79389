using System.Text.Json;
using Parley.Delivery;

namespace Parley.Connections;

/// <summary>Why Parley closes a connection.</summary>
public static class EndReason
{
    /// <summary>An administrator kicked the account; its UserSig is no longer good.</summary>
    public const string Kick = "Kick";

    /// <summary>Another device of the account has taken its place.</summary>
    public const string LoggedInElsewhere = "LoggedInElsewhere";

    /// <summary>The account has logged out.</summary>
    public const string Logout = "Logout";

    /// <summary>The account was deleted.</summary>
    public const string AccountDeleted = "AccountDeleted";
}

/// <summary>
/// The last thing that a client hears before Parley closes its connection: it must not reconnect by itself. See docs/client-protocol.md.
/// <code>{ "Type": "Kicked", "Reason": "LoggedInElsewhere", "Platform": "iPhone" }</code>
/// </summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="Platform">Of the device that took its place; else absent.</param>
public sealed record KickedEvent(string Reason, string? Platform)
{
    public string Type { get; init; } = "Kicked";

    /// <summary>The body of the send.</summary>
    public byte[] ToFrame() => EventFrame.Create([JsonSerializer.SerializeToUtf8Bytes(this, ParleyJson.Wire.KickedEvent)]);
}
