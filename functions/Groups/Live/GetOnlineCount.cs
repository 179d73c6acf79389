using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// How many are in an AVChatRoom: accounts, however many devices they have, and guests.
/// <code>
/// POST /v4/group_open_http_svc/get_online_member_num
/// { "GroupId": "@TGS#aLIVE01" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "OnlineMemberNum": 1284 }
/// </code>
/// </summary>
/// <remarks>
/// Every account may ask. Errors: 10004, 10007 no AVChatRoom, 10010, 10015. Source: API reference, groups §7.1. The number is that of the store at the time of the call.
/// </remarks>
public sealed class GetOnlineCount(GroupStore groups, LiveRooms rooms) : ICommand<GroupRequest, OnlineCountResponse>
{
    public async Task<Result<OnlineCountResponse>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        return (await rooms.FindAsync(room, GroupAction.CountOnline, GroupActor.Of(caller), cancellation)).Error is { } error
            ? error
            : new OnlineCountResponse { OnlineMemberNum = RoomAttendance.FromRow(await groups.ReadAsync(room, RoomAttendance.RowKey, cancellation)).Count };
    }
}

public sealed record OnlineCountResponse : Envelope
{
    public required long OnlineMemberNum { get; init; }
}
