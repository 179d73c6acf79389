using Parley.Apps;
using Parley.Rest;
using static Parley.Apps.GroupRole;

namespace Parley.Groups;

/// <summary>
/// Who may do what in which type of group: one table, from which the commands take their answers and the tests their cases.
/// A cell is the lowest role that may do it.
/// </summary>
/// <remarks>
/// Source: API reference, groups §1.2 to §1.5. Ours: where the reference leaves it open what a client may do (attributes, counters, receipts), members may, and
/// in live rooms, which store no members, every account.
/// </remarks>
public static class GroupRights
{
    private static readonly Dictionary<GroupAction, Row> Table = new()
    {
        //                                   Private    Public     ChatRoom   AVChatRoom BChatRoom  Community
        [GroupAction.Create] =            new(NotMember, NotMember, NotMember, NotMember, AppAdmin,  NotMember),
        [GroupAction.ApplyToJoin] =       new(Nobody,    NotMember, NotMember, NotMember, NotMember, NotMember),
        [GroupAction.Invite] =            new(Member,    AppAdmin,  AppAdmin,  Nobody,    Nobody,    Member),
        [GroupAction.Approve] =           new(Nobody,    Admin,     Admin,     Nobody,    Nobody,    Nobody),
        [GroupAction.Quit] =              new(Member,    Member,    Member,    NotMember, Nobody,    Member),
        [GroupAction.QuitAsOwner] =       new(Owner,     Nobody,    Nobody,    Nobody,    Nobody,    Nobody) { Refusal = ApiError.OwnerMayNotLeave },
        [GroupAction.Kick] =              new(Owner,     Admin,     Admin,     Nobody,    Nobody,    Admin) { Refusal = ApiError.GroupParameter },
        [GroupAction.ChangeProfile] =     new(Member,    Admin,     Admin,     Owner,     AppAdmin,  Admin),
        [GroupAction.ChangeSettings] =    new(Owner,     Admin,     Admin,     Owner,     AppAdmin,  Admin),
        [GroupAction.ReadProfile] =       new(Member,    NotMember, NotMember, NotMember, AppAdmin,  NotMember),
        [GroupAction.ReadMembers] =       new(Member,    Member,    Member,    Nobody,    Nobody,    Member),
        [GroupAction.ReadMutes] =         new(Owner,     Admin,     Admin,     Admin,     Nobody,    Admin),
        [GroupAction.ModifyMember] =      new(Member,    Member,    Member,    Nobody,    Nobody,    Member),
        [GroupAction.MuteMember] =        new(Nobody,    Admin,     Admin,     Admin,     Nobody,    Admin),
        [GroupAction.SetAdmin] =          new(Nobody,    Owner,     Owner,     Nobody,    Nobody,    Owner),
        [GroupAction.Transfer] =          new(Owner,     Owner,     Owner,     Nobody,    Nobody,    Owner),
        [GroupAction.Dismiss] =           new(AppAdmin,  Owner,     Owner,     Owner,     AppAdmin,  Owner),
        [GroupAction.Send] =              new(Member,    Member,    Member,    NotMember, AppAdmin,  Member),
        [GroupAction.SendOnlineOnly] =    new(Member,    Member,    Member,    NotMember, AppAdmin,  Member),
        [GroupAction.SendTargeted] =      new(Member,    Member,    Member,    Nobody,    Nobody,    Nobody),
        [GroupAction.NotifySome] =        new(AppAdmin,  AppAdmin,  AppAdmin,  Nobody,    Nobody,    AppAdmin),
        [GroupAction.ReadHistory] =       new(Member,    Member,    Member,    Nobody,    Nobody,    Member) { Refusal = ApiError.GroupHasNoHistory },
        [GroupAction.Recall] =            new(Member,    Member,    Member,    Nobody,    Nobody,    Member) { Refusal = ApiError.GroupHasNoRecall },
        [GroupAction.RecallOthers] =      new(AppAdmin,  Admin,     Admin,     Nobody,    Nobody,    Admin) { Refusal = ApiError.GroupHasNoRecall },
        [GroupAction.DeleteMessages] =    new(AppAdmin,  AppAdmin,  AppAdmin,  Nobody,    Nobody,    AppAdmin) { Refusal = ApiError.GroupHasNoDeletion },
        [GroupAction.ModifyMessage] =     new(Member,    Member,    Member,    Nobody,    Nobody,    Member),
        [GroupAction.ReadReceipts] =      new(Member,    Member,    Member,    Nobody,    Nobody,    Nobody),
        [GroupAction.MessageExtensions] = new(Member,    Member,    Member,    Nobody,    Nobody,    Nobody),
        [GroupAction.Import] =            new(AppAdmin,  AppAdmin,  AppAdmin,  Nobody,    Nobody,    Nobody),
        [GroupAction.SetUnread] =         new(AppAdmin,  AppAdmin,  AppAdmin,  AppAdmin,  AppAdmin,  AppAdmin),
        [GroupAction.ChangeAttributes] =  new(Member,    Member,    Member,    NotMember, Nobody,    Member),
        [GroupAction.ChangeCounters] =    new(Member,    Member,    Member,    NotMember, Nobody,    Nobody),
        [GroupAction.CountOnline] =       new(Nobody,    Nobody,    Nobody,    NotMember, Nobody,    Nobody),
        [GroupAction.Ban] =               new(Nobody,    Nobody,    Nobody,    Admin,     Nobody,    Nobody),
        [GroupAction.SetLiveAdmin] =      new(Nobody,    Nobody,    Nobody,    Owner,     Nobody,    Nobody),
    };

    /// <summary>The lowest role that may do it.</summary>
    public static GroupRole Least(GroupType type, GroupAction action) => Table[action].Of(type);

    /// <summary>Null when somebody of that role may do it; else why not: the type's own refusal where nobody may, 10007 where others may.</summary>
    public static ApiError? Refuse(GroupType type, GroupAction action, GroupRole role)
    {
        var least = Least(type, action);
        return role >= least ? null : least == Nobody ? Table[action].Refusal : ApiError.GroupNotPermitted;
    }

    private sealed record Row(
        GroupRole Private, GroupRole Public, GroupRole ChatRoom, GroupRole AVChatRoom, GroupRole BChatRoom, GroupRole Community)
    {
        /// <summary>The code where the type does not have it.</summary>
        public ApiError Refusal { get; init; } = ApiError.GroupTypeNotSupported;

        public GroupRole Of(GroupType type) => type switch
        {
            GroupType.Private => Private,
            GroupType.Public => Public,
            GroupType.ChatRoom => ChatRoom,
            GroupType.AVChatRoom => AVChatRoom,
            GroupType.BChatRoom => BChatRoom,
            _ => Community,
        };
    }
}
