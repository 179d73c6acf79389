using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>What becomes of a live room's rows when somebody comes or goes. Each change is safe to repeat, and writes the head, as every change of a group does.</summary>
internal static class RoomCounting
{
    /// <summary>Counts somebody in.</summary>
    /// <returns>Null when it is counted, now or before; 10007 banned, 10010 the room has gone.</returns>
    public static ApiError? Enter(GroupPartition group, LiveListener who, BegunListening begun, AfterCallback? callback)
    {
        if (group.Head is { Bans: > 0 } head && head.Epoch == begun.Room.Epoch && IsBanned(group, who.Account))
        {
            return ApiError.BannedFromRoom;
        }

        var isThere = Change(group, begun.Room.Epoch, (room, attendance) =>
        {
            if (attendance.TryEnter(who.Account, begun.Room.Attempt, group.NowSeconds) && who.Account is { } entering)
            {
                callback?.Append(group, begun.IsBack ? StateFields(group, room, entering, "Online") : JoinedFields(group, room, entering));
            }
        });
        return isThere ? null : ApiError.GroupNotFound;
    }

    /// <summary>Counts somebody out.</summary>
    /// <param name="left">As it was noted with the account.</param>
    /// <param name="attempt">Names the call.</param>
    /// <param name="tell">What follows when it was not counted before.</param>
    /// <returns>False when the room has gone.</returns>
    public static bool Leave(GroupPartition group, LiveListener who, ListenedRoom left, string attempt, Action<GroupPartition, GroupHead> tell) =>
        Change(group, left.Epoch, (head, attendance) =>
        {
            if (attendance.TryLeave(who.Account, attempt, left.Attempt))
            {
                tell(group, head);
            }
        });

    /// <summary>Makes good that somebody was counted out whom the room had not counted in, and never will.</summary>
    /// <returns>False when the room has gone.</returns>
    public static bool CountBack(GroupPartition group, ListenedRoom refused) =>
        // As a guest: counted and not listed.
        Change(group, refused.Epoch, (_, attendance) => attendance.TryEnter(null, refused.Attempt, group.NowSeconds));

    public static GroupCallbackFields StateFields(GroupPartition room, GroupHead head, string account, string type) =>
        GroupCallbackFields.Of(room.Key, head, room.Now) with { EventType = type, MemberList = [new NamedMember(account)] };

    private static bool IsBanned(GroupPartition group, string? account) =>
        account is not null && LiveBan.Find(group.Rows, account) is { } ban && ban.Until > group.NowSeconds;

    private static GroupCallbackFields JoinedFields(GroupPartition room, GroupHead head, string account) => GroupCallbackFields.Of(room.Key, head, room.Now) with
    {
        JoinType = JoinOptions.Applied,
        OperatorAccount = account,
        NewMemberList = [new NamedMember(account)],
    };

    private static bool Change(GroupPartition group, long epoch, Action<GroupHead, RoomAttendance> change)
    {
        if (group.Head is not { } head || head.Epoch != epoch)
        {
            return false;
        }

        var attendance = RoomAttendance.FromRow(group.Rows.Get(RoomAttendance.RowKey));
        change(head, attendance);
        group.Rows.Put(attendance.ToRow());
        group.Put(head);
        return true;
    }
}
