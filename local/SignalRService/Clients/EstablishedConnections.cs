using System.Collections.Concurrent;

namespace Parley.Local.SignalRService.Clients;

/// <summary>
/// Transport tokens (the query's id) of open connections. A long-polling client sends its access token with every request, yet a
/// connection outlives the token it was opened with.
/// </summary>
internal sealed class EstablishedConnections
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);

    public static string? IdOf(HttpRequest? request) => request?.Query["id"].ToString() is { Length: > 0 } id ? id : null;

    public bool Contains(HttpRequest request) => IdOf(request) is { } id && _ids.ContainsKey(id);

    public void Add(string id) => _ids.TryAdd(id, true);

    public void Remove(string id) => _ids.TryRemove(id, out _);
}
