using Parley.Apps;
using Parley.Groups.Live;
using Parley.Groups.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>
/// The rows of one group as a change sees them: <see cref="PartitionView"/> in the group's own terms. A change is a pure function of it.
/// </summary>
/// <remarks>
/// Every change writes the head, so changes of one group have one order. Rows besides the head on which a decision rests and which another
/// instance may change without the head do not exist; what is remembered of a member is guarded by writing that member. Of a topic these are the topic's rows,
/// inside its community's partition; what is decided on the community's head or member writes these besides, so it has one order with mutes, kicks and dismissal there.
/// </remarks>
public sealed class GroupPartition(PartitionView whole, GroupKey key, DateTimeOffset now)
{
    public const string HeadRow = "h";

    /// <summary>Instead of the head while the group is being dismissed.</summary>
    public const string MarkerRow = "x";

    /// <summary>The rows of the group's messages.</summary>
    public static readonly TimelineRows Messages = new(HeadRow, "m|", "k|");

    private readonly PartitionView _view = key.TopicId is null ? whole : whole.Within(key.RowPrefix);

    public GroupKey Key => key;

    /// <summary>When the change was asked for.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The same in Unix seconds.</summary>
    public long NowSeconds => now.ToUnixTimeSeconds();

    /// <summary>For rows of which this class knows nothing.</summary>
    public PartitionView Rows => _view;

    /// <summary>All rows of the partition, also where this is a topic.</summary>
    public PartitionView AllRows => whole;

    /// <summary>One of this community's topics, as the same change sees it.</summary>
    public GroupPartition Topic(GroupKey topic) => new(whole, topic, now);

    /// <summary>Null when there is no such group.</summary>
    public GroupHead? Head
    {
        get
        {
            // Both are looked at, so that both are read at once.
            var (own, community) = (_view.Get(HeadRow), IsTopic ? whole.Get(HeadRow) : null);
            return own is null ? null
                : !IsTopic ? GroupHead.FromRow(own)
                : community is null ? null
                : GroupHead.FromRow(own).Of(GroupHead.FromRow(community));
        }
    }

    /// <summary>Takes away the marker when everything else is gone; what it stood for is finished then.</summary>
    /// <returns>False when it is gone already.</returns>
    public bool TryRemoveMarker()
    {
        if (_view.Get(MarkerRow) is null)
        {
            return false;
        }

        _view.Delete(MarkerRow);
        return true;
    }

    public GroupProfile Profile => _view.Get(GroupProfile.RowKey) is { } row ? GroupProfile.FromRow(row) : new GroupProfile();

    /// <summary>Begins the group; nothing of that name may exist.</summary>
    public void Begin(GroupHead head, GroupProfile profile)
    {
        var row = Timeline.Begin(Messages, now);
        head.WriteTo(row);
        _view.Put(row);
        Put(profile);
    }

    public void Put(GroupHead head)
    {
        var row = _view.Get(HeadRow)!.Copy();
        head.WriteTo(row);
        _view.Put(row);
        GuardCommunity();
    }

    public void Put(GroupProfile profile) => _view.Put(profile.ToRow());

    public GroupMember? FindMember(string account)
    {
        var own = _view.Get(GroupMember.RowKeyOf(account)) is { } row ? GroupMember.FromRow(row) : null;
        return IsTopic ? FindMemberOfCommunity(account, own) : own;
    }

    /// <summary>As <see cref="FindMember"/>, for one who most likely is none; a member must be put where null is answered.</summary>
    public GroupMember? FindNewMember(string account) => _view.GetUnlikely(GroupMember.RowKeyOf(account)) is { } row ? GroupMember.FromRow(row) : null;

    public void Put(GroupMember member)
    {
        var row = member.ToRow();
        if (IsTopic && whole.Get(member.RowKey) is { } inCommunity)
        {
            // By it the row is found when the account is erased.
            row["Account"] = member.Account;
            whole.Put(inCommunity.Copy());
        }

        if (!member.HasEntered && _view.Get(HeadRow) is { } head)
        {
            // Where it enters was read from the head.
            _view.Put(head.Copy());
        }

        _view.Put(row);
    }

    public void RemoveMember(string account) => _view.Delete(GroupMember.RowKeyOf(account));

    public GroupMute? FindMute(string account) => _view.Get(GroupMute.RowKeyOf(account)) is { } row ? GroupMute.FromRow(row) : null;

    /// <summary>What the account is in the group.</summary>
    public GroupRole RoleOf(string account) => FindMember(account)?.Role ?? GroupRole.NotMember;

    /// <summary>Whether somebody may do something now.</summary>
    public ApiError? Refuse(GroupHead head, GroupAction action, GroupActor actor) =>
        GroupRights.Refuse(head.Type, action, ActorRole(head, actor));

    /// <summary>
    /// As <see cref="Refuse"/>, for what is about to be changed: the row that gives the right is written too, so that a role which another instance has
    /// taken away is seen however old this instance's memory of it is.
    /// </summary>
    public ApiError? RefuseChange(GroupHead head, GroupAction action, GroupActor actor)
    {
        if (Refuse(head, action, actor) is { } refusal)
        {
            return refusal;
        }

        Guard(head, actor);
        return null;
    }

    /// <summary>What somebody who wants to do something counts as.</summary>
    public GroupRole ActorRole(GroupHead head, GroupActor actor) =>
        actor.IsAppAdmin ? GroupRole.AppAdmin : head.Traits.IsLive ? LiveRoleOf(head, actor.Account) : RoleOf(actor.Account);

    /// <summary>A message or tip of the log.</summary>
    public GroupMessage? FindMessage(long sequence) =>
        _view.Get(Messages.Entry(sequence)) is { } row ? GroupMessage.FromRow(row) : null;

    /// <summary>An entry of the log of changes.</summary>
    public GroupChange? FindChange(long sequence) => _view.Get(GroupChange.RowKeyOf(sequence)) is { } row ? GroupChange.FromRow(row) : null;

    /// <summary>Has messages that go not count as unread any more, neither for those who have not read them nor as their senders' own.</summary>
    /// <returns>The head, to be put.</returns>
    public GroupHead Uncount(GroupHead head, IEnumerable<GroupMessage> messages)
    {
        var counted = messages.Where(message => message is { Counts: true, IsRecalled: false, IsDeleted: false }).ToList();
        foreach (var own in counted.GroupBy(message => message.From))
        {
            if (FindMember(own.Key) is { } sender)
            {
                Put(sender.WithoutOwn(head, own.Select(message => message.Seq)));
            }
        }

        return head.WithRecalled(counted.Select(message => message.Seq));
    }

    /// <summary>Appends a message that was found to be new; <paramref name="head"/> is written with it.</summary>
    public AppendedEntry Append(GroupHead head, GroupMessage message, EntryIdentity identity, long sentTime)
    {
        GuardCommunity();
        return Timeline.Append(_view, Messages, _view.Get(HeadRow), message.ToRow(), identity, sentTime, now, (row, appended) =>
        {
            head.WriteTo(row);

            // Only some see it; to the others nothing came.
            if (message.IsShownLast && message.To.Count == 0)
            {
                GroupHead.Show(row, appended);
            }
        });
    }

    /// <summary>Appends a tip; <paramref name="head"/> is written with it.</summary>
    public AppendedEntry AppendTip(GroupHead head, GroupTip tip) =>
        Timeline.AppendNameless(_view, Messages, _view.Get(HeadRow), tip.ToMessage(head.Counted).ToRow(), NowSeconds, now, (row, appended) =>
        {
            head.WriteTo(row);
            GroupHead.Show(row, appended);
        });

    /// <summary>Appends to the log of changes and writes the head with it.</summary>
    /// <param name="create">Makes the event of its number.</param>
    public GroupChange AppendChange(GroupHead head, string type, Func<long, GroupEvent> create)
    {
        var sequence = head.ChangeSeq + 1;
        var change = new GroupChange(sequence, type, NowSeconds, create(sequence).ToRawJson());
        _view.Insert(change.ToRow());
        Put(head with
        {
            ChangeSeq = sequence,
            FirstChangeTime = head.FirstChangeSeq == sequence ? NowSeconds : head.FirstChangeTime,
        });
        return change;
    }

    /// <summary>Writes the row that says what somebody is, so that the change fails if another instance has changed it.</summary>
    public void Guard(GroupHead head, GroupActor actor)
    {
        if (IsTopic)
        {
            if (!actor.IsAppAdmin && FindMember(actor.Account) is { } member)
            {
                Put(member);
            }

            return;
        }

        var row = head.Traits.IsLive ? LiveAdmins.RowKey : GroupMember.RowKeyOf(actor.Account);
        if (!actor.IsAppAdmin && _view.Get(row) is { } known)
        {
            _view.Put(known.Copy());
        }
    }

    private bool IsTopic => key.TopicId is not null;

    // Whoever changes a topic has decided on the community's head too.
    private void GuardCommunity()
    {
        if (IsTopic && whole.Get(HeadRow) is { } community)
        {
            whole.Put(community.Copy());
        }
    }

    private GroupMember? FindMemberOfCommunity(string account, GroupMember? own)
    {
        var (member, topic) = (whole.Get(GroupMember.RowKeyOf(account)), _view.Get(HeadRow));
        if (member is null || topic is null)
        {
            return null;
        }

        var known = GroupMember.FromRow(member);
        return known.In(GroupHead.FromRow(topic), own, known.HasEnteredAs(own) ? 0 : FindMute(account)?.Until ?? 0);
    }

    // Live rooms have no member rows; who is what stands in the row of their officers.
    private GroupRole LiveRoleOf(GroupHead head, string account) =>
        head.Owner == account ? GroupRole.Owner : LiveAdmins.Of(_view).Contains(account) ? GroupRole.Admin : GroupRole.NotMember;
}
