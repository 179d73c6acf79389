using System.Text.Json.Nodes;

namespace Parley.Local.SignalRService;

/// <summary>
/// What a measurement wants to know, since the start. Also served without a token:
/// <code>GET /_local/counters → {"restCalls":12,"framesToClients":340,"connections":2}</code>
/// </summary>
/// <remarks>
/// restCalls: requests to the REST data plane, refused ones included. framesToClients: invocations and completions handed to a
/// transport, without pings, closes and handshakes. connections: open now.
/// </remarks>
public sealed class ServiceCounters
{
    private long _restCalls;
    private long _keyCalls;
    private long _framesToClients;
    private long _connections;

    public long RestCalls => Interlocked.Read(ref _restCalls);

    /// <summary>How often a key was asked for; not in the JSON.</summary>
    public long KeyCalls => Interlocked.Read(ref _keyCalls);

    public long FramesToClients => Interlocked.Read(ref _framesToClients);

    public long Connections => Interlocked.Read(ref _connections);

    internal void CountRestCall() => Interlocked.Increment(ref _restCalls);

    internal void CountKeyCall() => Interlocked.Increment(ref _keyCalls);

    internal void CountFrame() => Interlocked.Increment(ref _framesToClients);

    internal void CountOpened() => Interlocked.Increment(ref _connections);

    internal void CountClosed() => Interlocked.Decrement(ref _connections);

    internal string ToJson() => new JsonObject
    {
        ["restCalls"] = RestCalls,
        ["framesToClients"] = FramesToClients,
        ["connections"] = Connections,
    }.ToJsonString();
}
