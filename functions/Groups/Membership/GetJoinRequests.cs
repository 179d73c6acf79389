using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// The applications to join a group that nobody has answered: for its owner and admins. For clients.
/// <code>
/// POST /v4/group_open_http_svc/get_pendency
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", …, "PendencyList": [ { "Applicant_Account": "u_dan", "Inviter_Account": "", "ApplyMsg": "let me in", "ApplyTime": 1700000000 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: Unix seconds. They are void after seven days. Errors: 10004, 10007 not permitted, 10010, 10015. Source: API reference, groups §11 names the command; the fields are ours.
/// </remarks>
public sealed class GetJoinRequests(GroupStore groups, JoinRequests requests, TimeProvider time) : ICommand<GroupRequest, JoinRequestsResponse>
{
    public async Task<Result<JoinRequestsResponse>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var refusal = await groups.ApplyAsync(
            key, group => group.Head is { } head ? group.Refuse(head, GroupAction.Approve, GroupActor.Of(caller)) : ApiError.GroupNotFound, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        var waiting = await requests.ListAsync(key, JoinRequestKind.Application, time.GetUtcNow(), cancellation);
        return new JoinRequestsResponse { PendencyList = [.. waiting.Select(asked => new WaitingRequest(asked.Account, asked.Inviter, asked.Text, asked.AskedAt))] };
    }
}

public sealed record JoinRequestsResponse : Envelope
{
    public required IReadOnlyList<WaitingRequest> PendencyList { get; init; }
}

public sealed record WaitingRequest(
    [property: JsonPropertyName("Applicant_Account")] string Applicant, [property: JsonPropertyName("Inviter_Account")] string Inviter, string ApplyMsg, long ApplyTime);
