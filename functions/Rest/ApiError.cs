namespace Parley.Rest;

/// <summary>An error as callers see it. They branch on <see cref="Code"/>; <see cref="Info"/> is for people.</summary>
/// <remarks>
/// Source: the API's error catalogue. A code appears as a number here and nowhere else; where the catalogue
/// leaves the choice open, the choice is written in docs/decisions/0002-error-codes.md.
/// </remarks>
public sealed record ApiError(int Code, string Info)
{
    // Access layer
    public static readonly ApiError UrlParameter = new(60002, "A parameter of the URL is not allowed.");
    public static readonly ApiError BodyJson = new(60003, "The body is not a JSON object.");
    public static readonly ApiError MissingCredentials = new(60004, "identifier or usersig is missing or malformed.");
    public static readonly ApiError UnknownApp = new(60006, "The sdkappid is not known here.");
    public static readonly ApiError AccessInternal = new(60008, "Internal error; retry.");
    public static readonly ApiError UnknownCommand = new(60009, "No such service or command.");
    public static readonly ApiError AdminRequired = new(60010, "Only an app administrator may do this.");
    public static readonly ApiError MissingApp = new(60012, "sdkappid is missing in the URL.");
    public static readonly ApiError TooManyGuests = new(60011, "More guests want to connect than this instance admits; retry later.");
    public static readonly ApiError AppDisabled = new(60016, "The app is disabled.");

    // UserSig and accounts
    public static readonly ApiError SigExpired = new(70001, "The UserSig has expired.");
    public static readonly ApiError SigEmpty = new(70002, "The UserSig is empty.");
    public static readonly ApiError SigUnreadable = new(70003, "The UserSig cannot be decoded.");
    public static readonly ApiError SigForged = new(70009, "The UserSig was not signed with a secret of this app.");
    public static readonly ApiError SigOfOtherAccount = new(70013, "The UserSig belongs to another identifier.");
    public static readonly ApiError SigOfOtherApp = new(70014, "The UserSig belongs to another sdkappid.");
    public static readonly ApiError SigKeyMissing = new(70016, "The app has no public key for UserSigs of version 1.");
    public static readonly ApiError AccountNotFound = new(70107, "The account does not exist.");
    public static readonly ApiError AccountParameter = new(70402, "A parameter is missing or invalid.");
    public static readonly ApiError AccountInternal = new(70500, "Internal error; retry.");
    public static readonly ApiError IdentityExpired = new(70101, "The id_token has expired; log in at the provider again.");
    public static readonly ApiError IdentityRefused = new(70005, "The provider's proof of identity was not accepted; log in at the provider again.");
    public static readonly ApiError ProviderSilent = new(70169, "The login provider did not answer, or not as it should; retry.");
    public static readonly ApiError IdentityTaken = new(70421, "The identity belongs to another account; unbind it there first.");
    public static readonly ApiError SigRevoked = new(70052, "The UserSig was made before the account was kicked or deleted; make a new one.");
    public static readonly ApiError AccountQuotaReached = new(70398, "The app has as many accounts as it may have.");
    public static readonly ApiError AlreadyRegistered = new(70421, "The account is registered already.");
    public static readonly ApiError DeletionNotAllowed = new(71000, "This app does not allow accounts to be deleted.");
    public static readonly ApiError ProfileValueTooLong = new(40601, "A profile value is longer than 500 bytes.");

    // Profiles
    public static readonly ApiError ProfileParameter = new(40001, "The body is no JSON object, or a parameter is missing or invalid.");
    public static readonly ApiError ProfileAccountMissing = new(40002, "To_Account is missing.");
    public static readonly ApiError ProfileAccountUnknown = new(40003, "The account does not exist.");
    public static readonly ApiError ProfileAdminRequired = new(40004, "Only an app administrator may set the profile of another account.");
    public static readonly ApiError ProfileTextDirty = new(40005, "The text contains a dirty word of the app.");
    public static readonly ApiError ProfileInternal = new(40006, "Internal error; retry.");
    public static readonly ApiError ProfileNotReadable = new(40007, "The caller may not read this field.");
    public static readonly ApiError ProfileNotWritable = new(40008, "The caller may not write this field.");
    public static readonly ApiError ProfileTagUnknown = new(40009, "There is no such tag; custom ones are declared in the app's settings.");
    public static readonly ApiError ProfileTextTooLong = new(40601, "The value is too long.");
    public static readonly ApiError ProfileValueInvalid = new(40605, "The value is not one of those that the field can have.");
    public static readonly ApiError ProfileValueType = new(40610, "The value is of the wrong JSON type.");

    // Relationships; callers compare the texts of the reference, which begin with Err_
    public static readonly ApiError RelationParameter = new(30001, "The body is no JSON object, or a parameter is missing or invalid.");
    public static readonly ApiError RelationWithOneself = new(30001, "An account has no relation to itself.");
    public static readonly ApiError AlreadyFriend = new(30001, "Err_SNS_FriendAdd_Friend_Exist");
    public static readonly ApiError NotAFriendToUpdate = new(30001, "The account is no friend.");
    public static readonly ApiError NotAFriendToRead = new(30001, "Err_SNS_FriendGetList_Friend_Not_Exist");
    public static readonly ApiError AlreadyBlacklisted = new(30001, "Err_SNS_BlackListAdd_Already_Exist");
    public static readonly ApiError NotBlacklisted = new(30001, "The account is not on the blacklist.");
    public static readonly ApiError RelationAccountUnknown = new(30003, "The account does not exist.");
    public static readonly ApiError RelationAdminRequired = new(30004, "Only an app administrator may do this.");
    public static readonly ApiError RelationTextDirty = new(30005, "The text contains a dirty word of the app.");
    public static readonly ApiError RelationInternal = new(30006, "Internal error; retry.");
    public static readonly ApiError MayNotAsk = new(30009, "Err_SNS_FriendAdd_Forbid_By_Admin");
    public static readonly ApiError FriendsFull = new(30010, "The account has as many friends as it may have.");
    public static readonly ApiError FriendsFullAtImport = new(30010, "Err_SNS_FriendImport_My_Friend_Num_Exceed_Threshold");
    public static readonly ApiError FriendGroupsFull = new(30011, "Err_SNS_FriendUpdate_Group_Num_Exceed_Threshold");
    public static readonly ApiError RequestsFull = new(30012, "One of the two has as many open requests as it may have.");
    public static readonly ApiError BlacklistFull = new(30013, "The account has as many others on its blacklist as it may have.");
    public static readonly ApiError PeerFriendsFull = new(30014, "The other account has as many friends as it may have.");
    public static readonly ApiError PeerBlacklisted = new(30515, "The other account is on the own blacklist.");
    public static readonly ApiError RequestsDenied = new(30516, "The other account takes no requests.");
    public static readonly ApiError BlacklistedByPeer = new(30525, "The account is on the other's blacklist.");
    public static readonly ApiError RequestFiled = new(30539, "The other account has been asked and must agree.");
    public static readonly ApiError RequestNotFound = new(30614, "There is no such request, or no more.");
    public static readonly ApiError NotAFriend = new(31704, "The account is no friend.");
    public static readonly ApiError NotAFriendToGroup = new(32216, "Err_SNS_GroupAdd_ToTinyId_Not_Friend");

    // One-to-one messages
    public static readonly ApiError SenderBlacklisted = new(20007, "The sender is on the receiver's blacklist.");
    public static readonly ApiError NoFriendship = new(20009, "The two are no friends, and the app demands it.");
    public static readonly ApiError SenderNoFriend = new(20010, "The sender is no friend of the receiver's, and the app demands it.");
    public static readonly ApiError ReceiverNoFriend = new(20011, "The receiver is no friend of the sender's, and the app demands it.");
    public static readonly ApiError UnknownSender = new(20003, "The sender is not an account of this app.");
    public static readonly ApiError RecallTimeOver = new(20016, "The time for recalling the message is over.");
    public static readonly ApiError MessageNotFound = new(20022, "There is no such message.");
    public static readonly ApiError MessageRecalled = new(20023, "The message was recalled before.");
    public static readonly ApiError ExtensionParameter = new(10004, "A parameter is missing or invalid.");
    public static readonly ApiError ExtensionInternal = new(10002, "Internal error; retry.");
    public static readonly ApiError ExtensionConflict = new(23001, "The pair has another Seq.");
    public static readonly ApiError ExtensionNotSupported = new(23002, "The message takes no extensions.");
    public static readonly ApiError ExtensionTooOften = new(23003, "At most 200 changes a minute for one message.");
    public static readonly ApiError ExtensionOfNoMessage = new(23004, "There is no such message.");
    public static readonly ApiError SenderMuted = new(20012, "The sender may not speak at present.");
    public static readonly ApiError MessageJson = new(90001, "The body is not a JSON object.");
    public static readonly ApiError MessageNumber = new(90001, "A number is missing, or is none.");
    public static readonly ApiError MessageFormat = new(90002, "MsgBody does not fit the message format.");
    public static readonly ApiError ReceiverInvalid = new(90003, "The account is missing, not a string, or does not exist.");
    public static readonly ApiError TooManyPeers = new(90003, "At most 10 accounts may be named.");
    public static readonly ApiError MsgSeqInvalid = new(90004, "Must be an unsigned 32-bit integer.");
    public static readonly ApiError MsgRandomInvalid = new(90005, "Must be an unsigned 32-bit integer.");
    public static readonly ApiError MsgTimeStampInvalid = new(90006, "Must be an integer.");
    public static readonly ApiError MsgBodyNotArray = new(90007, "MsgBody must be an array.");
    public static readonly ApiError FromAccountInvalid = new(90008, "The account is missing, not a string, or does not exist.");
    public static readonly ApiError MessageContent = new(90010, "An element does not fit its message type.");
    public static readonly ApiError TooManyReceivers = new(90011, "At most 500 accounts may be named.");
    public static readonly ApiError ReceiverNotImported = new(90012, "invalid To_Account");
    public static readonly ApiError LifeTimeRange = new(90026, "MsgLifeTime must not be negative.");
    public static readonly ApiError SyncFromOldSystemInvalid = new(90030, "Must be 1, 2 or 5.");
    public static readonly ApiError SyncOtherMachineInvalid = new(90031, "Must be 1 or 2.");
    public static readonly ApiError OfflinePushInvalid = new(90043, "OfflinePushInfo does not fit its format.");
    public static readonly ApiError LifeTimeInvalid = new(90044, "Must be an integer.");
    public static readonly ApiError MsgKeyInvalid = new(90054, "The MsgKey is malformed.");
    public static readonly ApiError MessageInternal = new(91000, "Internal error; retry.");
    public static readonly ApiError MessageTooLarge = new(93000, "The message is too large.");

    // Groups
    public static readonly ApiError GroupInternal = new(10002, "Internal error; retry.");
    public static readonly ApiError GroupParameter = new(10004, "A parameter is missing or invalid, or the group's type does not take it.");
    public static readonly ApiError TooManyMembersNamed = new(10005, "Too many accounts are named.");
    public static readonly ApiError GroupQuotaReached = new(10006, "The app has as many groups of that kind as it may have, or created too many today.");
    public static readonly ApiError GroupNotPermitted = new(10007, "The caller's role in the group does not permit it.");
    public static readonly ApiError GroupTypeNotSupported = new(10007, "Groups of this type do not have it.");
    public static readonly ApiError OwnerMayNotLeave = new(10009, "The owner may not leave a group of this type.");
    public static readonly ApiError GroupNotFound = new(10010, "The group does not exist, or was dismissed.");
    public static readonly ApiError GroupJson = new(10011, "The body is not a JSON object.");
    public static readonly ApiError AlreadyMember = new(10013, "The account is a member already.");
    public static readonly ApiError GroupFull = new(10014, "The group would have more members than it may have.");
    public static readonly ApiError GroupIdInvalid = new(10015, "The group's name is malformed.");
    public static readonly ApiError BannedFromRoom = new(10007, "The account is banned from the room.");
    public static readonly ApiError GroupSenderMuted = new(10017, "The sender may not speak in the group at present.");
    public static readonly ApiError GroupAnswerTooLarge = new(10018, "The answer would be larger than 1 MB; ask for less.");
    public static readonly ApiError GroupAccountNotFound = new(10019, "The account does not exist.");
    public static readonly ApiError GroupIdTaken = new(10021, "There is a group of that name.");
    public static readonly ApiError GroupIdTakenByOwner = new(10025, "There is a group of that name, and the owner is the same: use it.");
    public static readonly ApiError GroupTooOften = new(10023, "That is more often than allowed; repeat the call a second later.");
    public static readonly ApiError AlreadyHandled = new(10024, "The application or invitation was answered before.");
    public static readonly ApiError GroupMessageNotFound = new(10030, "There is no such message.");
    public static readonly ApiError GroupRecallTimeOver = new(10031, "The time for recalling the message is over.");
    public static readonly ApiError GroupMessageNotRecallable = new(10032, "The entry cannot be recalled.");
    public static readonly ApiError GroupHasNoRecall = new(10033, "Groups of this type have no recall.");
    public static readonly ApiError GroupHasNoDeletion = new(10035, "Groups of this type have no messages to delete.");
    public static readonly ApiError TooManyLiveRooms = new(10036, "The app has as many AVChatRooms as it may have.");
    public static readonly ApiError TooManyGroupsOfAccount = new(10037, "The account is in as many groups as it may be in.");
    public static readonly ApiError MemberLimitTooHigh = new(10038, "Groups of this type may not have that many members.");
    public static readonly ApiError GroupHasNoHistory = new(10044, "Groups of this type have no message history.");
    public static readonly ApiError NoGroupMember = new(10004, "The account is no member of the group.");
    public static readonly ApiError AttributeKeySize = new(10045, "A key of the attributes may have 32 bytes.");
    public static readonly ApiError AttributeValueSize = new(10046, "A value of the attributes may have 4000 bytes.");
    public static readonly ApiError TooManyAttributes = new(10047, "A group may have 16 attributes.");
    public static readonly ApiError AttributesTooLarge = new(10048, "The values of a group's attributes may have 16000 bytes together.");
    public static readonly ApiError AttributesTooOften = new(10049, "The attributes of a group may be changed five times a second.");
    public static readonly ApiError AttributeNotFound = new(10050, "The group has no such attribute.");
    public static readonly ApiError TooManyCounters = new(10063, "A group may have 20 counters.");
    public static readonly ApiError TooManyMentions = new(10053, "At most 30 mentions are possible.");
    public static readonly ApiError GroupTooLargeForReceipts = new(10060, "The group has too many members for read receipts.");
    public static readonly ApiError NoReceiptOfOnlineMessage = new(10061, "Messages that are only delivered online have no read receipts.");
    public static readonly ApiError ReceiptNotFound = new(10062, "The message has no read receipts.");
    public static readonly ApiError TopicsNotSupported = new(11000, "The group has no topics, or the command none.");
    public static readonly ApiError TooManyTopics = new(10037, "A community may have 200 topics.");
    public static readonly ApiError TopicIdTaken = new(10021, "There is a topic of that name.");
    public static readonly ApiError TopicNotFound = new(110003, "The topic does not exist, or was deleted.");
    public static readonly ApiError GroupModifyUnsupported = new(20001, "Messages of groups of this type cannot be modified.");
    public static readonly ApiError GroupOfMessageNotFound = new(20003, "The group does not exist.");
    public static readonly ApiError GroupMessageTooLarge = new(80002, "The message is too large.");

    // Callbacks
    public static readonly ApiError MessageRefusedByCallback = new(20006, "The app's callback refused the message.");
    public static readonly ApiError MessageCallbackFailed = new(80003, "The app's callback before sending failed, and the app wants nothing sent then.");
    public static readonly ApiError GroupRefusedByCallback = new(10016, "The app's callback refused it.");
    public static readonly ApiError GroupCallbackFailed = new(10016, "The app's callback failed, and the app wants nothing done then.");
    public static readonly ApiError RelationRefusedByCallback = new(38000, "The app's callback refused it.");
    public static readonly ApiError RelationCallbackFailed = new(38000, "The app's callback failed, and the app wants nothing done then.");

    public static readonly ApiError CallbackCommandUnknown = new(70402, "There is no such callback.");
    public static readonly ApiError CallbackDays = new(70402, "Must be from 1 to 30.");
    public static readonly ApiError DeadCallbacksPage = new(70402, "Must be from 1 to 100.");
    public static readonly ApiError DeadCallbacksNamed = new(70402, "Either a list of 1 to 100 ids or one callback must be named.");

    // Dirty words
    public static readonly ApiError DirtyWordsInternal = new(10002, "Internal error; retry.");
    public static readonly ApiError DirtyWordsParameter = new(10004, "A list of 1 to 50 words of 1 to 200 bytes is needed.");
    public static readonly ApiError TooManyDirtyWords = new(10007, "An app can have at most 1000 dirty words.");
    public static readonly ApiError DirtyMessage = new(80001, "The text contains a dirty word of the app.");

    // Conversations
    public static readonly ApiError ConversationAccount = new(50001, "The account does not exist.");
    public static readonly ApiError ConversationParameter = new(50002, "The body is no JSON object, or a parameter is missing or invalid.");
    public static readonly ApiError ConversationInternal = new(50004, "Internal error; retry.");
    public static readonly ApiError MarkCount = new(51006, "From 1 to 100 conversations can be marked in a call.");
    public static readonly ApiError ConversationOfNoGroup = new(51007, "There is no such group.");
    public static readonly ApiError TooManyKept = new(51008, "At most 1000 conversations can be in groups or marked.");
    public static readonly ApiError ContactGroupNotFound = new(51009, "There is no such conversation group.");
    public static readonly ApiError TooManyContactGroups = new(51010, "At most 20 conversation groups are possible.");
    public static readonly ApiError ContactGroupName = new(51011, "The name is longer than 32 bytes.");
    public static readonly ApiError TooManyPinned = new(51012, "At most 50 conversations can be pinned.");

    // App settings
    public static readonly ApiError ConfigJson = new(130001, "The body is not a JSON object.");
    public static readonly ApiError ConfigInternal = new(130014, "Internal error; retry.");
    public static readonly ApiError SettingUnknown = new(70402, "There is no such setting, or it is not to be set here.");
    public static readonly ApiError SettingInvalid = new(70402, "The value is not allowed.");
    public static readonly ApiError SettingsTooLarge = new(70402, "All settings together are too large.");
    public static readonly ApiError SettingLocksOut = new(70402, "The caller would not be an administrator with a valid UserSig any more.");

    // Online status
    public static readonly ApiError NobodyNamed = new(90001, "The list is empty.");

    // Configuration service
    public static readonly ApiError GetAccountMissing = new(130002, "Get_Account is missing.");
    public static readonly ApiError GetAccountInvalid = new(130003, "Get_Account is not an account of this app.");
    public static readonly ApiError SetAccountMissing = new(130004, "Set_Account is missing.");
    public static readonly ApiError SetAccountInvalid = new(130005, "Set_Account is not an account of this app.");
    public static readonly ApiError C2CMuteInvalid = new(130006, "Must be an unsigned 32-bit integer.");
    public static readonly ApiError GroupMuteInvalid = new(130007, "Must be an unsigned 32-bit integer.");
    public static readonly ApiError MuteMissing = new(130008, "C2CmsgNospeakingTime or GroupmsgNospeakingTime must be given.");

    // History files
    public static readonly ApiError HistoryParameter = new(1002, "A parameter is missing or invalid, or the caller is no administrator.");
    public static readonly ApiError HistoryInternal = new(1003, "Internal error; retry.");
    public static readonly ApiError HistoryNotReady = new(1004, "The file is not made yet, or there was no message in that hour.");
    public static readonly ApiError HistoryNotKept = new(1004, "There is no file: the app's setting KeepsHistoryFiles is off.");
    public static readonly ApiError HistoryExpired = new(1005, "Files are kept for seven days.");

    // Tasks, exports, erasure
    public static readonly ApiError TaskParameter = new(70402, "A parameter is missing or invalid.");
    public static readonly ApiError TaskNotFound = new(70402, "The app has no such task, or no more.");
    public static readonly ApiError ExportUnreadable = new(70402, "There is no such export, or its manifest has another checksum.");
    public static readonly ApiError ExportOfAnother = new(70402, "The export is of another app than SdkAppId says.");
    public static readonly ApiError RestoreUnderWay = new(70402, "Another export is being restored into the app.");
    public static readonly ApiError TargetNotEmpty = new(70402, "The app has accounts or groups. With Force 1 they are deleted before the export is restored.");
    public static readonly ApiError AppRestoring = new(60016, "An export is being restored into the app; retry later.");

    // Statistics
    public static readonly ApiError StatisticsFields = new(70402, "Must be a list of field names.");
    public static readonly ApiError StatisticsQuery = new(130011, "The figures could not be read from storage; retry.");
    public static readonly ApiError StatisticsUnreadable = new(130012, "A stored figure cannot be read.");

    /// <summary>The same error, saying which field it is about.</summary>
    public ApiError In(string field) => this with { Info = $"{field}: {Info}" };
}
