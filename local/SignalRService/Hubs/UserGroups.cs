namespace Parley.Local.SignalRService.Hubs;

/// <summary>
/// Group memberships of users, which outlive connections. Not thread-safe: <see cref="ServiceHub"/> locks.
/// </summary>
/// <remarks>
/// Source: description of the parameter ttl in the REST data plane 2022-06-01. With a ttl a membership lasts that long, and there is no
/// bound to their number. Without, it lasts a year, and a user keeps only the 100 that were updated last. Adding again renews a
/// membership and decides anew which of the two kinds it is (our reading).
/// </remarks>
internal sealed class UserGroups
{
    private const int KeptWithoutLifetime = 100;
    private static readonly TimeSpan LifetimeWithoutOne = TimeSpan.FromDays(365);

    private readonly Dictionary<string, Dictionary<string, Entry>> _users = new(StringComparer.Ordinal);
    private long _updates;

    /// <returns>When the membership ends, and the groups that the user had to give up for it.</returns>
    public (DateTimeOffset Until, IReadOnlyList<string> Evicted) Add(string user, string group, TimeSpan? lifetime, DateTimeOffset now)
    {
        var groups = Current(user, now) ?? (_users[user] = new Dictionary<string, Entry>(StringComparer.Ordinal));
        var until = now + (lifetime ?? LifetimeWithoutOne);
        groups[group] = new Entry(until, HasLifetime: lifetime is not null, ++_updates);
        if (lifetime is not null)
        {
            return (until, []);
        }

        var evicted = groups.Where(pair => !pair.Value.HasLifetime)
            .OrderByDescending(pair => pair.Value.Update)
            .Skip(KeptWithoutLifetime)
            .Select(pair => pair.Key)
            .ToList();
        evicted.ForEach(old => groups.Remove(old));
        return (until, evicted);
    }

    public void Remove(string user, string group)
    {
        if (_users.TryGetValue(user, out var groups) && groups.Remove(group) && groups.Count == 0)
        {
            _users.Remove(user);
        }
    }

    public void RemoveAll(string user) => _users.Remove(user);

    public bool Contains(string user, string group, DateTimeOffset now) => Current(user, now)?.ContainsKey(group) ?? false;

    public IReadOnlyList<(string Group, DateTimeOffset Until)> Of(string user, DateTimeOffset now) =>
        Current(user, now)?.Select(pair => (pair.Key, pair.Value.Until)).ToList() ?? [];

    private Dictionary<string, Entry>? Current(string user, DateTimeOffset now)
    {
        if (!_users.TryGetValue(user, out var groups))
        {
            return null;
        }

        foreach (var (group, entry) in groups)
        {
            if (entry.Until <= now)
            {
                groups.Remove(group);
            }
        }

        return groups;
    }

    private sealed record Entry(DateTimeOffset Until, bool HasLifetime, long Update);
}
