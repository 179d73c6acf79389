using System.Runtime.InteropServices;
using Parley.Local.SignalRService.Clients;

namespace Parley.Local.SignalRService.Hubs;

/// <summary>
/// Which open connection is in which group, and why: added itself, through its user until some time, or both.
/// Memberships past their time are ignored when read; they go with their connection. Not thread-safe: <see cref="ServiceHub"/> locks.
/// </summary>
internal sealed class GroupIndex
{
    private readonly Dictionary<string, Dictionary<ClientConnection, Membership>> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<ClientConnection, HashSet<string>> _byConnection = [];

    public void AddDirect(ClientConnection connection, string group) => At(connection, group).Direct = true;

    public void AddByUser(ClientConnection connection, string group, DateTimeOffset until) => At(connection, group).UserUntil = until;

    public void Remove(ClientConnection connection, string group)
    {
        if (_groups.TryGetValue(group, out var members) && members.Remove(connection))
        {
            if (members.Count == 0)
            {
                _groups.Remove(group);
            }

            if (_byConnection.TryGetValue(connection, out var groups) && groups.Remove(group) && groups.Count == 0)
            {
                _byConnection.Remove(connection);
            }
        }
    }

    public void RemoveAll(ClientConnection connection)
    {
        foreach (var group in _byConnection.TryGetValue(connection, out var groups) ? groups.ToArray() : [])
        {
            Remove(connection, group);
        }
    }

    /// <summary>Takes back what the user's membership gave; a membership of the connection itself stays.</summary>
    public void RevokeByUser(ClientConnection connection, string group)
    {
        if (_groups.TryGetValue(group, out var members) && members.TryGetValue(connection, out var membership))
        {
            if (membership.Direct)
            {
                members[connection] = membership with { UserUntil = null };
            }
            else
            {
                Remove(connection, group);
            }
        }
    }

    public bool Contains(ClientConnection connection, string group, DateTimeOffset now) =>
        _groups.TryGetValue(group, out var members) && members.TryGetValue(connection, out var membership) && membership.IsValid(now);

    public IEnumerable<ClientConnection> Members(string group, DateTimeOffset now) =>
        _groups.TryGetValue(group, out var members) ? members.Where(member => member.Value.IsValid(now)).Select(member => member.Key) : [];

    private ref Membership At(ClientConnection connection, string group)
    {
        if (!_groups.TryGetValue(group, out var members))
        {
            _groups[group] = members = [];
        }

        if (!_byConnection.TryGetValue(connection, out var groups))
        {
            _byConnection[connection] = groups = new HashSet<string>(StringComparer.Ordinal);
        }

        groups.Add(group);
        return ref CollectionsMarshal.GetValueRefOrAddDefault(members, connection, out _);
    }

    private record struct Membership(bool Direct, DateTimeOffset? UserUntil)
    {
        public readonly bool IsValid(DateTimeOffset now) => Direct || UserUntil > now;
    }
}
