using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>
/// The applications to join a group that nobody has answered: for its owner and admins. For clients.
/// <code>
/// POST /v4/group_open_http_svc/get_pendency
/// { "GroupId": "hiking-2019", "Limit": 100, "Next": "" }
/// → { "ActionStatus": "OK", …, "PendencyList": [ { "Applicant_Account": "u_dan", "Inviter_Account": "", "ApplyMsg": "let me in", "ApplyTime": 1700000000 } ], "Next": "" }
/// </code>
/// </summary>
/// <remarks>
/// Units: Unix seconds. They are void after seven days. Limit is 1 to 200, 100 if absent; Next continues where a page ended, empty at the end.
/// Errors: 10004, 10007 not permitted, 10010, 10015. Source: API reference, groups §11 names the command; the fields are ours.
/// </remarks>
public sealed class GetJoinRequests(GroupRoles roles, JoinRequests requests, TimeProvider time) : ICommand<GetJoinRequestsRequest, JoinRequestsResponse>
{
    public async Task<Result<JoinRequestsResponse>> HandleAsync(Caller caller, GetJoinRequestsRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.Approve, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var waiting = await requests.ListAsync(group.Key, JoinRequestKind.Application, time.GetUtcNow(), request.Next, request.Limit + 1, cancellation);
        return new JoinRequestsResponse
        {
            PendencyList = [.. waiting.Take(request.Limit).Select(asked => new WaitingRequest(asked.Account, asked.Inviter, asked.Text, asked.AskedAt))],
            Next = waiting.Count > request.Limit ? waiting[request.Limit - 1].Account : "",
        };
    }
}

public sealed record GetJoinRequestsRequest(string GroupId, int Limit, string Next) : IRequest<GetJoinRequestsRequest>
{
    private const int DefaultCount = 100;
    private const int MostRequests = 200;

    public static GetJoinRequestsRequest Read(FieldReader fields)
    {
        var (id, next) = (fields.GroupId(), fields.OptionalText("Next", ApiError.GroupParameter) ?? "");
        if (next.Length > 0 && !FieldReader.IsAccount(next))
        {
            fields.Fail(ApiError.GroupParameter.In("Next"));
        }

        return new GetJoinRequestsRequest(id, fields.Limit(MostRequests) ?? DefaultCount, next);
    }
}

public sealed record JoinRequestsResponse : Envelope
{
    public required IReadOnlyList<WaitingRequest> PendencyList { get; init; }

    public required string Next { get; init; }
}

public sealed record WaitingRequest(
    [property: JsonPropertyName("Applicant_Account")] string Applicant, [property: JsonPropertyName("Inviter_Account")] string Inviter, string ApplyMsg, long ApplyTime);
