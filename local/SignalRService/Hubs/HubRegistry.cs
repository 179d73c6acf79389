using System.Collections.Concurrent;

namespace Parley.Local.SignalRService.Hubs;

/// <summary>Hubs come into being when they are first named, by a client or by a REST call.</summary>
internal sealed class HubRegistry(TimeProvider time, ServiceCounters counters)
{
    private readonly ConcurrentDictionary<string, ServiceHub> _hubs = new(StringComparer.Ordinal);

    public ServiceHub Get(string name) => _hubs.GetOrAdd(HubName.Normalise(name), hub => new ServiceHub(hub, time, counters));
}
