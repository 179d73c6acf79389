using Parley.Accounts;
using Parley.Apps;
using Parley.Groups.Callbacks;
using Parley.Groups.Live;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// Asks to become a member of a group. For clients.
/// <code>
/// POST /v4/group_open_http_svc/apply_join_group
/// { "GroupId": "hiking-2019", "ApplyMsg": "let me in" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "JoinedStatus": "WaitAdminApproval" }
/// </code>
/// </summary>
/// <remarks>
/// JoinedStatus: JoinedSuccess, or WaitAdminApproval where owner or an admin must agree. An administrator may name another account as Member_Account.
/// An account that was let into an AVChatRoom comes back within seven days of its application without asking anew.
/// Callbacks Group.CallbackBeforeApplyJoinGroup, Group.CallbackAfterNewMemberJoin, Group.CallbackAfterGroupFull.
/// Errors: 10004, 10007 the group takes no applications, 10010, 10013 a member already, 10014 full, 10015, 10016 or 10100 to 10200 refused by the app's callback, 10019 unknown account, 10037 in too many groups, 60010 for another account.
/// Source: API reference, groups §1.2 and §11; the answer's field is ours.
/// </remarks>
public sealed class ApplyToJoin(
    AccountDirectory accounts, GroupStore groups, GroupJoining joining, JoinRequests requests, LiveRooms rooms, LiveAttendance live, GroupCallbacks callbacks, TimeProvider time)
    : ICommand<ApplyToJoinRequest, ApplyToJoinResponse>
{
    public const string Joined = "JoinedSuccess";
    public const string Waiting = "WaitAdminApproval";

    public async Task<Result<ApplyToJoinResponse>> HandleAsync(Caller caller, ApplyToJoinRequest request, CancellationToken cancellation)
    {
        var account = request.Account ?? caller.Account;
        if (caller.RefuseAs(account, "Member_Account") is { } forbidden)
        {
            return forbidden;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (!await accounts.ExistsAsync(new AccountKey(key.SdkAppId, account), cancellation))
        {
            return ApiError.GroupAccountNotFound.In("Member_Account");
        }

        if ((Refuse(head) ?? await callbacks.AskToApplyAsync(caller, key, head, account, cancellation)) is { } refusal)
        {
            return refusal;
        }

        var cause = CallbackCause.Of(caller);
        return head.Traits.IsLive ? await EnterAsync(cause, key, head, account, request.Text, cancellation)
            : head.Applying == JoinOption.FreeAccess ? await JoinAsync(cause, key, account, cancellation)
            : await AskAsync(key, account, request.Text, cancellation);
    }

    private async Task<Result<ApplyToJoinResponse>> EnterAsync(
        CallbackCause cause, GroupKey key, GroupHead head, string account, string text, CancellationToken cancellation)
    {
        if (head is { Traits.IsEntered: true, Applying: JoinOption.NeedPermission } && !await MayEnterAsync(key, account, cancellation))
        {
            return await rooms.FindAsync(key, cancellation) is { } room && room.IsBanned(account, time.GetUtcNow().ToUnixTimeSeconds())
                ? ApiError.BannedFromRoom
                : await AskAsync(key, account, text, cancellation);
        }

        var refusal = await live.JoinAsync(cause, key, head, LiveListener.Of(new AccountKey(key.SdkAppId, account)), cancellation);
        return refusal is null ? new ApplyToJoinResponse { JoinedStatus = Joined } : refusal;
    }

    // Who decides about others need not ask.
    private async Task<bool> MayEnterAsync(GroupKey key, string account, CancellationToken cancellation) =>
        (await rooms.FindAsync(key, GroupAction.Approve, new GroupActor(account, IsAppAdmin: false), cancellation)).Error is null
        || await requests.IsAcceptedAsync(key, account, time.GetUtcNow(), cancellation);

    private async Task<Result<ApplyToJoinResponse>> AskAsync(GroupKey key, string account, string text, CancellationToken cancellation)
    {
        var asked = new JoinRequest(JoinRequestKind.Application, account, "", text, time.GetUtcNow().ToUnixTimeSeconds());
        var error = await requests.FileAsync(key, asked, (_, current) => Refuse(current), cancellation);
        return error is null ? new ApplyToJoinResponse { JoinedStatus = Waiting } : error;
    }

    private async Task<Result<ApplyToJoinResponse>> JoinAsync(CallbackCause cause, GroupKey key, string account, CancellationToken cancellation)
    {
        var options = new JoinOptions(account, IsSilent: false)
        {
            Refuse = (_, current) => Refuse(current) ?? (current.Applying == JoinOption.FreeAccess ? null : ApiError.GroupNotPermitted),
            Cause = cause,
            JoinType = JoinOptions.Applied,
        };
        var added = await joining.AddAsync(cause.App, key, [new NewMember(account)], options, cancellation);
        return !added.TryGet(out var results, out var wrong) ? wrong
            : results[0] == JoinResult.AlreadyMember ? ApiError.AlreadyMember
            : new ApplyToJoinResponse { JoinedStatus = Joined };
    }

    private static ApiError? Refuse(GroupHead head) => head.Applying == JoinOption.DisableApply
        ? ApiError.GroupNotPermitted.In("ApplyJoinOption")
        : GroupRights.Refuse(head.Type, GroupAction.ApplyToJoin, GroupRole.NotMember);
}

public sealed record ApplyToJoinRequest(string GroupId, string? Account, string Text) : IRequest<ApplyToJoinRequest>
{
    /// <summary>As of the wording of a request for friendship.</summary>
    public const int MaxTextBytes = 300;

    public static ApplyToJoinRequest Read(FieldReader fields) => new(
        fields.GroupId(), fields.OptionalAccount("Member_Account", ApiError.GroupParameter), fields.ShortText("ApplyMsg", MaxTextBytes) ?? "");
}

public sealed record ApplyToJoinResponse : Envelope
{
    public required string JoinedStatus { get; init; }
}
