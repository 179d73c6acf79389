using Parley.Groups.Lifecycle;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups;

public static class GroupServices
{
    private const string Service = "group_open_http_svc";

    public static IServiceCollection AddGroups(this IServiceCollection services) => services
        .AddSingleton<GroupStore>().AddSingleton<GroupDelivery>().AddSingleton<GroupTrimming>().AddSingleton<GroupMessageSender>()
        .AddSingleton<AppGroups>().AddSingleton<GroupCreation>().AddSingleton<GroupDismissal>()
        .AddSingleton<MembershipTable>().AddSingleton<MembershipSettlement>().AddSingleton<GroupJoining>().AddSingleton<GroupLeaving>()
        .AddSingleton<LiveRooms>().AddSingleton<LiveMessageSender>()
        .AddSingleton<CreateGroup>().AddSingleton<DestroyGroup>().AddSingleton<SendGroupMessage>()
        .AddSingleton<AddGroupMembers>().AddSingleton<DeleteGroupMembers>()
        .AddGroupMessages();

    public static CommandRegistry MapGroups(this CommandRegistry commands) => commands
        .Map<CreateGroup, CreateGroupRequest, CreateGroupResponse>(Service, "create_group", Callers.Everyone, ParleyJson.Wire.CreateGroupResponse)
        .Map<DestroyGroup, GroupRequest, Envelope>(Service, "destroy_group", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<AddGroupMembers, AddGroupMembersRequest, AddGroupMembersResponse>(Service, "add_group_member", Callers.Everyone, ParleyJson.Wire.AddGroupMembersResponse)
        .Map<DeleteGroupMembers, DeleteGroupMembersRequest, Envelope>(Service, "delete_group_member", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<SendGroupMessage, SendGroupMessageRequest, SendGroupMessageResponse>(Service, "send_group_msg", Callers.Everyone, ParleyJson.Wire.SendGroupMessageResponse)
        .MapGroupMessages();
}
