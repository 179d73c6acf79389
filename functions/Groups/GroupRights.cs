using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>
/// Who may do what in which type of group: one table, from which the commands take their answers and the tests their cases.
/// A cell is the lowest role that may do it.
/// </summary>
/// <remarks>
/// Source: API reference, groups §1.2 to §1.5. Ours: where the reference leaves it open what a client may do (attributes, counters, receipts), members may, and
/// in live rooms, which store no members, every account. Approve is for whatever waits: applications, and in Private groups and communities invitations (InviteJoinOption).
/// </remarks>
public static class GroupRights
{
    private const string Text = """
        Action            Private   Public    ChatRoom  AVChatRoom BChatRoom Community
        Create            NotMember NotMember NotMember NotMember  AppAdmin  NotMember
        ApplyToJoin       Nobody    NotMember NotMember NotMember  NotMember NotMember
        Invite            Member    AppAdmin  AppAdmin  Nobody     Nobody    Member
        Approve           Owner     Admin     Admin     Admin      Nobody    Admin
        Quit              Member    Member    Member    NotMember  Nobody    Member
        QuitAsOwner       Owner     Nobody    Nobody    Nobody     Nobody    Nobody
        Kick              Owner     Admin     Admin     Nobody     Nobody    Admin
        ChangeProfile     Member    Admin     Admin     Owner      AppAdmin  Admin
        ChangeSettings    Owner     Admin     Admin     Owner      AppAdmin  Admin
        ReadProfile       Member    NotMember NotMember NotMember  AppAdmin  NotMember
        ReadMembers       Member    Member    Member    Nobody     Nobody    Member
        ReadMutes         Owner     Admin     Admin     Admin      Nobody    Admin
        ModifyMember      Member    Member    Member    Nobody     Nobody    Member
        MuteMember        Nobody    Admin     Admin     Admin      Nobody    Admin
        SetAdmin          Nobody    Owner     Owner     Nobody     Nobody    Owner
        Transfer          Owner     Owner     Owner     Nobody     Nobody    Owner
        Dismiss           AppAdmin  Owner     Owner     Owner      AppAdmin  Owner
        Send              Member    Member    Member    NotMember  AppAdmin  Member
        SendOnlineOnly    Member    Member    Member    NotMember  AppAdmin  Member
        SendTargeted      Member    Member    Member    Nobody     Nobody    Nobody
        NotifySome        AppAdmin  AppAdmin  AppAdmin  Nobody     Nobody    AppAdmin
        ReadHistory       Member    Member    Member    Nobody     Nobody    Member
        Recall            Member    Member    Member    Nobody     Nobody    Member
        RecallOthers      AppAdmin  Admin     Admin     Nobody     Nobody    Admin
        DeleteMessages    AppAdmin  AppAdmin  AppAdmin  Nobody     Nobody    AppAdmin
        ModifyMessage     Member    Member    Member    Nobody     Nobody    Member
        ReadReceipts      Member    Member    Member    Nobody     Nobody    Nobody
        MessageExtensions Member    Member    Member    Nobody     Nobody    Nobody
        Import            AppAdmin  AppAdmin  AppAdmin  Nobody     Nobody    Nobody
        SetUnread         AppAdmin  AppAdmin  AppAdmin  AppAdmin   AppAdmin  AppAdmin
        ChangeAttributes  Member    Member    Member    NotMember  Nobody    Member
        ClearAttributes   Member    Member    Member    NotMember  Nobody    Nobody
        ChangeCounters    Member    Member    Member    NotMember  Nobody    Nobody
        CountOnline       Nobody    Nobody    Nobody    NotMember  Nobody    Nobody
        Ban               Nobody    Nobody    Nobody    Admin      Nobody    Nobody
        SetLiveAdmin      Nobody    Nobody    Nobody    Owner      Nobody    Nobody
        ManageTopics      Nobody    Nobody    Nobody    Nobody     Nobody    Admin
        """;

    private static readonly Dictionary<(GroupAction Action, GroupType Type), GroupRole> Table = Read();

    // What a command answers where the type does not have it; others answer 10007.
    private static readonly Dictionary<GroupAction, ApiError> Refusals = new()
    {
        [GroupAction.QuitAsOwner] = ApiError.OwnerMayNotLeave,
        [GroupAction.Kick] = ApiError.GroupParameter,
        [GroupAction.ReadHistory] = ApiError.GroupHasNoHistory,
        [GroupAction.Recall] = ApiError.GroupHasNoRecall,
        [GroupAction.RecallOthers] = ApiError.GroupHasNoRecall,
        [GroupAction.DeleteMessages] = ApiError.GroupHasNoDeletion,
        [GroupAction.ManageTopics] = ApiError.TopicsNotSupported,
    };

    /// <summary>The lowest role that may do it.</summary>
    public static GroupRole Least(GroupType type, GroupAction action) => Table[(action, type)];

    /// <summary>Null when somebody of that role may do it; else why not: the type's own refusal where nobody may, 10007 where others may.</summary>
    public static ApiError? Refuse(GroupType type, GroupAction action, GroupRole role)
    {
        var least = Least(type, action);
        return role >= least ? null
            : least == GroupRole.Nobody ? Refusals.GetValueOrDefault(action, ApiError.GroupTypeNotSupported)
            : ApiError.GroupNotPermitted;
    }

    private static Dictionary<(GroupAction Action, GroupType Type), GroupRole> Read()
    {
        var lines = Text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var types = lines[0].Skip(1).Select(Enum.Parse<GroupType>).ToList();
        return lines.Skip(1)
            .SelectMany(cells => types.Zip(cells.Skip(1), (type, cell) => (Action: Enum.Parse<GroupAction>(cells[0]), Type: type, Least: Enum.Parse<GroupRole>(cell))))
            .ToDictionary(cell => (cell.Action, cell.Type), cell => cell.Least);
    }
}
