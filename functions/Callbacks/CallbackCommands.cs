using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>Every callback that an app can switch on.</summary>
/// <remarks>
/// Source: API reference, callbacks §3 to §7. Those that it knows by name only (§8) cannot be switched on. docs/api-coverage.md says which ones are sent.
/// </remarks>
public static class CallbackCommands
{
    private static readonly CallbackRefusal OfC2CMessages = new(ApiError.MessageRefusedByCallback, ApiError.MessageCallbackFailed, 120_001, 130_000, MayDrop: true);
    private static readonly CallbackRefusal OfGroupMessages = new(ApiError.GroupRefusedByCallback, ApiError.MessageCallbackFailed, 10_100, 10_200, MayDrop: true);
    private static readonly CallbackRefusal OfGroups = new(ApiError.GroupRefusedByCallback, ApiError.GroupCallbackFailed, 10_100, 10_200);
    private static readonly CallbackRefusal OfRelations = new(null, ApiError.RelationCallbackFailed, 38_000, 39_000);

    public static readonly CallbackCommand StateChange = new("State.StateChange");
    public static readonly CallbackCommand PortraitSet = new("Profile.CallbackPortraitSet");

    public static readonly CallbackCommand BeforeFriendAdd = new("Sns.CallbackPrevFriendAdd") { Refusal = OfRelations };
    public static readonly CallbackCommand BeforeFriendResponse = new("Sns.CallbackPrevFriendResponse") { Refusal = OfRelations };
    public static readonly CallbackCommand FriendAdd = new("Sns.CallbackFriendAdd");
    public static readonly CallbackCommand FriendDelete = new("Sns.CallbackFriendDelete");
    public static readonly CallbackCommand BlacklistAdd = new("Sns.CallbackBlackListAdd");
    public static readonly CallbackCommand BlacklistDelete = new("Sns.CallbackBlackListDelete");

    public static readonly CallbackCommand BeforeSendMessage = new("C2C.CallbackBeforeSendMsg") { Refusal = OfC2CMessages };
    public static readonly CallbackCommand AfterSendMessage = new("C2C.CallbackAfterSendMsg");
    public static readonly CallbackCommand AfterMessagesRead = new("C2C.CallbackAfterMsgReport");
    public static readonly CallbackCommand AfterRecallMessage = new("C2C.CallbackAfterMsgWithDraw");

    public static readonly CallbackCommand BeforeCreateGroup = new("Group.CallbackBeforeCreateGroup") { Refusal = OfGroups };
    public static readonly CallbackCommand AfterCreateGroup = new("Group.CallbackAfterCreateGroup");
    public static readonly CallbackCommand BeforeApplyToJoin = new("Group.CallbackBeforeApplyJoinGroup") { Refusal = OfGroups };
    public static readonly CallbackCommand BeforeInviteToJoin = new("Group.CallbackBeforeInviteJoinGroup") { Refusal = OfGroups };
    public static readonly CallbackCommand AfterMembersJoin = new("Group.CallbackAfterNewMemberJoin");
    public static readonly CallbackCommand AfterMembersLeave = new("Group.CallbackAfterMemberExit");
    public static readonly CallbackCommand BeforeSendGroupMessage = new("Group.CallbackBeforeSendMsg") { Refusal = OfGroupMessages };
    public static readonly CallbackCommand AfterSendGroupMessage = new("Group.CallbackAfterSendMsg");
    public static readonly CallbackCommand AfterGroupFull = new("Group.CallbackAfterGroupFull");
    public static readonly CallbackCommand AfterGroupDismissed = new("Group.CallbackAfterGroupDestroyed");
    public static readonly CallbackCommand AfterGroupInfoChanged = new("Group.CallbackAfterGroupInfoChanged");
    public static readonly CallbackCommand AfterRecallGroupMessages = new("Group.CallbackAfterRecallMsg");
    public static readonly CallbackCommand GroupMessageFailed = new("Group.CallbackSendMsgException");
    public static readonly CallbackCommand LiveMemberStateChange = new("Group.CallbackOnMemberStateChange");
    public static readonly CallbackCommand AfterGroupReceipts = new("Group.CallbackAfterReadReceipt");
    public static readonly CallbackCommand AfterGroupAttributesChanged = new("Group.CallbackAfterGroupAttrChanged");
    public static readonly CallbackCommand AfterGroupOwnerChanged = new("Group.CallbackAfterChangeGroupOwner");
    public static readonly CallbackCommand AfterGroupMemberChanged = new("Group.CallbackAfterMemberFieldChanged");
    public static readonly CallbackCommand GroupQuotaAlarm = new("Group.CallbackOnDailyGroupQuotaAlarm");

    public static readonly CallbackCommand BeforeCreateTopic = new("Group.CallbackBeforeCreateTopic") { Refusal = OfGroups };
    public static readonly CallbackCommand AfterCreateTopic = new("Group.CallbackAfterCreateTopic");
    public static readonly CallbackCommand AfterTopicsDeleted = new("Group.CallbackAfterTopicDestroyed");
    public static readonly CallbackCommand AfterTopicInfoChanged = new("Group.CallbackAfterTopicInfoChanged");

    public static IReadOnlyList<CallbackCommand> All { get; } =
    [
        StateChange, PortraitSet,
        BeforeFriendAdd, BeforeFriendResponse, FriendAdd, FriendDelete, BlacklistAdd, BlacklistDelete,
        BeforeSendMessage, AfterSendMessage, AfterMessagesRead, AfterRecallMessage,
        BeforeCreateGroup, AfterCreateGroup, BeforeApplyToJoin, BeforeInviteToJoin, AfterMembersJoin, AfterMembersLeave, BeforeSendGroupMessage,
        AfterSendGroupMessage, AfterGroupFull, AfterGroupDismissed, AfterGroupInfoChanged, AfterRecallGroupMessages, GroupMessageFailed, LiveMemberStateChange,
        AfterGroupReceipts, AfterGroupAttributesChanged, AfterGroupOwnerChanged, AfterGroupMemberChanged, GroupQuotaAlarm,
        BeforeCreateTopic, AfterCreateTopic, AfterTopicsDeleted, AfterTopicInfoChanged,
    ];

    private static readonly Dictionary<string, CallbackCommand> ByName = All.ToDictionary(command => command.Name);

    /// <summary>The command of that name; null when there is none.</summary>
    public static CallbackCommand? Find(string name) => ByName.GetValueOrDefault(name);
}
