using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Lists the accounts that are in an AVChatRoom, the latest 1,000 that came, those that came last first.
/// <code>
/// POST /v4/group_open_avchatroom_http_svc/get_members
/// { "GroupId": "@TGS#aLIVE01", "Timestamp": 0 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "NextTimestamp": 0,
///     "MemberList": [ { "Member_Account": "u_eve", "JoinTime": 1660000000, "NickName": "Eve", "Avatar": "" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Up to 500 a page. NextTimestamp is only good for asking on: 0 at the end. Mark: only those who have it; 600 shows those whom it hides otherwise. Guests have no names.
/// Errors: 10004, 10007 no AVChatRoom, 10010, 10015. Source: API reference, groups §7.2. Ours: every account may ask; NextTimestamp is a place in the list and no time, so that nobody
/// is missed of those who came in the same second.
/// </remarks>
public sealed class GetLiveMembers(GroupStore groups, LiveRooms rooms, LiveProfiles profiles) : ICommand<GetLiveMembersRequest, LiveMembersResponse>
{
    private const int PageSize = 500;

    public async Task<Result<LiveMembersResponse>> HandleAsync(Caller caller, GetLiveMembersRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if ((await rooms.FindAsync(room, GroupAction.CountOnline, GroupActor.Of(caller), cancellation)).Error is { } error)
        {
            return error;
        }

        var attendance = RoomAttendance.FromRow(await groups.ReadAsync(room, RoomAttendance.RowKey, cancellation));
        var found = attendance.Attendants.Reverse().Where(request.IsAskedFor).Take(PageSize + 1).ToList();
        var page = found.Take(PageSize).ToList();
        var shown = await profiles.FindAsync(room.SdkAppId, page.ConvertAll(attendant => attendant.Account), cancellation);
        return new LiveMembersResponse
        {
            NextTimestamp = found.Count > PageSize ? page[^1].Number : 0,
            MemberList = page.ConvertAll(attendant =>
                new LiveMember(attendant.Account, attendant.JoinTime, shown[attendant.Account].NickName, shown[attendant.Account].Avatar)),
        };
    }
}

/// <param name="Before">Place of the last that is known; 0 for none.</param>
/// <param name="Mark">0 for any.</param>
public sealed record GetLiveMembersRequest(string GroupId, long Before, long Mark) : IRequest<GetLiveMembersRequest>
{
    public static GetLiveMembersRequest Read(FieldReader fields)
    {
        var request = new GetLiveMembersRequest(
            fields.GroupId(), fields.Integer("Timestamp", ApiError.GroupParameter), fields.OptionalInteger("Mark", ApiError.GroupParameter) ?? 0);
        if (request.Before < 0 || (request.Mark != 0 && !LiveMark.IsValid(request.Mark)))
        {
            fields.Fail(ApiError.GroupParameter.In(request.Before < 0 ? "Timestamp" : "Mark"));
        }

        return request;
    }

    public bool IsAskedFor(Attendant attendant) =>
        (Before == 0 || attendant.Number < Before) && (Mark == 0 ? !attendant.Marks.Contains(LiveMark.Hidden) : attendant.Marks.Contains(Mark));
}

public sealed record LiveMembersResponse : Envelope
{
    public required long NextTimestamp { get; init; }

    public required IReadOnlyList<LiveMember> MemberList { get; init; }
}

public sealed record LiveMember([property: JsonPropertyName("Member_Account")] string MemberAccount, long JoinTime, string NickName, string Avatar);
