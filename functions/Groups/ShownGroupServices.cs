using Parley.Groups.Attributes;
using Parley.Groups.Lifecycle;
using Parley.Groups.Members;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Profiles;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>The commands that show and change what groups and their members are.</summary>
public static class ShownGroupServices
{
    private const string Service = "group_open_http_svc";

    public static IServiceCollection AddShownGroups(this IServiceCollection services) => services
        .AddSingleton<GroupRoles>().AddSingleton<GroupAnnouncements>().AddSingleton<JoinedGroups>()
        .AddSingleton<ListGroups>().AddSingleton<GetGroups>().AddSingleton<ModifyGroup>().AddSingleton<ListJoinedGroups>().AddSingleton<ChangeGroupOwner>()
        .AddSingleton<ListGroupMembers>().AddSingleton<GetGroupMembers>().AddSingleton<ModifyGroupMember>().AddSingleton<GetGroupRoles>()
        .AddSingleton<MuteGroupMembers>().AddSingleton<GetGroupMutes>().AddSingleton<SetGroupUnread>()
        .AddSingleton<ImportGroup>().AddSingleton<ImportGroupMembers>()
        .AddSingleton<GetGroupAttributes>().AddSingleton<ChangeGroupAttributes>().AddSingleton<GetGroupCounters>().AddSingleton<ChangeGroupCounters>();

    public static CommandRegistry MapShownGroups(this CommandRegistry commands) => commands
        .Map<ListGroups, ListGroupsRequest, ListGroupsResponse>(Service, "get_appid_group_list", Callers.Admins, ParleyJson.Wire.ListGroupsResponse)
        .Map<GetGroups, GetGroupsRequest, GetGroupsResponse>(Service, "get_group_info", Callers.Everyone, ParleyJson.Wire.GetGroupsResponse)
        .Map<ModifyGroup, ModifyGroupRequest, Envelope>(Service, "modify_group_base_info", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ListJoinedGroups, ListJoinedGroupsRequest, ListJoinedGroupsResponse>(
            Service, "get_joined_group_list", Callers.Everyone, ParleyJson.Wire.ListJoinedGroupsResponse)
        .Map<ChangeGroupOwner, ChangeGroupOwnerRequest, Envelope>(Service, "change_group_owner", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ListGroupMembers, ListGroupMembersRequest, ListGroupMembersResponse>(
            Service, "get_group_member_info", Callers.Everyone, ParleyJson.Wire.ListGroupMembersResponse)
        .Map<GetGroupMembers, GetGroupMembersRequest, GetGroupMembersResponse>(
            Service, "get_specified_group_member_info", Callers.Everyone, ParleyJson.Wire.GetGroupMembersResponse)
        .Map<ModifyGroupMember, ModifyGroupMemberRequest, Envelope>(Service, "modify_group_member_info", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetGroupRoles, GetGroupRolesRequest, GetGroupRolesResponse>(Service, "get_role_in_group", Callers.Everyone, ParleyJson.Wire.GetGroupRolesResponse)
        .Map<MuteGroupMembers, MuteGroupMembersRequest, Envelope>(Service, "forbid_send_msg", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetGroupMutes, GroupOrTopicRequest, GetGroupMutesResponse>(Service, "get_group_shutted_uin", Callers.Everyone, ParleyJson.Wire.GetGroupMutesResponse)
        .Map<GetGroupMutes, GroupOrTopicRequest, GetGroupMutesResponse>(Service, "get_group_muted_account", Callers.Everyone, ParleyJson.Wire.GetGroupMutesResponse)
        .Map<SetGroupUnread, SetGroupUnreadRequest, Envelope>(Service, "set_unread_msg_num", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ImportGroup, ImportGroupRequest, CreateGroupResponse>(Service, "import_group", Callers.Everyone, ParleyJson.Wire.CreateGroupResponse)
        .Map<ImportGroupMembers, ImportGroupMembersRequest, AddGroupMembersResponse>(
            Service, "import_group_member", Callers.Everyone, ParleyJson.Wire.AddGroupMembersResponse)
        .Map<GetGroupAttributes, GroupRequest, GetGroupAttributesResponse>(
            "group_open_attr_http_svc", "get_group_attr", Callers.Everyone, ParleyJson.Wire.GetGroupAttributesResponse)
        .Map<ChangeGroupAttributes, SetAttributesRequest, Envelope>(Service, "set_group_attr", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ChangeGroupAttributes, ModifyAttributesRequest, Envelope>(Service, "modify_group_attr", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ChangeGroupAttributes, DeleteAttributesRequest, Envelope>(Service, "delete_group_attr", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ChangeGroupAttributes, GroupRequest, Envelope>(Service, "clear_group_attr", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ChangeGroupCounters, UpdateCountersRequest, GroupCountersResponse>(
            Service, "update_group_counter", Callers.Everyone, ParleyJson.Wire.GroupCountersResponse)
        .Map<GetGroupCounters, GroupCountersRequest, GroupCountersResponse>(Service, "get_group_counter", Callers.Everyone, ParleyJson.Wire.GroupCountersResponse)
        .Map<ChangeGroupCounters, GroupCountersRequest, Envelope>(Service, "delete_group_counter", Callers.Everyone, ParleyJson.Wire.Envelope);
}
