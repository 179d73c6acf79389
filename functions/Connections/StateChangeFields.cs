using System.Text.Json.Serialization;

namespace Parley.Connections;

/// <summary>
/// Fields of a callback: a device has come or gone.
/// <code>
/// { "CallbackCommand": "State.StateChange", "Info": { "Action": "Login", "To_Account": "mia.k", "Reason": "Register" }, "KickedDevice": [ { "Platform": "Android" } ],
///   "EventTime": 1700000000000 }
/// </code>
/// </summary>
/// <param name="KickedDevice">With a login, devices that had to give way; else absent.</param>
/// <param name="EventTime">Unix milliseconds.</param>
/// <remarks>Source: API reference, callbacks §3.1.</remarks>
public sealed record StateChangeFields(StateChange Info, IReadOnlyList<KickedDevice>? KickedDevice, long EventTime);

/// <param name="Action">Login, Logout or Disconnect.</param>
/// <param name="Reason">Register; Unregister; LinkClose or TimeOut.</param>
public sealed record StateChange(string Action, [property: JsonPropertyName("To_Account")] string ToAccount, string Reason);

/// <summary>A device that was logged out by another one's login.</summary>
public sealed record KickedDevice(string Platform);
