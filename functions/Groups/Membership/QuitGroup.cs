using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// Leaves a group. For clients.
/// <code>
/// POST /v4/group_open_http_svc/quit_group
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// An administrator may name another account as Member_Account. Errors: 10004, 10007 not a member, 10009 the owner may not leave a group of this type, 10010, 10015, 60010 for another
/// account. Source: API reference, groups §1.2 and §11.
/// </remarks>
public sealed class QuitGroup(GroupLeaving leaving) : ICommand<QuitGroupRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, QuitGroupRequest request, CancellationToken cancellation)
    {
        var account = request.Account ?? caller.Account;
        if (!caller.MayActAs(account))
        {
            return ApiError.AdminRequired.In("Member_Account");
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var options = new LeaveOptions(LeaveReason.Quit, account, IsSilent: false)
        {
            RefuseAll = (group, head) => GroupRights.Refuse(head.Type, GroupAction.Quit, group.RoleOf(account)),
            Refuse = (_, head, member) => member.Role == GroupRole.Owner ? GroupRights.Refuse(head.Type, GroupAction.QuitAsOwner, GroupRole.Owner) : null,
            Notice = _ => new GroupNotice(GroupNoticeType.Quit, key.GroupId, account),
        };
        var removed = await leaving.RemoveAsync(key, [account], options, cancellation);
        return removed.Error is { } error ? error : Envelope.Ok;
    }
}

public sealed record QuitGroupRequest(string GroupId, string? Account) : IRequest<QuitGroupRequest>
{
    public static QuitGroupRequest Read(FieldReader fields) => new(fields.GroupId(), fields.OptionalAccount("Member_Account", ApiError.GroupParameter));
}
