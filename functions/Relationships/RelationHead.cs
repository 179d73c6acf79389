using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;

namespace Parley.Relationships;

/// <summary>A group of friends. Rows of friends name it by its id, which is never used again.</summary>
public sealed record FriendGroup(long Id, string Name);

/// <summary>What takes a place in a list of limited length.</summary>
[Flags]
internal enum Places
{
    None = 0,
    Friend = 1,
    Blacklist = 2,
    Request = 4,
}

/// <summary>What all relationships of an account have in common: row <c>f</c>. Sequences grow with each change of what they count.</summary>
internal sealed record RelationHead
{
    public long StandardSequence { get; init; }

    public long CustomSequence { get; init; }

    public long GroupSequence { get; init; }

    public long BlacklistSequence { get; init; }

    public long RequestSequence { get; init; }

    public long Friends { get; init; }

    public long Blacklisted { get; init; }

    public long Requests { get; init; }

    /// <summary>Places that changes under way may need; see <see cref="RelationMarker"/>.</summary>
    public long ReservedFriends { get; init; }

    public long ReservedBlacklisted { get; init; }

    public long ReservedRequests { get; init; }

    /// <summary>Requests that came up to this time, in Unix seconds, were seen.</summary>
    public long RequestsSeenAt { get; init; }

    public long LastGroupId { get; init; }

    public IReadOnlyList<FriendGroup> Groups { get; init; } = [];

    /// <summary>Which lists still have a place.</summary>
    public Places Room(App app) =>
        (Friends + ReservedFriends < app.MaxFriends ? Places.Friend : Places.None)
        | (Blacklisted + ReservedBlacklisted < app.MaxBlacklisted ? Places.Blacklist : Places.None)
        | (Requests + ReservedRequests < app.MaxFriendRequests ? Places.Request : Places.None);

    /// <param name="sign">1 to reserve, -1 to release.</param>
    public RelationHead Reserve(Places places, int sign) => this with
    {
        ReservedFriends = ReservedFriends + (places.HasFlag(Places.Friend) ? sign : 0),
        ReservedBlacklisted = ReservedBlacklisted + (places.HasFlag(Places.Blacklist) ? sign : 0),
        ReservedRequests = ReservedRequests + (places.HasFlag(Places.Request) ? sign : 0),
    };

    public bool HasRoomForGroups(IEnumerable<string> names, int most)
    {
        var missing = names.Distinct().Count(name => FindGroup(name) is null);
        return missing == 0 || Groups.Count + missing <= most;
    }

    public FriendGroup? FindGroup(string name) => Groups.FirstOrDefault(group => group.Name == name);

    /// <summary>With groups of those names, new ones as far as there may be so many.</summary>
    public RelationHead WithGroups(IEnumerable<string> names, int most)
    {
        var head = this;
        foreach (var name in names.Distinct())
        {
            if (head.FindGroup(name) is null && head.Groups.Count < most)
            {
                var group = new FriendGroup(head.LastGroupId + 1, name);
                head = head with { LastGroupId = group.Id, Groups = [.. head.Groups, group], GroupSequence = head.GroupSequence + 1 };
            }
        }

        return head;
    }

    public static RelationHead FromRow(TableEntity? row) => row is null ? new RelationHead() : new RelationHead
    {
        StandardSequence = row.GetInt64(nameof(StandardSequence)) ?? 0,
        CustomSequence = row.GetInt64(nameof(CustomSequence)) ?? 0,
        GroupSequence = row.GetInt64(nameof(GroupSequence)) ?? 0,
        BlacklistSequence = row.GetInt64(nameof(BlacklistSequence)) ?? 0,
        RequestSequence = row.GetInt64(nameof(RequestSequence)) ?? 0,
        Friends = row.GetInt64(nameof(Friends)) ?? 0,
        Blacklisted = row.GetInt64(nameof(Blacklisted)) ?? 0,
        Requests = row.GetInt64(nameof(Requests)) ?? 0,
        ReservedFriends = row.GetInt64(nameof(ReservedFriends)) ?? 0,
        ReservedBlacklisted = row.GetInt64(nameof(ReservedBlacklisted)) ?? 0,
        ReservedRequests = row.GetInt64(nameof(ReservedRequests)) ?? 0,
        RequestsSeenAt = row.GetInt64(nameof(RequestsSeenAt)) ?? 0,
        LastGroupId = row.GetInt64(nameof(LastGroupId)) ?? 0,
        Groups = JsonSerializer.Deserialize(row.GetString(nameof(Groups)) ?? "[]", ParleyJson.Wire.IReadOnlyListFriendGroup) ?? [],
    };

    public TableEntity ToRow() => new()
    {
        RowKey = RelationRows.Head,
        [nameof(StandardSequence)] = StandardSequence,
        [nameof(CustomSequence)] = CustomSequence,
        [nameof(GroupSequence)] = GroupSequence,
        [nameof(BlacklistSequence)] = BlacklistSequence,
        [nameof(RequestSequence)] = RequestSequence,
        [nameof(Friends)] = Friends,
        [nameof(Blacklisted)] = Blacklisted,
        [nameof(Requests)] = Requests,
        [nameof(ReservedFriends)] = ReservedFriends,
        [nameof(ReservedBlacklisted)] = ReservedBlacklisted,
        [nameof(ReservedRequests)] = ReservedRequests,
        [nameof(RequestsSeenAt)] = RequestsSeenAt,
        [nameof(LastGroupId)] = LastGroupId,
        [nameof(Groups)] = JsonSerializer.Serialize(Groups, ParleyJson.Wire.IReadOnlyListFriendGroup),
    };
}
