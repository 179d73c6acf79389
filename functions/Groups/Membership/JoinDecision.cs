using Parley.Rest;

namespace Parley.Groups.Membership;

/// <summary>Somebody's yes or no to a request, as a pure function of the group.</summary>
/// <param name="Account">Whose request it is.</param>
/// <param name="Decider">Of an application somebody whose role allows it, of an invitation the account itself.</param>
/// <param name="Attempt">Names the call, so that its replay is not refused.</param>
public sealed record JoinDecision(JoinRequestKind Kind, string Account, GroupActor Decider, bool IsAccepted, string Attempt)
{
    /// <summary>Looks whether it may be decided now.</summary>
    /// <returns>The request; 10007, 10010, 10024 decided before, 10004 when there is none.</returns>
    public Result<JoinRequest> Judge(GroupPartition group)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (Kind == JoinRequestKind.Application && group.RefuseChange(head, GroupAction.Approve, Decider) is { } refusal)
        {
            return refusal;
        }

        return JoinRequest.Find(group, Kind, Account) switch
        {
            { Decision: not null } decided => decided.Attempt == Attempt ? decided : ApiError.AlreadyHandled,
            { } request when !request.IsVoid(group.Now) => request,
            _ => ApiError.GroupParameter.In("No such request"),
        };
    }

    /// <summary>Notes it.</summary>
    public Result<JoinRequest> Note(GroupPartition group)
    {
        if (!Judge(group).TryGet(out var request, out var error) || request.Decision is not null)
        {
            return error is null ? request! : error;
        }

        var decided = request with { Decision = IsAccepted, DecidedBy = Decider.Account, Attempt = Attempt };
        group.Rows.Put(decided.ToRow());
        group.Put(group.Head!);
        return decided;
    }
}
