using Parley.Accounts;
using Parley.Apps;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Makes and deletes an account's groups of friends: one transaction in its partition.</summary>
/// <remarks>Rows of friends keep the ids of groups that were deleted until they are next changed; readers pass over them.</remarks>
public sealed class FriendGroups(TableStore tables, AccountEvents events, TimeProvider time)
{
    private sealed record Changed(Result<long> Sequence, StoredEvent? Told);

    /// <summary>Makes the groups that do not exist.</summary>
    /// <returns>The sequence of groups then; 30011 when there would be too many, and none is made.</returns>
    public Task<Result<long>> AddAsync(App app, AccountKey owner, IReadOnlyList<string> names) => ChangeAsync(owner, head =>
        head.HasRoomForGroups(names, app.MaxFriendGroups) ? head.WithGroups(names, app.MaxFriendGroups) : ApiError.FriendGroupsFull);

    /// <summary>Deletes the groups that exist. The friends in them stay friends.</summary>
    /// <returns>The sequence of groups then.</returns>
    public Task<Result<long>> DeleteAsync(AccountKey owner, IReadOnlyList<string> names) => ChangeAsync(owner, head =>
    {
        var rest = head.Groups.Where(group => !names.Contains(group.Name)).ToList();
        return rest.Count == head.Groups.Count ? head
            : head with { Groups = rest, GroupSequence = head.GroupSequence + 1, StandardSequence = head.StandardSequence + 1 };
    });

    private async Task<Result<long>> ChangeAsync(AccountKey owner, Func<RelationHead, Result<RelationHead>> change)
    {
        var (now, id) = (time.GetUtcNow(), $"groups {Guid.NewGuid():N}");
        var changed = await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Change(view, change, id, now), CancellationToken.None);
        await events.DeliverAsync(owner, changed.Told);
        return changed.Sequence;
    }

    private static Changed Change(PartitionView view, Func<RelationHead, Result<RelationHead>> change, string id, DateTimeOffset now)
    {
        var before = RelationHead.FromRow(view.Get(RelationRows.Head));
        if (!change(before).TryGet(out var head, out var refused))
        {
            return new Changed(refused, null);
        }

        if (Equals(head, before))
        {
            return new Changed(head.GroupSequence, EventTimeline.Find(view, id));
        }

        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return new Changed(ApiError.RelationAccountUnknown, null);
        }

        view.Put(head.ToRow());
        var content = new FriendUpdateContent([], head.StandardSequence, head.CustomSequence, head.GroupSequence);
        return new Changed(head.GroupSequence, EventTimeline.Append(
            view, AccountEvent.Create(id, FriendUpdateContent.EventType, content, ParleyJson.Wire.FriendUpdateContent), now));
    }
}
