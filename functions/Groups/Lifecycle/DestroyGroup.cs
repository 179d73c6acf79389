using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Lifecycle;

/// <summary>
/// Dismisses a group, for ever: an administrator of the app, or its owner where the type allows it.
/// <code>
/// POST /v4/group_open_http_svc/destroy_group
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Members hear of it, and get notice 5; the name may be used again. Callback Group.CallbackAfterGroupDestroyed. Errors: 10004, 10007 not permitted, 10010 no such group, 10015 the name. Source: API reference, groups §3.5.
/// </remarks>
public sealed class DestroyGroup(GroupDismissal dismissal) : ICommand<GroupRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var refusal = await dismissal.DismissAsync(
            key, (group, head) => group.RefuseChange(head, GroupAction.Dismiss, GroupActor.Of(caller)), caller.Doer, CallbackCause.Of(caller), cancellation);
        return refusal is null ? Envelope.Ok : refusal;
    }
}
