using Parley.Accounts;
using Parley.Messages;
using Parley.Profiles;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

public static class RelationServices
{
    private const string Service = "sns";

    public static IServiceCollection AddRelationships(this IServiceCollection services) => services
        .AddSingleton<RelationUpkeep>().AddSingleton<RelationMending>().AddSingleton<RelationWriter>().AddSingleton<RelationCallbacks>().AddSingleton<RelationReader>().AddSingleton<RelationBatch>().AddSingleton<RelationTextCheck>().AddSingleton<RequestExpiry>().AddSingleton<ISweptRows, RelationSweep>()
        .AddSingleton<FriendEditor>().AddSingleton<FriendFields>().AddSingleton<FriendGroups>()
        .AddSingleton<IAccountBelonging>(provider => provider.GetRequiredService<RelationUpkeep>())
        .AddSingleton<IProfileAudience>(provider => provider.GetRequiredService<RelationReader>())
        .AddSingleton<IReceiverCheck, RelationCheck>()
        .AddSingleton<AddFriends>().AddSingleton<ImportFriends>().AddSingleton<UpdateFriends>().AddSingleton<DeleteFriends>().AddSingleton<DeleteAllFriends>()
        .AddSingleton<CheckFriends>().AddSingleton<GetFriends>().AddSingleton<GetAllFriends>().AddSingleton<GetFriendsByName>()
        .AddSingleton<AddToBlacklist>().AddSingleton<RemoveFromBlacklist>().AddSingleton<GetBlacklist>().AddSingleton<CheckBlacklist>()
        .AddSingleton<AddFriendGroups>().AddSingleton<DeleteFriendGroups>().AddSingleton<GetFriendGroups>()
        .AddSingleton<GetFriendRequests>().AddSingleton<AnswerFriendRequests>().AddSingleton<DeleteFriendRequests>().AddSingleton<MarkFriendRequestsSeen>();

    public static CommandRegistry MapRelationships(this CommandRegistry commands) => commands
        .Map<AddFriends, AddFriendsRequest, RelationResultsResponse>(Service, "friend_add", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<ImportFriends, ImportFriendsRequest, RelationResultsResponse>(Service, "friend_import", Callers.Admins, ParleyJson.Wire.RelationResultsResponse)
        .Map<UpdateFriends, UpdateFriendsRequest, RelationResultsResponse>(Service, "friend_update", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<DeleteFriends, DeleteFriendsRequest, RelationResultsResponse>(Service, "friend_delete", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<DeleteAllFriends, DeleteAllFriendsRequest, DisplayEnvelope>(Service, "friend_delete_all", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope)
        .Map<CheckFriends, CheckFriendsRequest, CheckFriendsResponse>(Service, "friend_check", Callers.Everyone, ParleyJson.Wire.CheckFriendsResponse)
        .Map<GetFriends, GetFriendsRequest, GetFriendsResponse>(Service, "friend_get", Callers.Everyone, ParleyJson.Wire.GetFriendsResponse)
        .Map<GetAllFriends, GetAllFriendsRequest, GetAllFriendsResponse>(Service, "friend_get_all", Callers.Everyone, ParleyJson.Wire.GetAllFriendsResponse)
        .Map<GetFriendsByName, GetFriendsByNameRequest, GetFriendsByNameResponse>(Service, "friend_get_list", Callers.Everyone, ParleyJson.Wire.GetFriendsByNameResponse)
        .Map<AddToBlacklist, BlacklistRequest, RelationResultsResponse>(Service, "black_list_add", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<RemoveFromBlacklist, BlacklistRequest, RelationResultsResponse>(Service, "black_list_delete", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<GetBlacklist, GetBlacklistRequest, GetBlacklistResponse>(Service, "black_list_get", Callers.Everyone, ParleyJson.Wire.GetBlacklistResponse)
        .Map<CheckBlacklist, CheckBlacklistRequest, CheckBlacklistResponse>(Service, "black_list_check", Callers.Everyone, ParleyJson.Wire.CheckBlacklistResponse)
        .Map<AddFriendGroups, AddFriendGroupsRequest, FriendGroupsResponse>(Service, "group_add", Callers.Everyone, ParleyJson.Wire.FriendGroupsResponse)
        .Map<DeleteFriendGroups, DeleteFriendGroupsRequest, FriendGroupsResponse>(Service, "group_delete", Callers.Everyone, ParleyJson.Wire.FriendGroupsResponse)
        .Map<GetFriendGroups, GetFriendGroupsRequest, GetFriendGroupsResponse>(Service, "group_get", Callers.Everyone, ParleyJson.Wire.GetFriendGroupsResponse)
        .Map<GetFriendRequests, GetFriendRequestsRequest, GetFriendRequestsResponse>(Service, "pendency_get", Callers.Everyone, ParleyJson.Wire.GetFriendRequestsResponse)
        .Map<AnswerFriendRequests, AnswerRequestsRequest, RelationResultsResponse>(Service, "friend_response", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<DeleteFriendRequests, DeleteRequestsRequest, RelationResultsResponse>(Service, "pendency_delete", Callers.Everyone, ParleyJson.Wire.RelationResultsResponse)
        .Map<MarkFriendRequestsSeen, MarkRequestsSeenRequest, DisplayEnvelope>(Service, "pendency_report", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope);
}
