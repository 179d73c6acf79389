using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>Mutes accounts in a group inside a change: the row that outlasts their membership, the member's own, and their number.</summary>
public static class GroupMuting
{
    private const uint ForEver = uint.MaxValue;

    /// <summary>When a mute ends, Unix seconds; 0 for none.</summary>
    public static long Until(GroupPartition group, uint seconds) => seconds switch
    {
        0 => 0,
        ForEver => ForEver,
        _ => group.NowSeconds + seconds,
    };

    /// <summary>Null when somebody of a role may mute the account: one of a lower role.</summary>
    public static ApiError? Refuse(GroupPartition group, GroupHead head, GroupRole actor, string account) =>
        actor > group.ActorRole(head, new GroupActor(account, IsAppAdmin: false)) ? null : ApiError.GroupNotPermitted.In(account);

    /// <summary>Whether it is so already.</summary>
    public static bool IsSo(GroupPartition group, string account, long until) => (group.FindMute(account)?.Until ?? 0) == until;

    /// <summary>Mutes an account, or unmutes it.</summary>
    /// <returns>The head with the new number of mutes, which the caller writes.</returns>
    public static GroupHead Set(GroupPartition group, GroupHead head, string account, long until)
    {
        var known = group.FindMute(account);
        if (!head.Traits.IsLive && group.FindMember(account) is { } member && member.MutedUntil != until)
        {
            group.Put(member with { MutedUntil = until });
        }

        if (until > 0)
        {
            group.Rows.Put(new GroupMute(account, until).ToRow());
        }
        else if (known is not null)
        {
            group.Rows.Delete(GroupMute.RowKeyOf(account));
        }

        return head with { Mutes = head.Mutes + (until > 0 ? 1 : 0) - (known is null ? 0 : 1) };
    }
}
