using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Lists the accounts that are banned from an AVChatRoom at present.
/// <code>
/// POST /v4/group_open_http_svc/get_group_ban_member
/// { "GroupId": "@TGS#aLIVE01", "Limit": 20, "Offset": 0 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "NextOffset": 0, "BannedAccountList": [ { "Member_Account": "u_troll", "BannedUntil": 1660000600 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: BannedUntil Unix seconds; 4294967295 for ever. NextOffset 0: that was all. Errors: 10004, 10007 the caller may not or no AVChatRoom, 10010, 10015.
/// Source: API reference, groups §7.4. Ours: Limit is 100 where it is missing.
/// </remarks>
public sealed class GetBannedMembers(GroupStore groups, LiveRooms rooms, TimeProvider time) : ICommand<GetBannedMembersRequest, BannedMembersResponse>
{
    public async Task<Result<BannedMembersResponse>> HandleAsync(Caller caller, GetBannedMembersRequest request, CancellationToken cancellation)
    {
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if ((await rooms.FindAsync(room, GroupAction.Ban, GroupActor.Of(caller), cancellation)).Error is { } error)
        {
            return error;
        }

        var (now, bans) = (time.GetUtcNow().ToUnixTimeSeconds(), new List<BannedMember>());
        await foreach (var row in groups.QueryAsync(room, LiveBan.Prefix, LiveBan.End, cancellation))
        {
            var ban = LiveBan.FromRow(row);
            if (ban.Until > now)
            {
                bans.Add(new BannedMember(ban.Account, Math.Min(ban.Until, uint.MaxValue)));
            }
        }

        var end = request.Offset + request.Limit;
        return new BannedMembersResponse
        {
            BannedAccountList = [.. bans.Skip((int)Math.Min(request.Offset, int.MaxValue)).Take(request.Limit)],
            NextOffset = end < bans.Count ? end : 0,
        };
    }
}

public sealed record GetBannedMembersRequest(string GroupId, int Limit, long Offset) : IRequest<GetBannedMembersRequest>
{
    private const int MostAtOnce = 100;

    public static GetBannedMembersRequest Read(FieldReader fields)
    {
        var (id, limit, offset) = (
            fields.GroupId(), fields.OptionalInteger("Limit", ApiError.GroupParameter) ?? MostAtOnce, fields.Integer("Offset", ApiError.GroupParameter));
        if (limit is < 1 or > MostAtOnce || offset is < 0 or > uint.MaxValue)
        {
            fields.Fail(ApiError.GroupParameter.In(offset is < 0 or > uint.MaxValue ? "Offset" : "Limit"));
        }

        return new GetBannedMembersRequest(id, (int)Math.Clamp(limit, 1, MostAtOnce), Math.Max(0, offset));
    }
}

public sealed record BannedMembersResponse : Envelope
{
    public required long NextOffset { get; init; }

    public required IReadOnlyList<BannedMember> BannedAccountList { get; init; }
}

public sealed record BannedMember([property: JsonPropertyName("Member_Account")] string MemberAccount, long BannedUntil);
