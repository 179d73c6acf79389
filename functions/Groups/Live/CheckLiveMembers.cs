using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>
/// Says which of some accounts are in an AVChatRoom.
/// <code>
/// POST /v4/group_open_avchatroom_http_svc/check_members
/// { "GroupId": "@TGS#aLIVE01", "Member_Account": [ "u_eve", "u_zoe" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "Member_Account": [ "u_eve" ] }
/// </code>
/// </summary>
/// <remarks>
/// One read for each account, whatever the room's size. Errors: 10004, 10005 more than 500, 10007 no AVChatRoom, 10010, 10015.
/// Source: API reference, groups §4.7. Ours: the limit, and that every account may ask.
/// </remarks>
public sealed class CheckLiveMembers(LiveRooms rooms, ListenedRoomTable listened) : ICommand<CheckLiveMembersRequest, CheckLiveMembersResponse>
{
    private const int AtOnce = 32;

    public async Task<Result<CheckLiveMembersResponse>> HandleAsync(Caller caller, CheckLiveMembersRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await rooms.FindAsync(room, GroupAction.CountOnline, GroupActor.Of(caller), cancellation)).TryGet(out var found, out var error))
        {
            return error;
        }

        var inside = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(request.Accounts.Distinct(), parallel, async (account, token) =>
        {
            var known = await listened.ReadAsync(LiveListener.Of(new AccountKey(room.SdkAppId, account)), token) ?? [];
            inside[account] = known.Any(entry => entry.GroupId == room.GroupId && entry.Epoch == found.Head.Epoch);
        });
        return new CheckLiveMembersResponse { MemberAccount = [.. request.Accounts.Distinct().Where(account => inside[account])] };
    }
}

public sealed record CheckLiveMembersRequest(string GroupId, IReadOnlyList<string> Accounts) : IRequest<CheckLiveMembersRequest>
{
    private const int MostAccounts = 500;

    public static CheckLiveMembersRequest Read(FieldReader fields) => new(fields.GroupId(), fields.Accounts("Member_Account", MostAccounts));
}

public sealed record CheckLiveMembersResponse : Envelope
{
    [JsonPropertyName("Member_Account")]
    public required IReadOnlyList<string> MemberAccount { get; init; }
}
