using Parley.Storage;

namespace Parley.Delivery;

/// <summary>Who hears a frame: the devices of one account, one connection, a group, or every connection of an app.</summary>
/// <param name="SdkAppId">The app, whose hub it is.</param>
/// <param name="Path">What of the hub, as the path of the service's data plane below the hub; empty for all of it.</param>
public readonly record struct DeliveryTarget(uint SdkAppId, string Path)
{
    /// <summary>Which of these it is, for metrics and traces.</summary>
    public string Kind => Path.Length == 0 ? "app" : Path.StartsWith("/users/", StringComparison.Ordinal) ? "account" : Path.StartsWith("/groups/", StringComparison.Ordinal) ? "group" : "connection";

    public static DeliveryTarget Account(AccountKey account) => User(account.SdkAppId, account.SignalRUser);

    public static DeliveryTarget Connection(uint sdkAppId, string connectionId) => new(sdkAppId, $"/connections/{Uri.EscapeDataString(connectionId)}");

    /// <param name="group">A group of SignalR's: a name for connections that hear the same.</param>
    public static DeliveryTarget Group(uint sdkAppId, string group) => new(sdkAppId, $"/groups/{Uri.EscapeDataString(group)}");

    /// <summary>Everybody who is connected, guests too.</summary>
    public static DeliveryTarget App(uint sdkAppId) => new(sdkAppId, "");

    private static DeliveryTarget User(uint sdkAppId, string user) => new(sdkAppId, $"/users/{Uri.EscapeDataString(user)}");
}
