using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Makes groups of friends, and puts friends into them.
/// <code>
/// POST /v4/sns/group_add
/// { "From_Account": "mia.k", "GroupName": ["Ski"], "To_Account": ["jonas", "stranger"] }
/// → { "ResultItem": [ { "To_Account": "jonas", "ResultCode": 0, "ResultInfo": "" },
///       { "To_Account": "stranger", "ResultCode": 32216, "ResultInfo": "Err_SNS_GroupAdd_ToTinyId_Not_Friend" } ],
///     "Fail_Account": ["stranger"], "CurrentSequence": 6, "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// A group that exists is kept, and the friends are added to it (our choice).
/// Errors: 30001 a field, 30003 unknown account, 30004 another account, 30005 a dirty word, 30011 too many groups; 32216 in an item: no friend. Source: API reference, sns §5.1.
/// </remarks>
public sealed class AddFriendGroups(AccountDirectory accounts, FriendGroups groups, RelationTextCheck texts, FriendEditor editor) : ICommand<AddFriendGroupsRequest, FriendGroupsResponse>
{
    public async Task<Result<FriendGroupsResponse>> HandleAsync(Caller caller, AddFriendGroupsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (await texts.CheckAsync(caller.App, request.Names, cancellation) is { } dirty)
        {
            return dirty;
        }

        if (!(await groups.AddAsync(caller.App, owner, request.Names)).TryGet(out var sequence, out refused))
        {
            return refused;
        }

        if (request.Peers.Count == 0)
        {
            return new FriendGroupsResponse { CurrentSequence = sequence };
        }

        var change = new FriendChange { MoreGroups = request.Names };
        var results = await editor.EditAsync(caller.App, owner, [.. request.Peers.Select(peer => new FriendEdit(peer, change))], ApiError.NotAFriendToGroup);
        var items = RelationResultsResponse.Of(results);
        return new FriendGroupsResponse { CurrentSequence = sequence, ResultItem = items.ResultItem, FailAccount = items.FailAccount };
    }
}

public sealed record AddFriendGroupsRequest(RelationOwner Owner, IReadOnlyList<string> Names, IReadOnlyList<string> Peers) : IRequest<AddFriendGroupsRequest>
{
    public static AddFriendGroupsRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), ReadNames(fields), fields.Has("To_Account") ? RelationOwner.ReadPeers(fields) : []);

    internal static IReadOnlyList<string> ReadNames(FieldReader fields)
    {
        var names = fields.OptionalTexts("GroupName", ApiError.RelationParameter);
        if (names.Count == 0 || !names.All(RelationTexts.IsGroup))
        {
            fields.Fail(ApiError.RelationParameter.In("GroupName"));
        }

        return names;
    }
}

/// <summary>
/// Deletes groups of friends; the friends stay.
/// <code>
/// POST /v4/sns/group_delete
/// { "From_Account": "mia.k", "GroupName": ["Ski"] }
/// → { "CurrentSequence": 7, "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>Groups that do not exist do not matter (our choice). Errors: 30001 a field, 30003 unknown account, 30004 another account. Source: API reference, sns §5.2.</remarks>
public sealed class DeleteFriendGroups(AccountDirectory accounts, FriendGroups groups) : ICommand<DeleteFriendGroupsRequest, FriendGroupsResponse>
{
    public async Task<Result<FriendGroupsResponse>> HandleAsync(Caller caller, DeleteFriendGroupsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        return (await groups.DeleteAsync(owner, request.Names)).TryGet(out var sequence, out refused) ? new FriendGroupsResponse { CurrentSequence = sequence } : refused;
    }
}

public sealed record DeleteFriendGroupsRequest(RelationOwner Owner, IReadOnlyList<string> Names) : IRequest<DeleteFriendGroupsRequest>
{
    public static DeleteFriendGroupsRequest Read(FieldReader fields) => new(RelationOwner.Read(fields), AddFriendGroupsRequest.ReadNames(fields));
}

public sealed record FriendGroupsResponse : DisplayEnvelope
{
    public IReadOnlyList<RelationResult>? ResultItem { get; init; }

    [JsonPropertyName("Fail_Account")]
    public IReadOnlyList<string>? FailAccount { get; init; }

    public required long CurrentSequence { get; init; }
}
