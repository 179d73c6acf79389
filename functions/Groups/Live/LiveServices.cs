using Parley.Accounts;
using Parley.Connections;
using Parley.Connections.Guests;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

public static class LiveServices
{
    private const string Service = GroupServices.Service;
    private const string RoomService = "group_open_avchatroom_http_svc";

    public static IServiceCollection AddLiveRooms(this IServiceCollection services) => services
        .AddSingleton<LiveRooms>().AddSingleton<LiveMessageSender>().AddSingleton<LiveTips>().AddSingleton<ListenedRoomTable>().AddSingleton<LiveAttendance>()
        .AddSingleton<LiveRoomsOfListeners>().AddSingleton<ISweptRows, SilentListeners>()
        .AddSingleton<IConnectionWatcher>(provider => provider.GetRequiredService<LiveRoomsOfListeners>())
        .AddSingleton<IAccountBelonging>(provider => provider.GetRequiredService<LiveRoomsOfListeners>())
        .AddSingleton<IGuestWatcher, GuestCommands>().AddSingleton<LiveProfiles>()
        .AddSingleton<GetOnlineCount>().AddSingleton<GetLiveMembers>().AddSingleton<CheckLiveMembers>().AddSingleton<MarkLiveMembers>()
        .AddSingleton<ModifyLiveAdmins>().AddSingleton<GetLiveAdmins>()
        .AddSingleton<LiveBans>().AddSingleton<BanMembers>().AddSingleton<UnbanMembers>().AddSingleton<GetBannedMembers>()
        .AddSingleton<SendBroadcast>();

    public static CommandRegistry MapLiveRooms(this CommandRegistry commands) => commands
        .Map<GetOnlineCount, GroupRequest, OnlineCountResponse>(Service, "get_online_member_num", Callers.Everyone, ParleyJson.Wire.OnlineCountResponse)
        .Map<GetLiveMembers, GetLiveMembersRequest, LiveMembersResponse>(RoomService, "get_members", Callers.Everyone, ParleyJson.Wire.LiveMembersResponse)
        .Map<CheckLiveMembers, CheckLiveMembersRequest, CheckLiveMembersResponse>(
            RoomService, "check_members", Callers.Everyone, ParleyJson.Wire.CheckLiveMembersResponse)
        .Map<MarkLiveMembers, MarkLiveMembersRequest, MarkLiveMembersResponse>(
            RoomService, "modify_user_info", Callers.Everyone, ParleyJson.Wire.MarkLiveMembersResponse)
        .Map<ModifyLiveAdmins, ModifyLiveAdminsRequest, Envelope>(RoomService, "modify_admin", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetLiveAdmins, GroupRequest, LiveAdminsResponse>(RoomService, "get_admin_list", Callers.Everyone, ParleyJson.Wire.LiveAdminsResponse)
        .Map<BanMembers, BanMembersRequest, Envelope>(Service, "ban_group_member", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<UnbanMembers, UnbanMembersRequest, Envelope>(Service, "unban_group_member", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetBannedMembers, GetBannedMembersRequest, BannedMembersResponse>(
            Service, "get_group_ban_member", Callers.Everyone, ParleyJson.Wire.BannedMembersResponse)
        .Map<SendBroadcast, SendBroadcastRequest, SendBroadcastResponse>(
            Service, "send_broadcast_msg", Callers.Everyone, ParleyJson.Wire.SendBroadcastResponse);
}
