using Parley.Apps;
using Parley.Groups.Callbacks;
using Parley.Groups.Live;
using Parley.Rest;
using Parley.Storage;

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
/// An administrator may name another account as Member_Account. Callback Group.CallbackAfterMemberExit. Errors: 10004, 10007 not a member, 10009 the owner may not leave a group of this type, 10010, 10015, 60010 for another
/// account. Source: API reference, groups §1.2 and §11.
/// </remarks>
public sealed class QuitGroup(GroupStore groups, GroupLeaving leaving, LiveAttendance live) : ICommand<QuitGroupRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, QuitGroupRequest request, CancellationToken cancellation)
    {
        var account = request.Account ?? caller.Account;
        if (caller.RefuseAs(account, "Member_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.PeekAsync(key, cancellation) is { Traits.IsLive: true })
        {
            return await QuitLiveRoomAsync(caller, key, account, cancellation) is { } refusal ? refusal : Envelope.Ok;
        }

        var options = new LeaveOptions(LeaveReason.Quit, account, IsSilent: false)
        {
            RefuseAll = (group, head) => GroupRights.Refuse(head.Type, GroupAction.Quit, group.RoleOf(account)),
            Refuse = (_, head, member) => member.Role == GroupRole.Owner ? GroupRights.Refuse(head.Type, GroupAction.QuitAsOwner, GroupRole.Owner) : null,
            Notice = _ => new GroupNotice(GroupNoticeType.Quit, key.GroupId, account),
            Cause = CallbackCause.Of(caller),
        };
        var removed = await leaving.RemoveAsync(key, [account], options, cancellation);
        return removed.Error is { } error ? error : Envelope.Ok;
    }

    // Who is not in it has nothing to leave, and that is no error.
    private async Task<ApiError?> QuitLiveRoomAsync(Caller caller, GroupKey key, string account, CancellationToken cancellation)
    {
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var refusal = GroupRights.Refuse(head.Type, GroupAction.Quit, GroupRole.NotMember)
            ?? (head.Owner == account ? GroupRights.Refuse(head.Type, GroupAction.QuitAsOwner, GroupRole.Owner) : null);
        if (refusal is not null)
        {
            return refusal;
        }

        await live.LeaveAsync(key, head.Epoch, LiveListener.Of(new AccountKey(key.SdkAppId, account)), LeaveReason.Quit, CallbackCause.Of(caller));
        return null;
    }
}

public sealed record QuitGroupRequest(string GroupId, string? Account) : IRequest<QuitGroupRequest>
{
    public static QuitGroupRequest Read(FieldReader fields) => new(fields.GroupId(), fields.OptionalAccount("Member_Account", ApiError.GroupParameter));
}
