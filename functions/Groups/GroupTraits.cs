using Parley.Apps;

namespace Parley.Groups;

/// <summary>What is true of all groups of a type.</summary>
/// <param name="Alias">The later name that is accepted besides.</param>
/// <param name="MaxMembers">Most members where the group says nothing, and the most that it may say; 0 for any number.</param>
/// <param name="IsLive">A live room: neither members nor messages are stored.</param>
/// <param name="CountsUnread">Whether members see how much they have not read.</param>
/// <param name="NeedsMessage">Until the first message it is seen only by its owner.</param>
/// <param name="ShowsEarlierHistory">Whether members see what was said before they came, where the group says nothing.</param>
/// <param name="Receive">What new members receive.</param>
/// <param name="Applying">How applications are dealt with where the group says nothing.</param>
public sealed record GroupTraits(
    GroupType Type, string Alias, int MaxMembers, bool IsLive, bool CountsUnread, bool NeedsMessage, bool ShowsEarlierHistory, TipKind Tips,
    ReceiveOption Receive, JoinOption Applying)
{
    /// <summary>Accounts and guests come in and go out, and the room counts them: AVChatRooms.</summary>
    public bool IsEntered { get; init; }

    /// <summary>Every connection of the app hears it, without coming in: BChatRooms.</summary>
    public bool IsHeardByAll { get; init; }

    /// <summary>What the names begin with that we give.</summary>
    public string IdPrefix { get; init; } = GroupKey.AssignedPrefix;

    /// <summary>Whether ApplyJoinOption can be set.</summary>
    public bool HasApplyOption { get; init; } = true;

    /// <summary>Whether the callback about the group's end names its members.</summary>
    public bool NamesMembersAtEnd { get; init; } = true;

    /// <summary>Whether HistoryMsgBeforeJoin can be set.</summary>
    public bool HasHistoryOption { get; init; } = true;

    private static readonly GroupTraits[] All =
    [
        new(GroupType.Private, "Work", 200, false, true, true, false, TipKind.Stored, ReceiveOption.AcceptAndNotify, JoinOption.DisableApply),
        new(GroupType.Public, "Public", 2_000, false, true, false, false, TipKind.Stored, ReceiveOption.AcceptAndNotify, JoinOption.NeedPermission),
        new(GroupType.ChatRoom, "Meeting", 6_000, false, false, false, true, TipKind.None, ReceiveOption.AcceptNotNotify, JoinOption.FreeAccess),
        new(GroupType.AVChatRoom, "AVChatRoom", 0, true, false, false, false, TipKind.Pushed, ReceiveOption.AcceptNotNotify, JoinOption.FreeAccess) { IsEntered = true, HasHistoryOption = false, NamesMembersAtEnd = false },
        new(GroupType.BChatRoom, "BChatRoom", 0, true, false, false, false, TipKind.None, ReceiveOption.AcceptNotNotify, JoinOption.FreeAccess) { IsHeardByAll = true, HasHistoryOption = false, NamesMembersAtEnd = false },
        new(GroupType.Community, "Community", 100_000, false, true, false, true, TipKind.None, ReceiveOption.AcceptNotNotify, JoinOption.FreeAccess)
        {
            IdPrefix = GroupKey.CommunityPrefix,
            HasApplyOption = false,
            HasHistoryOption = false,
            NamesMembersAtEnd = false,
        },
    ];

    public static GroupTraits Of(GroupType type) => All[(int)type];

    /// <summary>Reads the name of a type, in either generation's spelling.</summary>
    public static bool TryParse(string name, out GroupType type)
    {
        var found = Array.Find(All, traits => traits.Type.ToString() == name || traits.Alias == name);
        type = found?.Type ?? default;
        return found is not null;
    }
}

/// <summary>How members hear that others come and go.</summary>
public enum TipKind
{
    None,

    /// <summary>An event to those who are connected.</summary>
    Pushed,

    /// <summary>An entry of the group's log, with a number of its own.</summary>
    Stored,
}
