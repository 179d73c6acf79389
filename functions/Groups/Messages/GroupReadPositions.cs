using System.Globalization;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>How far a member has read, after it was noted.</summary>
/// <param name="HasMoved">Whether that was new.</param>
public sealed record GroupReadState(GroupHead Head, GroupMember Member, bool HasMoved)
{
    public long ReadSeq => Member.ShownReadSeq(Head);

    public long Unread => Member.Unread(Head);

    /// <summary>As the member's own devices hear it.</summary>
    public GroupEvent ToEvent(GroupKey key) => new()
    {
        Type = GroupEvent.Read,
        GroupId = key.Group.GroupId,
        TopicId = key.TopicId,
        Epoch = Head.Epoch,
        Content = new RawJson(string.Create(CultureInfo.InvariantCulture, $$"""{"ReadSeq":{{ReadSeq}},"UnreadMsgNum":{{Unread}}}""")),
    };
}

/// <summary>Moves members' read positions: everything up to it is read. It never moves back. Only the member's own row is written.</summary>
public sealed class GroupReadPositions(GroupStore groups)
{
    /// <summary>How often a position in the middle is worked out again because the member has sent something meanwhile.</summary>
    private const int MaxAttempts = 10;

    private static readonly string[] Columns = ["PartitionKey", "RowKey", GroupMessage.CountsColumn, GroupMessage.RecalledColumn, GroupMessage.DeletedColumn, GroupMessage.FromColumn];

    /// <summary>Where to, and how many messages counted up to there.</summary>
    private readonly record struct Position(long Target, long Counted);

    /// <summary>How many of a member's own messages behind a number count; it holds as long as the member's row says the same of them.</summary>
    private sealed record Own(long ReadSeq, long OwnCounted, long LastOwnSeq, long Behind);

    /// <summary>Notes that a member has read everything up to a number.</summary>
    /// <returns>10010 no such group, 10007 not a member.</returns>
    public async Task<Result<GroupReadState>> MoveAsync(GroupKey key, string account, long upTo, CancellationToken cancellation)
    {
        // Read, not remembered: the answer tells how much is unread now.
        if (await groups.ReadHeadAsync(key, cancellation) is not { } known)
        {
            return key.NotFound;
        }

        var position = await FindPositionAsync(key, known, Math.Min(upTo, known.LastSeq), cancellation);
        Own? own = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await groups.ApplyAsync(key, group => Move(group, known, account, position, own), cancellation) is { } moved)
            {
                return moved;
            }

            own = await MeasureAsync(key, account, position.Target, cancellation);
        }

        throw new InvalidOperationException("The member sends faster than its read position can be worked out.");
    }

    // A message's count never changes, so it need not be found in the transaction; there, one that came lately could be taken for absent.
    private async Task<Position> FindPositionAsync(GroupKey key, GroupHead head, long target, CancellationToken cancellation)
    {
        if (target == head.LastSeq || target <= head.BaseSeq)
        {
            return new Position(target, target == head.LastSeq ? head.Counted : head.BaseCounted);
        }

        var row = await groups.ReadAsync(key, GroupPartition.Messages.Entry(target), cancellation);
        return new Position(target, row is null ? head.BaseCounted : GroupMessage.FromRow(row).Counted);
    }

    // Null when the member's own messages must be counted first.
    private static Result<GroupReadState>? Move(GroupPartition group, GroupHead known, string account, Position position, Own? own)
    {
        if (group.Head is not { } head || group.FindMember(account) is not { } member)
        {
            return group.Head is null ? group.Key.NotFound : ApiError.GroupNotPermitted;
        }

        if (!member.HasEntered)
        {
            group.Put(member);
        }

        head = known.Epoch == head.Epoch && known.LastSeq >= head.LastSeq ? known : head;
        var target = position.Target;
        if (target < member.ReadSeq || (target == member.ReadSeq && member.SetUnread == 0))
        {
            return Lessen(group, head, member, target);
        }

        if (member.LastOwnSeq > target && member.OwnSince(head) > 0 && target > head.BaseSeq
            && (own is null || (own.ReadSeq, own.OwnCounted, own.LastOwnSeq) != (member.ReadSeq, member.OwnCounted, member.LastOwnSeq)))
        {
            return null;
        }

        var behind = member.LastOwnSeq <= target ? 0 : target <= head.BaseSeq ? member.OwnSince(head) : own?.Behind ?? 0;
        var read = member with { ReadSeq = target, ReadCounted = position.Counted, OwnCounted = behind, SetUnread = 0, Mentions = [.. member.Mentions.Where(number => number > target)] };
        group.Put(read);
        return new GroupReadState(head, read, true);
    }

    // Less than what is read already: only a number that somebody has set can become smaller.
    private static GroupReadState Lessen(GroupPartition group, GroupHead head, GroupMember member, long target)
    {
        if (member.SetUnread <= member.ReadSeq - target)
        {
            return new GroupReadState(head, member, false);
        }

        var lessened = member with { SetUnread = member.ReadSeq - target };
        group.Put(lessened);
        return new GroupReadState(head, lessened, true);
    }

    private async Task<Own?> MeasureAsync(GroupKey key, string account, long upTo, CancellationToken cancellation)
    {
        if (await groups.ReadMemberAsync(key, account, cancellation) is not { } member)
        {
            return null;
        }

        var (rows, behind) = (GroupPartition.Messages, 0);
        await foreach (var row in groups.QueryAsync(key, rows.Entry(upTo + 1), rows.Entry(member.LastOwnSeq + 1), cancellation, Columns))
        {
            var message = GroupMessage.FromRow(row);
            behind += message is { Counts: true, IsRecalled: false, IsDeleted: false } && message.From == account ? 1 : 0;
        }

        return new Own(member.ReadSeq, member.OwnCounted, member.LastOwnSeq, behind);
    }
}
