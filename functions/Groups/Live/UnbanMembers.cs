using Parley.Rest;

namespace Parley.Groups.Live;

/// <summary>
/// Ends bans from an AVChatRoom before their time.
/// <code>
/// POST /v4/group_open_http_svc/unban_group_member
/// { "GroupId": "@TGS#aLIVE01", "Members_Account": [ "u_troll" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// The accounts may come back; nobody is brought back. Who is not banned is passed over. Errors: 10004, 10005 more than 20, 10007 the caller may not or no AVChatRoom, 10010, 10015.
/// Source: API reference, groups §7.4.
/// </remarks>
public sealed class UnbanMembers(LiveBans bans) : ICommand<UnbanMembersRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, UnbanMembersRequest request, CancellationToken cancellation)
    {
        var error = await bans.UnbanAsync(new GroupKey(caller.App.SdkAppId, request.GroupId), GroupActor.Of(caller), request.Accounts, cancellation);
        return error is null ? Envelope.Ok : error;
    }
}

public sealed record UnbanMembersRequest(string GroupId, IReadOnlyList<string> Accounts) : IRequest<UnbanMembersRequest>
{
    public static UnbanMembersRequest Read(FieldReader fields) =>
        new(fields.GroupId(), [.. fields.Accounts("Members_Account", BanMembersRequest.MostAccounts).Distinct()]);
}
