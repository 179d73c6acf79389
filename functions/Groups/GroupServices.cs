using Parley.Accounts;
using Parley.Connections;
using Parley.Groups.Callbacks;
using Parley.Groups.Lifecycle;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Topics;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

public static class GroupServices
{
    public const string Service = "group_open_http_svc";

    public static IServiceCollection AddGroups(this IServiceCollection services) => services
        .AddSingleton<GroupStore>().AddSingleton<GroupDelivery>().AddSingleton<GroupTrimming>().AddSingleton<GroupMessageSender>()
        .AddSingleton<AppGroups>().AddSingleton<CreatedGroups>().AddSingleton<GroupCallbacks>().AddSingleton<GroupMessageCallbacks>().AddSingleton<GroupCreation>().AddSingleton<GroupDismissal>()
        .AddSingleton<MembershipTable>().AddSingleton<MembershipSettlement>().AddSingleton<GroupJoining>().AddSingleton<GroupLeaving>()
        .AddLiveRooms()
        .AddSingleton<CreateGroup>().AddSingleton<DestroyGroup>().AddSingleton<SendGroupMessage>()
        .AddSingleton<ISweptRows, IdleGroups>().AddSingleton<ISweptRows, BrokenDismissals>().AddSingleton<ISweptRows, BrokenMemberships>().AddSingleton<ISweptRows, ExpiredGroupRows>()
        .AddSingleton<JoinRequests>().AddSingleton<RequestNotices>().AddSingleton<GroupInvitations>()
        .AddSingleton<AddGroupMembers>().AddSingleton<DeleteGroupMembers>().AddSingleton<ApplyToJoin>().AddSingleton<QuitGroup>()
        .AddSingleton<AnswerApplication>().AddSingleton<AnswerInvitation>().AddSingleton<GetJoinRequests>()
        .AddSingleton<IAccountBelonging, GroupsOfAccount>().AddSingleton<GroupHearing>().AddSingleton<IConnectionWatcher>(provider => provider.GetRequiredService<GroupHearing>())
        .AddShownGroups()
        .AddTopics()
        .AddGroupMessages();

    public static CommandRegistry MapGroups(this CommandRegistry commands) => commands
        .Map<CreateGroup, CreateGroupRequest, CreateGroupResponse>(Service, "create_group", Callers.Everyone, ParleyJson.Wire.CreateGroupResponse)
        .Map<DestroyGroup, GroupRequest, Envelope>(Service, "destroy_group", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<AddGroupMembers, AddGroupMembersRequest, AddGroupMembersResponse>(Service, "add_group_member", Callers.Everyone, ParleyJson.Wire.AddGroupMembersResponse)
        .Map<DeleteGroupMembers, DeleteGroupMembersRequest, Envelope>(Service, "delete_group_member", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ApplyToJoin, ApplyToJoinRequest, ApplyToJoinResponse>(Service, "apply_join_group", Callers.Everyone, ParleyJson.Wire.ApplyToJoinResponse)
        .Map<AnswerApplication, AnswerApplicationRequest, Envelope>(Service, "handle_apply_join_group", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<AnswerInvitation, AnswerInvitationRequest, Envelope>(Service, "handle_invite_join_group", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetJoinRequests, GetJoinRequestsRequest, JoinRequestsResponse>(Service, "get_pendency", Callers.Everyone, ParleyJson.Wire.JoinRequestsResponse)
        .Map<QuitGroup, QuitGroupRequest, Envelope>(Service, "quit_group", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<SendGroupMessage, SendGroupMessageRequest, SendGroupMessageResponse>(Service, "send_group_msg", Callers.Everyone, ParleyJson.Wire.SendGroupMessageResponse)
        .MapShownGroups()
        .MapTopics()
        .MapGroupMessages()
        .MapLiveRooms();
}
