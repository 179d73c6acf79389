namespace Parley.Groups;

/// <summary>What somebody may want to do with a group; the rows of <see cref="GroupRights"/>.</summary>
public enum GroupAction
{
    /// <summary>Create one; NotMember stands for every account.</summary>
    Create,
    ApplyToJoin,

    /// <summary>Add others, where the group's InviteJoinOption says nothing.</summary>
    Invite,
    Approve,
    Quit,
    QuitAsOwner,
    Kick,

    /// <summary>Change name, introduction, notification and face.</summary>
    ChangeProfile,

    /// <summary>Change everything else of the group's settings.</summary>
    ChangeSettings,
    /// <summary>See what the group shows of itself.</summary>
    ReadProfile,
    ReadMembers,

    /// <summary>See who is muted.</summary>
    ReadMutes,
    ModifyMember,
    MuteMember,
    SetAdmin,
    Transfer,
    Dismiss,
    Send,
    SendOnlineOnly,

    /// <summary>Send to some members only.</summary>
    SendTargeted,

    /// <summary>A system notification to some members only; to all is possible everywhere.</summary>
    NotifySome,
    ReadHistory,

    /// <summary>Recall a message of one's own.</summary>
    Recall,
    RecallOthers,
    DeleteMessages,
    ModifyMessage,
    ReadReceipts,
    MessageExtensions,
    Import,
    SetUnread,
    ChangeAttributes,
    ClearAttributes,
    ChangeCounters,
    CountOnline,
    Ban,
    SetLiveAdmin,

    /// <summary>Create, change and delete topics.</summary>
    ManageTopics,
}
