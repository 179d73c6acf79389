using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>
/// Sets how many messages a member has not read, after an import.
/// <code>
/// POST /v4/group_open_http_svc/set_unread_msg_num
/// { "GroupId": "arch-1", "Member_Account": "u_ben", "UnreadMsgNum": 5 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// At most as many as there are messages that count; in types that count none it does nothing. Nobody is told.
/// Errors: 10004 a parameter, or the account is no member; 10007 no administrator, 10010, 10015. Source: API reference, groups §6.4.
/// </remarks>
public sealed class SetGroupUnread(GroupStore groups) : ICommand<SetGroupUnreadRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, SetGroupUnreadRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var error = await groups.ApplyAsync(key, group => Change(group, request, GroupActor.Of(caller)), cancellation);
        return error is null ? Envelope.Ok : error;
    }

    private static ApiError? Change(GroupPartition group, SetGroupUnreadRequest request, GroupActor actor)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        var refusal = group.Refuse(head, GroupAction.SetUnread, actor);
        if (refusal is not null || !head.Traits.CountsUnread)
        {
            return refusal;
        }

        if (group.FindMember(request.Account) is not { } member)
        {
            return ApiError.NoGroupMember.In("Member_Account");
        }

        group.Put(member.WithUnread(head, request.Unread));
        group.Put(head);
        return null;
    }
}

public sealed record SetGroupUnreadRequest(string GroupId, string Account, uint Unread) : IRequest<SetGroupUnreadRequest>
{
    public static SetGroupUnreadRequest Read(FieldReader fields) => new(
        fields.GroupId(), fields.Account("Member_Account", ApiError.GroupParameter), fields.Unsigned("UnreadMsgNum", ApiError.GroupParameter));
}
