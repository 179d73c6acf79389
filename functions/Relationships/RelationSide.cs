using System.Globalization;
using Azure.Data.Tables;
using Parley.Events;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// What an account has about another one, row <c>f|{peer}</c>, inside a change of its partition: puts a new relation into the place of the one that is
/// there, with everything that hangs on it: counts and sequences of the head, what the account keeps of a friend, the block of the conversation, the event.
/// </summary>
/// <remarks>
/// Row: the columns of <see cref="Relation"/>; of a friend Remark, RemarkTime, Groups (ids) and Custom… (JSON), which are the account's own and not
/// in the other's copy; in the home partition Operations, the latest that were committed (+, or ? for a request that was filed) or shut out (-), each with the version that it met, and
/// Forgotten, above the versions that those met which are not among the latest any more.
/// </remarks>
internal sealed class RelationSide
{
    private const int MostOperations = 16;
    private const string ForgottenColumn = "Forgotten";

    private readonly PartitionView _view;
    private readonly string _peer;
    private readonly DateTimeOffset _now;
    private readonly TableEntity? _row;
    private readonly RelationHead _headBefore;
    private long _forgotten;

    public RelationSide(PartitionView view, string peer, DateTimeOffset now)
    {
        (_view, _peer, _now) = (view, peer, now);
        _headBefore = Head = RelationHead.FromRow(view.Get(RelationRows.Head));
        _row = view.Get(RelationRows.Peer(peer));
        Relation = Relation.FromRow(_row);
        Operations = _row?.GetString("Operations") ?? "";
        _forgotten = _row?.GetInt64(ForgottenColumn) ?? 0;
    }

    public RelationHead Head { get; set; }

    public Relation Relation { get; }

    /// <summary>Of the home partition: one after the other, each with its mark.</summary>
    public string Operations { get; private set; }

    /// <summary>The mark of an operation; null when it is not among the latest.</summary>
    public char? MarkOf(string operation)
    {
        var found = Operations.IndexOf(operation, StringComparison.Ordinal);
        return found < 0 ? null : Operations[found + operation.Length];
    }

    /// <summary>Whether an operation that began when the copy had a version may have been noted, and is not among the latest any more.</summary>
    public bool MayHaveForgotten(long version) => version < _forgotten;

    public void Note(string operation, char mark)
    {
        var all = string.Create(CultureInfo.InvariantCulture, $"{Operations}{operation}{mark}{Relation.Version};").Split(';', StringSplitOptions.RemoveEmptyEntries);
        foreach (var old in all.SkipLast(MostOperations))
        {
            // One that an earlier program noted has no version: it met an older one than this.
            _forgotten = Math.Max(_forgotten, long.TryParse(old.AsSpan(old.IndexOfAny(RelationUpkeep.Marks) + 1), CultureInfo.InvariantCulture, out var met) ? met + 1 : Relation.Version);
        }

        Operations = string.Concat(all.TakeLast(MostOperations).Select(one => one + ";"));
    }

    /// <summary>The event of the relation's latest change, as it is stored; null when there is none. For a replay, which must tell what it did before.</summary>
    public StoredEvent? FindTold() => EventTimeline.Find(_view, EventId(Relation.Version));

    /// <summary>Writes a relation, and the head if it has changed.</summary>
    /// <returns>What the account's devices shall hear; null when there is nothing to tell.</returns>
    public StoredEvent? Apply(Relation next)
    {
        var row = _row?.Copy() ?? new TableEntity { RowKey = RelationRows.Peer(_peer) };
        next.WriteTo(row);
        row["Operations"] = Operations;
        row[ForgottenColumn] = _forgotten;
        var isNew = next.Friend is not null && next.Friend.Since != Relation.Friend?.Since;
        if (isNew || next.Friend is null)
        {
            FriendDetails.Clear(row);
        }

        if (isNew)
        {
            Head = FriendDetails.Begin(row, next.Friend!, Head);
        }

        _view.Put(row);
        return Finish(next, isNew);
    }

    /// <summary>Removes what is there, of an account that does not exist any more.</summary>
    public StoredEvent? Remove()
    {
        if (_row is not null)
        {
            _view.Delete(_row.RowKey);
        }

        return Finish(Relation.None with { Version = Relation.Version + 1 }, isNew: false);
    }

    /// <summary>Writes the head if it has changed.</summary>
    public void PutHead()
    {
        if (!Equals(Head, _headBefore))
        {
            _view.Put(Head.ToRow());
        }
    }

    private StoredEvent? Finish(Relation next, bool isNew)
    {
        var changes = RelationContent.Differences(Relation, next, isNew);
        Count(next, isNew);
        PutHead();
        if (next.Blocks > 0 != Relation.Blocks > 0)
        {
            ConversationBlock.Set(_view, _peer, next.Blocks > 0, _now);
        }
        else if (next.Friend is null != Relation.Friend is null || next.FriendOf is null != Relation.FriendOf is null)
        {
            ConversationBlock.Touch(_view, _peer);
        }

        return changes.Count == 0 || next.Friend is { IsSilent: true } && isNew ? null : EventTimeline.Append(
            _view,
            AccountEvent.Create(
                EventId(next.Version), RelationContent.EventType, RelationContent.Of(_peer, changes, next, Head), ParleyJson.Wire.RelationContent),
            _now);
    }

    private string EventId(long version) => string.Create(CultureInfo.InvariantCulture, $"relation {_peer} {version}");

    private void Count(Relation next, bool isNew)
    {
        var isFriendChange = isNew || next.Friend is null != Relation.Friend is null;
        var hasCustom = next.Friend?.Custom is { Count: > 0 } || (_row is not null && FriendDetails.HasCustom(_row));
        var isBlockChange = next.Blocks > 0 != Relation.Blocks > 0;
        var isRequestChange = !Equals(next.Asks, Relation.Asks) || !Equals(next.AskedBy, Relation.AskedBy);
        Head = Head with
        {
            Friends = Head.Friends + (next.Friend is null ? 0 : 1) - (Relation.Friend is null ? 0 : 1),
            Blacklisted = Head.Blacklisted + (next.Blocks > 0 ? 1 : 0) - (Relation.Blocks > 0 ? 1 : 0),
            Requests = Head.Requests + next.RequestCount - Relation.RequestCount,
            StandardSequence = Head.StandardSequence + (isFriendChange ? 1 : 0),
            CustomSequence = Head.CustomSequence + (isFriendChange && hasCustom ? 1 : 0),
            BlacklistSequence = Head.BlacklistSequence + (isBlockChange ? 1 : 0),
            RequestSequence = Head.RequestSequence + (isRequestChange ? 1 : 0),
        };
    }
}
