using Parley.Delivery;
using Parley.Groups.Membership;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>A group as the conversation list of one of its members shows it.</summary>
/// <param name="Epoch">Tells it from an earlier group of the same name.</param>
/// <param name="ShownSeq">Number of the latest message that moves the list; 0 when there was none.</param>
/// <param name="ShownTime">Its time, Unix seconds; 0 when the member does not see it.</param>
/// <param name="ModifiedAt">When anything of the group last changed, by the storage's clock.</param>
public sealed record GroupConversation(string GroupId, long Epoch, long ShownSeq, long ShownTime, DateTimeOffset ModifiedAt);

/// <summary>The conversations with groups that an account has: nothing is stored for them, they follow from its memberships and the groups' heads.</summary>
public sealed class GroupConversations(
    MembershipTable memberships, MembershipSettlement settlement, GroupStore groups, GroupReadPositions positions, Outbox outbox)
{
    private const int AtOnce = 16;

    /// <summary>Lists those with groups that the account sees: one query, and one point read for each group, some at once.</summary>
    public async Task<IReadOnlyList<GroupConversation>> ListAsync(AccountKey account, CancellationToken cancellation)
    {
        var rows = await memberships.ListAsync(account, cancellation);
        var found = new GroupConversation?[rows.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, rows.Count), parallel, async (i, token) => found[i] = await FindAsync(account, rows[i], token));
        return [.. found.OfType<GroupConversation>()];
    }

    /// <summary>Whether there is such a group that stores its members, and the account is one of them.</summary>
    public async ValueTask<bool> ExistsAsync(AccountKey account, string groupId, CancellationToken cancellation) =>
        GroupKey.IsValid(groupId)
        && await memberships.ReadAsync(account, groupId, cancellation) is { } row
        && await settlement.LookAfterAsync(account, new GroupKey(account.SdkAppId, groupId), row, mustHear: false, cancellation);

    /// <summary>Has everything count as read, and be gone for this member if asked to.</summary>
    /// <param name="clearsHistory">Whether the member does not see the messages any more.</param>
    /// <returns>Up to where; 10010 no such group, 10007 not a member.</returns>
    public async Task<Result<GroupReadState>> PutAwayAsync(AccountKey account, string groupId, bool clearsHistory, CancellationToken cancellation)
    {
        var key = new GroupKey(account.SdkAppId, groupId);
        var moved = await positions.MoveAsync(key, account.Account, long.MaxValue, cancellation);
        if (!moved.TryGet(out var state, out _))
        {
            return moved;
        }

        if (clearsHistory)
        {
            await groups.ApplyAsync(key, group => Clear(group, account.Account, state), CancellationToken.None);
        }

        if (state.HasMoved)
        {
            await outbox.SendAsync(account, state.ToEvent(key).ToJson());
        }

        return state;
    }

    // Of a group or a membership that has begun anew meanwhile, nothing was read.
    private static bool Clear(GroupPartition group, string account, GroupReadState state)
    {
        if (group.Head?.Epoch != state.Head.Epoch || group.FindMember(account) is not { } member || member.ReadSeq < state.Member.ReadSeq
            || member.ClearedSeq >= state.Member.ReadSeq)
        {
            return false;
        }

        group.Put(member with { ClearedSeq = state.Member.ReadSeq });
        return true;
    }

    private async Task<GroupConversation?> FindAsync(AccountKey account, GroupMembership membership, CancellationToken cancellation)
    {
        var key = new GroupKey(account.SdkAppId, membership.GroupId);
        if (!await settlement.LookAfterAsync(account, key, membership, mustHear: false, cancellation)
            || await groups.ReadAsync(key, GroupPartition.HeadRow, cancellation) is not { } row)
        {
            return null;
        }

        var head = GroupHead.FromRow(row);
        if (!head.IsActive && head.Owner != account.Account)
        {
            return null;
        }

        var isSeen = head.ShownSeq >= head.OldestSeq && (head.IsHistoryOpen || head.ShownTime >= membership.JoinTime);
        return new GroupConversation(key.GroupId, head.Epoch, head.ShownSeq, isSeen ? head.ShownTime : 0, row.Timestamp ?? DateTimeOffset.MinValue);
    }
}
