using Parley.Groups.Callbacks;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// Answers an application to join: owner or an admin. For clients.
/// <code>
/// POST /v4/group_open_http_svc/handle_apply_join_group
/// { "GroupId": "hiking-2019", "Applicant_Account": "u_dan", "HandleMsg": "Agree", "Text": "welcome" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// HandleMsg: Agree or Reject. The first answer wins; one that fails because the group is full leaves the application waiting. Errors: 10004 a parameter, or nobody applied; 10007 not permitted, 10010,
/// 10014 full, 10015, 10024 answered before, 10037 the account is in too many groups.
/// Source: API reference, groups §1.2 and §11; the fields are ours.
/// </remarks>
public sealed class AnswerApplication(JoinRequests requests) : ICommand<AnswerApplicationRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, AnswerApplicationRequest request, CancellationToken cancellation)
    {
        var decision = new JoinDecision(JoinRequestKind.Application, request.Applicant, GroupActor.Of(caller), request.Answer.IsAccepted, Guid.NewGuid().ToString("N"));
        var error = await requests.DecideAsync(CallbackCause.Of(caller), new GroupKey(caller.App.SdkAppId, request.GroupId), decision, request.Answer.Text, cancellation);
        return error is null ? Envelope.Ok : error;
    }
}

/// <summary>
/// Answers an invitation: the invited account. For clients.
/// <code>
/// POST /v4/group_open_http_svc/handle_invite_join_group
/// { "GroupId": "hiking-2019", "HandleMsg": "Agree" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>As <see cref="AnswerApplication"/>; 10004 when nobody invited the account.</remarks>
public sealed class AnswerInvitation(JoinRequests requests) : ICommand<AnswerInvitationRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, AnswerInvitationRequest request, CancellationToken cancellation)
    {
        var account = request.Account ?? caller.Account;
        if (caller.RefuseAs(account, "Member_Account") is { } forbidden)
        {
            return forbidden;
        }

        var decision = new JoinDecision(JoinRequestKind.Invitation, account, new GroupActor(account, false), request.Answer.IsAccepted, Guid.NewGuid().ToString("N"));
        var error = await requests.DecideAsync(CallbackCause.Of(caller), new GroupKey(caller.App.SdkAppId, request.GroupId), decision, request.Answer.Text, cancellation);
        return error is null ? Envelope.Ok : error;
    }
}

public sealed record AnswerApplicationRequest(string GroupId, string Applicant, JoinAnswer Answer) : IRequest<AnswerApplicationRequest>
{
    public static AnswerApplicationRequest Read(FieldReader fields) =>
        new(fields.GroupId(), fields.Account("Applicant_Account", ApiError.GroupParameter), JoinAnswer.Read(fields));
}

public sealed record AnswerInvitationRequest(string GroupId, string? Account, JoinAnswer Answer) : IRequest<AnswerInvitationRequest>
{
    public static AnswerInvitationRequest Read(FieldReader fields) =>
        new(fields.GroupId(), fields.OptionalAccount("Member_Account", ApiError.GroupParameter), JoinAnswer.Read(fields));
}

/// <summary>Yes or no, and a text for whoever asked.</summary>
public sealed record JoinAnswer(bool IsAccepted, string Text)
{
    public static JoinAnswer Read(FieldReader fields)
    {
        var answer = fields.Text("HandleMsg", ApiError.GroupParameter);
        if (answer is not ("Agree" or "Reject"))
        {
            fields.Fail(ApiError.GroupParameter.In("HandleMsg"));
        }

        return new JoinAnswer(answer == "Agree", fields.ShortText("Text", ApplyToJoinRequest.MaxTextBytes) ?? "");
    }
}
