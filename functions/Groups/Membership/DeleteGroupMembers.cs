using Parley.Apps;
using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// Removes members from a group: an administrator, or who may kick them there.
/// <code>
/// POST /v4/group_open_http_svc/delete_group_member
/// { "GroupId": "hiking-2019", "Reason": "inactive", "MemberToDel_Account": [ "u_dan" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Who is no member is passed over. Callback Group.CallbackAfterMemberExit, one for each transaction (up to 80 members). Errors: 10004 a parameter or a live room, 10005 more than 500, 10007 the caller's role is not above the member's, or it is the owner: nobody is removed
/// then; 10010, 10015. Source: API reference, groups §4.4. That the owner cannot be kicked is our choice: transfer the group first.
/// </remarks>
public sealed class DeleteGroupMembers(GroupLeaving leaving) : ICommand<DeleteGroupMembersRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, DeleteGroupMembersRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var actor = GroupActor.Of(caller);
        var options = new LeaveOptions(LeaveReason.Kick, caller.Doer, request.IsSilent, request.Reason)
        {
            Notice = account => new GroupNotice(GroupNoticeType.Kicked, key.GroupId, caller.Doer, account, request.Reason),
            RefuseAll = (group, head) => group.RefuseChange(head, GroupAction.Kick, actor),
            Refuse = (group, head, member) => Refuse(group.ActorRole(head, actor), member),
            Cause = CallbackCause.Of(caller),
        };
        var removed = await leaving.RemoveAsync(key, request.Accounts, options, cancellation);
        return removed.Error is { } error ? error : Envelope.Ok;
    }

    private static ApiError? Refuse(GroupRole actor, GroupMember member) =>
        member.Role == GroupRole.Owner || actor <= member.Role ? ApiError.GroupNotPermitted.In(member.Account) : null;
}

public sealed record DeleteGroupMembersRequest(string GroupId, IReadOnlyList<string> Accounts, bool IsSilent, string? Reason) : IRequest<DeleteGroupMembersRequest>
{
    private const int MostMembers = 500;

    public static DeleteGroupMembersRequest Read(FieldReader fields) => new(
        fields.GroupId(),
        fields.Accounts("MemberToDel_Account", MostMembers),
        fields.Flag("Silence", ApiError.GroupParameter),
        fields.OptionalText("Reason", ApiError.GroupParameter));
}
