using System.Text;
using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Bans accounts from an AVChatRoom for some time: they are sent away, hear nothing more, and may neither come back nor send.
/// <code>
/// POST /v4/group_open_http_svc/ban_group_member
/// { "GroupId": "@TGS#aLIVE01", "Members_Account": [ "u_troll" ], "Duration": 600, "Description": "spam" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: Duration in seconds; 4294967295 for ever. A ban of one who is banned replaces the older one. The accounts get notice 4 (kicked) with Description, the others in the room a tip. Callback Group.CallbackAfterMemberExit.
/// Errors: 10004 a parameter, 10005 more than 20 accounts or more than 1,000 bans, 10007 no AVChatRoom, or the caller's role is not above the account's: nobody is banned then; 10010, 10015.
/// Source: API reference, groups §7.4. Ours: Duration 0 is 10004; admins of the room may ban too.
/// </remarks>
public sealed class BanMembers(LiveBans bans, TimeProvider time) : ICommand<BanMembersRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, BanMembersRequest request, CancellationToken cancellation)
    {
        var until = request.Duration == uint.MaxValue ? long.MaxValue : time.GetUtcNow().ToUnixTimeSeconds() + request.Duration;
        var room = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var error = await bans.BanAsync(room, caller, request.Accounts, until, request.Description, cancellation);
        return error is null ? Envelope.Ok : error;
    }
}

public sealed record BanMembersRequest(string GroupId, IReadOnlyList<string> Accounts, uint Duration, string Description) : IRequest<BanMembersRequest>
{
    public const int MostAccounts = 20;

    private const int MaxDescriptionBytes = 1_000;

    public static BanMembersRequest Read(FieldReader fields)
    {
        var request = new BanMembersRequest(
            fields.GroupId(),
            [.. fields.Accounts("Members_Account", MostAccounts).Distinct()],
            fields.Unsigned("Duration", ApiError.GroupParameter),
            fields.OptionalText("Description", ApiError.GroupParameter) ?? "");
        if (request.Duration == 0)
        {
            fields.Fail(ApiError.GroupParameter.In("Duration"));
        }

        if (Encoding.UTF8.GetByteCount(request.Description) > MaxDescriptionBytes)
        {
            fields.Fail(ApiError.GroupParameter.In("Description"));
        }

        return request;
    }
}
