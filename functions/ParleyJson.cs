using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Apps;
using Parley.Archives;
using Parley.Callbacks;
using Parley.Connections;
using Parley.Conversations;
using Parley.Delivery;
using Parley.Events;
using Parley.Groups;
using Parley.Groups.Attributes;
using Parley.Groups.Callbacks;
using Parley.Groups.Lifecycle;
using Parley.Groups.Live;
using Parley.Groups.Members;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Profiles;
using Parley.Groups.Topics;
using Parley.Health;
using Parley.History;
using Parley.Logins;
using Parley.Messages;
using Parley.Moderation;
using Parley.Privacy;
using Parley.Profiles;
using Parley.Relationships;
using Parley.Rest;
using Parley.Settings;
using Parley.Statistics;
using Parley.Tasks;

namespace Parley;

/// <summary>Every type that crosses the wire or a queue as a whole; Native AOT serialises no other.</summary>
[JsonSerializable(typeof(App))]
[JsonSerializable(typeof(LoginPolicy))]
[JsonSerializable(typeof(AllowType))]
[JsonSerializable(typeof(CallbackFailurePolicy))]
[JsonSerializable(typeof(IReadOnlyList<CustomField>))]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(AppSettingsResponse))]
[JsonSerializable(typeof(AddressesResponse))]
[JsonSerializable(typeof(DirtyWordsResponse))]
[JsonSerializable(typeof(AppInfoResponse))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>))]
[JsonSerializable(typeof(ImportAccountsResponse))]
[JsonSerializable(typeof(CheckAccountsResponse))]
[JsonSerializable(typeof(LoginResponse))]
[JsonSerializable(typeof(IdentitiesResponse))]
[JsonSerializable(typeof(SendMessageResponse))]
[JsonSerializable(typeof(SendMessagesResponse))]
[JsonSerializable(typeof(RoamingMessagesResponse))]
[JsonSerializable(typeof(UnreadCountsResponse))]
[JsonSerializable(typeof(ConversationLogResponse))]
[JsonSerializable(typeof(SyncResponse))]
[JsonSerializable(typeof(SetExtensionsResponse))]
[JsonSerializable(typeof(GetExtensionsResponse))]
[JsonSerializable(typeof(C2CEvent))]
[JsonSerializable(typeof(DisplayEnvelope))]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(GetEventsResponse))]
[JsonSerializable(typeof(GetConversationsResponse))]
[JsonSerializable(typeof(CreateContactGroupResponse))]
[JsonSerializable(typeof(UpdateContactGroupResponse))]
[JsonSerializable(typeof(DeleteContactGroupResponse))]
[JsonSerializable(typeof(MarkContactsResponse))]
[JsonSerializable(typeof(SearchContactsResponse))]
[JsonSerializable(typeof(GetContactsResponse))]
[JsonSerializable(typeof(GetSettingsResponse))]
[JsonSerializable(typeof(ConversationSettingsEvent))]
[JsonSerializable(typeof(IReadOnlyList<StoredGroup>))]
[JsonSerializable(typeof(IReadOnlyList<StoredAttempt>))]
[JsonSerializable(typeof(GetProfilesResponse))]
[JsonSerializable(typeof(ProfileContent))]
[JsonSerializable(typeof(FriendProfileEvent))]
[JsonSerializable(typeof(FriendEntry))]
[JsonSerializable(typeof(FriendRequest))]
[JsonSerializable(typeof(IReadOnlyList<FriendGroup>))]
[JsonSerializable(typeof(RelationContent))]
[JsonSerializable(typeof(FriendUpdateContent))]
[JsonSerializable(typeof(RequestsSeenContent))]
[JsonSerializable(typeof(RelationResultsResponse))]
[JsonSerializable(typeof(CheckFriendsResponse))]
[JsonSerializable(typeof(CheckBlacklistResponse))]
[JsonSerializable(typeof(GetFriendsResponse))]
[JsonSerializable(typeof(GetAllFriendsResponse))]
[JsonSerializable(typeof(GetFriendsByNameResponse))]
[JsonSerializable(typeof(GetBlacklistResponse))]
[JsonSerializable(typeof(FriendGroupsResponse))]
[JsonSerializable(typeof(GetFriendGroupsResponse))]
[JsonSerializable(typeof(GetFriendRequestsResponse))]
[JsonSerializable(typeof(NegotiateResponse))]
[JsonSerializable(typeof(DeleteAccountsResponse))]
[JsonSerializable(typeof(GetMuteResponse))]
[JsonSerializable(typeof(QueryOnlineStatusResponse))]
[JsonSerializable(typeof(KickedEvent))]
[JsonSerializable(typeof(DeliverJob))]
[JsonSerializable(typeof(LentKeyAnswer))]
[JsonSerializable(typeof(CallbackJob))]
[JsonSerializable(typeof(CallbackStatisticsResponse))]
[JsonSerializable(typeof(Dictionary<string, IReadOnlyList<long>>))]
[JsonSerializable(typeof(DeadCallbacksResponse))]
[JsonSerializable(typeof(RedeliverCallbacksResponse))]
[JsonSerializable(typeof(RequestedFriendsFields))]
[JsonSerializable(typeof(AnsweredRequestsFields))]
[JsonSerializable(typeof(PairListFields))]
[JsonSerializable(typeof(ChangedProfileFields))]
[JsonSerializable(typeof(StateChangeFields))]
[JsonSerializable(typeof(SentMessageFields))]
[JsonSerializable(typeof(MessagesReadFields))]
[JsonSerializable(typeof(RecalledMessageFields))]
[JsonSerializable(typeof(GroupEvent))]
[JsonSerializable(typeof(GroupNotice))]
[JsonSerializable(typeof(GroupCallbackFields))]
[JsonSerializable(typeof(IReadOnlyList<TipElement>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(CreateGroupResponse))]
[JsonSerializable(typeof(ApplyToJoinResponse))]
[JsonSerializable(typeof(JoinRequestsResponse))]
[JsonSerializable(typeof(AddGroupMembersResponse))]
[JsonSerializable(typeof(GroupDescription))]
[JsonSerializable(typeof(MemberDescription))]
[JsonSerializable(typeof(MembersChange))]
[JsonSerializable(typeof(NamedGroup))]
[JsonSerializable(typeof(ShuttedAccount))]
[JsonSerializable(typeof(MutedAccount))]
[JsonSerializable(typeof(AttributeChange))]
[JsonSerializable(typeof(CountersChange))]
[JsonSerializable(typeof(ListGroupsResponse))]
[JsonSerializable(typeof(GetGroupsResponse))]
[JsonSerializable(typeof(ListJoinedGroupsResponse))]
[JsonSerializable(typeof(ListGroupMembersResponse))]
[JsonSerializable(typeof(GetGroupMembersResponse))]
[JsonSerializable(typeof(GetGroupRolesResponse))]
[JsonSerializable(typeof(GetGroupMutesResponse))]
[JsonSerializable(typeof(GetGroupAttributesResponse))]
[JsonSerializable(typeof(GroupCountersResponse))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(SendGroupMessageResponse))]
[JsonSerializable(typeof(GetGroupMessagesResponse))]
[JsonSerializable(typeof(RecallGroupMessagesResponse))]
[JsonSerializable(typeof(GetGroupReceiptsResponse))]
[JsonSerializable(typeof(GetGroupReceiptDetailResponse))]
[JsonSerializable(typeof(IReadOnlyList<ReceiptCount>))]
[JsonSerializable(typeof(ImportGroupMessagesResponse))]
[JsonSerializable(typeof(GetGroupLogResponse))]
[JsonSerializable(typeof(TopicDescription))]
[JsonSerializable(typeof(TopicSelf))]
[JsonSerializable(typeof(TopicAndSelf))]
[JsonSerializable(typeof(TopicsChange))]
[JsonSerializable(typeof(CreateTopicResponse))]
[JsonSerializable(typeof(GetTopicsResponse))]
[JsonSerializable(typeof(DestroyTopicsResponse))]
[JsonSerializable(typeof(SetGroupReadResponse))]
[JsonSerializable(typeof(SyncGroupsResponse))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(OnlineCountResponse))]
[JsonSerializable(typeof(LiveMembersResponse))]
[JsonSerializable(typeof(CheckLiveMembersResponse))]
[JsonSerializable(typeof(MarkLiveMembersResponse))]
[JsonSerializable(typeof(LiveAdminsResponse))]
[JsonSerializable(typeof(BannedMembersResponse))]
[JsonSerializable(typeof(SendBroadcastResponse))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(TaskJob))]
[JsonSerializable(typeof(IReadOnlyList<TaskFile>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, long>))]
[JsonSerializable(typeof(StartTaskResponse))]
[JsonSerializable(typeof(GetTaskResponse))]
[JsonSerializable(typeof(ListTasksResponse))]
[JsonSerializable(typeof(HistoryProgress))]
[JsonSerializable(typeof(IReadOnlyList<HistoryFile>))]
[JsonSerializable(typeof(GetHistoryResponse))]
[JsonSerializable(typeof(ArchivedBlob))]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(ExportProgress))]
[JsonSerializable(typeof(RestoreParameters))]
[JsonSerializable(typeof(RestoreProgress))]
[JsonSerializable(typeof(AccountExportProgress))]
[JsonSerializable(typeof(ErasureProgress))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
public sealed partial class ParleyJson : JsonSerializerContext
{
    /// <summary>Texts as UTF-8: the answers are JSON files and never part of a page.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>As all of it is written: absent instead of null.</summary>
    public static ParleyJson Wire { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = Encoder,
    });
}
