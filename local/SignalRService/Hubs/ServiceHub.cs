using Parley.Local.SignalRService.Clients;
using Parley.Local.SignalRService.Protocol;

namespace Parley.Local.SignalRService.Hubs;

/// <summary>
/// The open connections of one hub, their users and groups. One lock orders everything: each connection gets its frames in the order
/// in which the sends came in, and a membership change lies before or after a send, never beside it. Work under the lock only fills queues.
/// </summary>
internal sealed class ServiceHub(string name, TimeProvider time, ServiceCounters counters)
{
    private static readonly HashSet<ClientConnection> Nobody = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ClientConnection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ClientConnection>> _users = new(StringComparer.Ordinal);
    private readonly GroupIndex _groups = new();
    private readonly UserGroups _userGroups = new();

    public string Name => name;

    /// <summary>Makes a connection known, with its accepting handshake as the first frame and its user's groups applied.</summary>
    public void Open(ClientConnection connection, Frame handshake)
    {
        lock (_gate)
        {
            connection.TrySend(handshake);
            _connections.Add(connection.Id, connection);
            counters.CountOpened();
            if (connection.UserId is { } user)
            {
                (_users.TryGetValue(user, out var connections) ? connections : _users[user] = []).Add(connection);
                foreach (var (group, until) in _userGroups.Of(user, time.GetUtcNow()))
                {
                    _groups.AddByUser(connection, group, until);
                }
            }
        }
    }

    /// <summary>Forgets a connection; harmless when it is forgotten already.</summary>
    public void Remove(ClientConnection connection)
    {
        lock (_gate)
        {
            RemoveLocked(connection);
        }
    }

    public void Send(Target target, OutgoingMessage message)
    {
        lock (_gate)
        {
            foreach (var connection in Find(target).ToList())
            {
                if (message.TryGetFrame(connection.Protocol, out var frame) && !connection.TrySend(frame))
                {
                    RemoveLocked(connection);
                    connection.Abort("The client does not read what it is sent.");
                }
            }
        }
    }

    /// <returns>False when nothing was there to close.</returns>
    public bool Close(Target target, string? reason)
    {
        lock (_gate)
        {
            var connections = Find(target).ToList();
            foreach (var connection in connections)
            {
                RemoveLocked(connection);
                connection.Close(reason);
            }

            return connections.Count > 0;
        }
    }

    /// <summary>Whether any open connection is meant.</summary>
    public bool Exists(Target target)
    {
        lock (_gate)
        {
            return Find(target).Any();
        }
    }

    /// <returns>False when the connection is not open.</returns>
    public bool TryAddToGroup(string connectionId, string group)
    {
        lock (_gate)
        {
            if (!_connections.TryGetValue(connectionId, out var connection))
            {
                return false;
            }

            _groups.AddDirect(connection, group);
            return true;
        }
    }

    /// <returns>False when the connection is not open; not having been a member is fine.</returns>
    public bool TryRemoveFromGroup(string connectionId, string group)
    {
        lock (_gate)
        {
            if (!_connections.TryGetValue(connectionId, out var connection))
            {
                return false;
            }

            _groups.Remove(connection, group);
            return true;
        }
    }

    public void RemoveFromAllGroups(string connectionId)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(connectionId, out var connection))
            {
                _groups.RemoveAll(connection);
            }
        }
    }

    /// <summary>A lifetime of null is as long as the service allows; zero adds just the connections open now.</summary>
    public void AddUserToGroup(string user, string group, TimeSpan? lifetime)
    {
        lock (_gate)
        {
            if (lifetime == TimeSpan.Zero)
            {
                foreach (var connection in ConnectionsOf(user))
                {
                    _groups.AddDirect(connection, group);
                }

                return;
            }

            var (until, evicted) = _userGroups.Add(user, group, lifetime, time.GetUtcNow());
            foreach (var connection in ConnectionsOf(user))
            {
                _groups.AddByUser(connection, group, until);
                foreach (var old in evicted)
                {
                    _groups.RevokeByUser(connection, old);
                }
            }
        }
    }

    public void RemoveUserFromGroup(string user, string group)
    {
        lock (_gate)
        {
            _userGroups.Remove(user, group);
            foreach (var connection in ConnectionsOf(user))
            {
                _groups.Remove(connection, group);
            }
        }
    }

    public void RemoveUserFromAllGroups(string user)
    {
        lock (_gate)
        {
            _userGroups.RemoveAll(user);
            foreach (var connection in ConnectionsOf(user))
            {
                _groups.RemoveAll(connection);
            }
        }
    }

    /// <summary>True for a user's own membership, online or not, and for one that an open connection of the user has.</summary>
    public bool IsUserInGroup(string user, string group)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return _userGroups.Contains(user, group, now)
                || ConnectionsOf(user).Any(connection => _groups.Contains(connection, group, now));
        }
    }

    private IEnumerable<ClientConnection> Find(Target target)
    {
        IEnumerable<ClientConnection> found = target.Kind switch
        {
            TargetKind.Everyone => _connections.Values,
            TargetKind.Connection => _connections.TryGetValue(target.Name, out var connection) ? [connection] : [],
            TargetKind.User => ConnectionsOf(target.Name),
            _ => _groups.Members(target.Name, time.GetUtcNow()),
        };
        return target.Excluded.Count == 0 ? found : found.Where(connection => !target.Excluded.Contains(connection.Id));
    }

    private HashSet<ClientConnection> ConnectionsOf(string user) => _users.TryGetValue(user, out var connections) ? connections : Nobody;

    private void RemoveLocked(ClientConnection connection)
    {
        if (!_connections.Remove(connection.Id))
        {
            return;
        }

        counters.CountClosed();
        _groups.RemoveAll(connection);
        if (connection.UserId is { } user && _users.TryGetValue(user, out var connections)
            && connections.Remove(connection) && connections.Count == 0)
        {
            _users.Remove(user);
        }
    }
}
