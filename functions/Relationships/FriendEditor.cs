using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Apps;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>What shall be different in what an account keeps of a friend. What is null or not named stays.</summary>
internal sealed record FriendChange
{
    public string? Remark { get; init; }

    /// <summary>All groups; those that do not exist are made.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Groups to add to those that there are.</summary>
    public IReadOnlyList<string> MoreGroups { get; init; } = [];

    /// <summary>JSON values by keyword; an empty text takes one away.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = new Dictionary<string, string>();

    public IEnumerable<string> AllGroups => (Groups ?? []).Concat(MoreGroups);
}

internal sealed record FriendEdit(string Peer, Result<FriendChange> Change);

/// <summary>Changes what an account keeps of its friends: all in its own partition, some friends in one transaction.</summary>
public sealed class FriendEditor(TableStore tables, AccountEvents events, TimeProvider time)
{
    // With the head and an event, a transaction has room for more; an event must not become too long.
    private const int AtOnce = 40;

    private const string EmptyText = "\"\"";

    private sealed record Edited(IReadOnlyList<ApiError?> Errors, StoredEvent? Told);

    /// <summary>Makes the changes.</summary>
    /// <param name="notFriend">Why one who is no friend cannot be changed.</param>
    internal async Task<IReadOnlyList<RelationResult>> EditAsync(App app, AccountKey owner, IReadOnlyList<FriendEdit> edits, ApiError? notFriend = null)
    {
        var results = new List<RelationResult>();
        foreach (var some in edits.Chunk(AtOnce))
        {
            var (now, id) = (time.GetUtcNow(), $"friends {Guid.NewGuid():N}");
            var edited = await tables.AccountWriter.ApplyAsync(
                owner.PartitionKey, view => Edit(view, app, some, notFriend ?? ApiError.NotAFriendToUpdate, id, now), CancellationToken.None);
            await events.DeliverAsync(owner, edited.Told);
            results.AddRange(some.Zip(edited.Errors, (edit, error) => RelationResult.Of(edit.Peer, error)));
        }

        return results;
    }

    private static Edited Edit(PartitionView view, App app, FriendEdit[] edits, ApiError notFriend, string id, DateTimeOffset now)
    {
        var before = RelationHead.FromRow(view.Get(RelationRows.Head));
        var head = before;
        var rows = new Dictionary<string, TableEntity>(StringComparer.Ordinal);
        var errors = edits.Select(edit => EditOne(view, app, edit, notFriend, rows, ref head, now)).ToList();

        // In a replay everything is as it shall be, and the event is there.
        if (Equals(head, before))
        {
            return new Edited(errors, EventTimeline.Find(view, id));
        }

        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return new Edited(errors, null);
        }

        foreach (var row in rows.Values)
        {
            view.Put(row);
        }

        view.Put(head.ToRow());
        var content = new FriendUpdateContent([.. rows.Keys], head.StandardSequence, head.CustomSequence, head.GroupSequence);
        return new Edited(errors, EventTimeline.Append(
            view, AccountEvent.Create(id, FriendUpdateContent.EventType, content, ParleyJson.Wire.FriendUpdateContent), now));
    }

    private static ApiError? EditOne(
        PartitionView view, App app, FriendEdit edit, ApiError notFriend, Dictionary<string, TableEntity> rows, ref RelationHead head, DateTimeOffset now)
    {
        if (!edit.Change.TryGet(out var change, out var wrong))
        {
            return wrong;
        }

        if ((rows.GetValueOrDefault(edit.Peer) ?? (FieldReader.IsAccount(edit.Peer) ? view.Get(RelationRows.Peer(edit.Peer)) : null)) is not { } row || row.GetBoolean("IsFriend") != true)
        {
            return notFriend;
        }

        if (!head.HasRoomForGroups(change.AllGroups, app.MaxFriendGroups))
        {
            return ApiError.FriendGroupsFull;
        }

        var details = FriendDetails.FromRow(row);
        var groups = head.WithGroups(change.AllGroups, app.MaxFriendGroups);
        var next = Changed(details, change, groups, now);
        var isStandard = next.Remark != details.Remark || !next.Groups.SequenceEqual(details.Groups);
        var isCustom = !next.Custom.OrderBy(one => one.Key).SequenceEqual(details.Custom.OrderBy(one => one.Key));
        head = groups with { StandardSequence = groups.StandardSequence + (isStandard ? 1 : 0), CustomSequence = groups.CustomSequence + (isCustom ? 1 : 0) };
        if (isStandard || isCustom)
        {
            rows[edit.Peer] = row.Copy();
            next.WriteTo(rows[edit.Peer]);
        }

        return null;
    }

    private static FriendDetails Changed(FriendDetails details, FriendChange change, RelationHead head, DateTimeOffset now)
    {
        var kept = change.Groups is null ? details.Groups.Where(id => head.Groups.Any(group => group.Id == id)) : [];
        var custom = new Dictionary<string, string>(details.Custom);
        foreach (var (name, value) in change.Custom)
        {
            custom[name] = value;
        }

        return details with
        {
            Remark = change.Remark ?? details.Remark,
            RemarkTime = change.Remark is null || change.Remark == details.Remark ? details.RemarkTime : now.ToUnixTimeSeconds(),
            Groups = [.. kept.Concat(change.AllGroups.Select(name => head.FindGroup(name)!.Id)).Distinct().Order()],
            Custom = custom.Where(one => one.Value != EmptyText).ToDictionary(),
        };
    }
}
