using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Takes friends out of an account's list, and with Delete_Type_Both the account out of theirs.
/// <code>
/// POST /v4/sns/friend_delete
/// { "From_Account": "mia.k", "To_Account": ["jonas"], "DeleteType": "Delete_Type_Both" }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// DeleteType is Delete_Type_Single if absent.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30003, 30006, 31704 no friend.
/// Source: API reference, sns §3.4.
/// </remarks>
public sealed class DeleteFriends(AccountDirectory accounts, RelationWriter relations, RelationCallbacks callbacks, RelationBatch batch)
    : ICommand<DeleteFriendsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, DeleteFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Peers, peer => peer,
            peer => relations.ApplyAsync(caller.App, owner.Account, peer, RelationOperations.Delete(request.IsBoth), callbacks.Of(caller, owner.Account)), cancellation));
    }
}

public sealed record DeleteFriendsRequest(RelationOwner Owner, IReadOnlyList<string> Peers, bool IsBoth) : IRequest<DeleteFriendsRequest>
{
    public static DeleteFriendsRequest Read(FieldReader fields) => new(RelationOwner.Read(fields), RelationOwner.ReadPeers(fields), ReadType(fields));

    internal static bool ReadType(FieldReader fields)
    {
        var type = fields.OptionalText("DeleteType", ApiError.RelationParameter) ?? "Delete_Type_Single";
        if (type is not ("Delete_Type_Single" or "Delete_Type_Both"))
        {
            fields.Fail(ApiError.RelationParameter.In("DeleteType"));
        }

        return type == "Delete_Type_Both";
    }
}

/// <summary>
/// Empties an account's list of friends, and with Delete_Type_Both takes the account out of theirs.
/// <code>
/// POST /v4/sns/friend_delete_all
/// { "From_Account": "mia.k", "DeleteType": "Delete_Type_Single" }
/// → { "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// DeleteType is Delete_Type_Single if absent. Groups of friends stay. A call that fails half-way is repeated for the rest.
/// Errors: 30001 DeleteType, 30003 unknown account, 30004 another account, 30006 some could not be deleted. Source: API reference, sns §3.5.
/// </remarks>
public sealed class DeleteAllFriends(
    AccountDirectory accounts, RelationReader reader, RelationWriter relations, RelationCallbacks callbacks, RelationBatch batch) : ICommand<DeleteAllFriendsRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, DeleteAllFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var friends = await reader.ReadAsync(owner, RelationKind.Friends, cancellation);
        var results = await batch.RunAsync(
            [.. friends.Peers.Select(row => row.Peer)], peer => peer,
            peer => relations.ApplyAsync(caller.App, owner.Account, peer, RelationOperations.Delete(request.IsBoth), callbacks.Of(caller, owner.Account)), cancellation);

        // Somebody else may have deleted one, or the friend's account is gone, meanwhile.
        return results.Any(result => result.ResultCode == ApiError.RelationInternal.Code) ? ApiError.RelationInternal : DisplayEnvelope.Ok;
    }
}

public sealed record DeleteAllFriendsRequest(RelationOwner Owner, bool IsBoth) : IRequest<DeleteAllFriendsRequest>
{
    public static DeleteAllFriendsRequest Read(FieldReader fields) => new(RelationOwner.Read(fields), DeleteFriendsRequest.ReadType(fields));
}
