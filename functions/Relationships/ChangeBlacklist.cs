using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Puts accounts on an account's blacklist. Friendship and requests end in both directions, and they can neither ask it nor send messages to it.
/// <code>
/// POST /v4/sns/black_list_add
/// { "From_Account": "mia.k", "To_Account": ["spam"] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30001 there already, 30003, 30006, 30013 list full.
/// Source: API reference, sns §4 and §4.1.
/// </remarks>
public sealed class AddToBlacklist(AccountDirectory accounts, RelationWriter relations, RelationCallbacks callbacks, RelationBatch batch) : ICommand<BlacklistRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, BlacklistRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Peers, peer => peer,
            peer => relations.ApplyAsync(caller.App, owner.Account, peer, RelationOperations.Block(), callbacks.Of(caller, owner.Account)), cancellation));
    }
}

/// <summary>
/// Takes accounts off an account's blacklist. What had ended stays ended.
/// <code>
/// POST /v4/sns/black_list_delete
/// { "From_Account": "mia.k", "To_Account": ["spam"] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30001 not on the list, 30003, 30006. Source: API reference, sns §4.2.
/// </remarks>
public sealed class RemoveFromBlacklist(AccountDirectory accounts, RelationWriter relations, RelationCallbacks callbacks, RelationBatch batch) : ICommand<BlacklistRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, BlacklistRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Peers, peer => peer,
            peer => relations.ApplyAsync(caller.App, owner.Account, peer, RelationOperations.Unblock(), callbacks.Of(caller, owner.Account)), cancellation));
    }
}

public sealed record BlacklistRequest(RelationOwner Owner, IReadOnlyList<string> Peers) : IRequest<BlacklistRequest>
{
    public static BlacklistRequest Read(FieldReader fields) => new(RelationOwner.Read(fields), RelationOwner.ReadPeers(fields));
}
