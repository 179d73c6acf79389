using Parley.Apps;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>How the app hears that a connection has ended by itself.</summary>
public enum ConnectionLoss
{
    /// <summary>The service has said that it was closed.</summary>
    LinkClose,

    /// <summary>Nobody has said anything, and it is not there any more.</summary>
    TimeOut,
}

/// <summary>
/// Tells the app of devices that come and go, in the transactions that change the rows of their connections: so each connection is told of once when it comes to count, and once when it
/// counts no more.
/// </summary>
/// <remarks>
/// Source: API reference, callbacks §3. Of a device that must give way to another one the other's login tells, in KickedDevice. Only when two come at once may the one that goes again be told of by itself.
/// </remarks>
public sealed class StateCallbacks(AppDirectory apps, AfterCallbacks callbacks)
{
    /// <summary>For one connection; null when the app is not told.</summary>
    public async ValueTask<AfterCallback?> BeginAsync(uint sdkAppId, CancellationToken cancellation) =>
        await apps.FindAsync(sdkAppId, cancellation) is { } app ? callbacks.Begin(app, CallbackCommands.StateChange, CallOrigin.Unknown) : null;

    /// <param name="kicked">Those that give way in the same transaction.</param>
    public static void LoggedIn(PartitionView view, AfterCallback? callback, AccountKey account, ConnectionRow connection, IReadOnlyList<ConnectionRow> kicked) =>
        Append(view, callback, account, connection, "Login", "Register", kicked.Count == 0 ? null : [.. kicked.Select(row => new KickedDevice(row.Platform.OriginName))]);

    /// <summary>It is closed on purpose: the account has logged out or was kicked or deleted.</summary>
    public static void LoggedOut(PartitionView view, AfterCallback? callback, AccountKey account, ConnectionRow connection) =>
        Append(view, callback, account, connection, "Logout", "Unregister");

    public static void Disconnected(PartitionView view, AfterCallback? callback, AccountKey account, ConnectionRow connection, ConnectionLoss loss) =>
        Append(view, callback, account, connection, "Disconnect", loss.ToString());

    private static void Append(
        PartitionView view, AfterCallback? callback, AccountKey account, ConnectionRow connection, string action, string reason, IReadOnlyList<KickedDevice>? kicked = null) =>
        callback?.Append(
            view, new StateChangeFields(new StateChange(action, account.Account, reason), kicked, callback.At.ToUnixTimeMilliseconds()), ParleyJson.Wire.StateChangeFields,
            from: new CallOrigin(connection.Address, PlatformOf(connection)));

    // Here, and only here, the reference has capital letters.
    private static string PlatformOf(ConnectionRow connection) => connection.Platform.OriginName == "iOS" ? "IOS" : connection.Platform.OriginName;
}
