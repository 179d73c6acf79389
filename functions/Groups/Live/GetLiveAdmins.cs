using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Lists the admins of an AVChatRoom.
/// <code>
/// POST /v4/group_open_avchatroom_http_svc/get_admin_list
/// { "GroupId": "@TGS#aLIVE01" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "Admin_List": [ { "Admin_Account": "u_mod1", "NickName": "Mod", "Avatar": "" } ] }
/// </code>
/// </summary>
/// <remarks>Every account may ask (our choice). Errors: 10004, 10007 no AVChatRoom, 10010, 10015. Source: API reference, groups §7.5.</remarks>
public sealed class GetLiveAdmins(LiveRooms rooms, LiveProfiles profiles) : ICommand<GroupRequest, LiveAdminsResponse>
{
    public async Task<Result<LiveAdminsResponse>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await rooms.FindAsync(key, GroupAction.CountOnline, GroupActor.Of(caller), cancellation)).TryGet(out var room, out var error))
        {
            return error;
        }

        var shown = await profiles.FindAsync(key.SdkAppId, [.. room.Admins], cancellation);
        return new LiveAdminsResponse { AdminList = [.. room.Admins.Select(admin => new LiveAdmin(admin, shown[admin].NickName, shown[admin].Avatar))] };
    }
}

public sealed record LiveAdminsResponse : Envelope
{
    [JsonPropertyName("Admin_List")]
    public required IReadOnlyList<LiveAdmin> AdminList { get; init; }
}

public sealed record LiveAdmin([property: JsonPropertyName("Admin_Account")] string AdminAccount, string NickName, string Avatar);
