using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// Adds friends, or asks them, as their AllowType demands.
/// <code>
/// POST /v4/sns/friend_add
/// { "From_Account": "mia.k", "AddType": "Add_Type_Both", "ForceAddFlags": 0,
///   "AddFriendItem": [ { "To_Account": "jonas", "AddSource": "AddSource_Type_Web", "Remark": "Jo", "GroupName": "Work", "AddWording": "hello" } ] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// AddType Add_Type_Both (default): each comes into the other's list; Add_Type_Single: only the other into the own, whatever its AllowType. Whoever adds
/// somebody that has asked, or that has the account in its list, is not asked back. ForceAddFlags 1, of administrators only, passes over AllowType, not over blacklists.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account, or forced by no administrator. Items: 30001 text too long, already a friend;
/// 30003, 30005 a dirty word, 30006, 30009 may not ask, 30010 own list full, 30011 groups, 30012 open requests, 30014 the other's list full, 30515 30525 blacklists, 30516
/// denied, 30539 asked, 38000 to 39000 refused by the app's callback.
/// Source: API reference, sns §2 and §3.1, callbacks §5.1 and §5.3.
/// </remarks>
public sealed class AddFriends(
    AccountDirectory accounts, RelationWriter relations, RelationCallbacks callbacks, RequestExpiry expiry, RelationTextCheck texts, RelationBatch batch) : ICommand<AddFriendsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, AddFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (request.IsForced && !caller.IsAdmin)
        {
            return ApiError.RelationAdminRequired.In("ForceAddFlags");
        }

        if (!(await callbacks.AskToAddAsync(caller, request, cancellation)).TryGet(out var unwanted, out refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Items, item => item.To, async item => unwanted.Find(item.To) ?? await AddAsync(caller, owner, item, request, cancellation), cancellation));
    }

    private async Task<ApiError?> AddAsync(Caller caller, AccountKey owner, AddFriendItem item, AddFriendsRequest request, CancellationToken cancellation)
    {
        var app = caller.App;
        if (await texts.CheckAsync(app, item.Source, item.Wording, item.Remark, item.Group is null ? [] : [item.Group], cancellation) is { } wrong)
        {
            return wrong;
        }

        var operation = RelationOperations.Add(new Adding(request.IsBoth, request.IsForced, item.Source, item.Wording, item.Remark, item.Group));
        var callback = callbacks.OfAdding(caller, owner.Account, request.IsForced);
        var error = await relations.ApplyAsync(app, owner.Account, item.To, operation, callback);
        if (error != ApiError.RequestsFull)
        {
            return error;
        }

        // Requests that nobody answered in time may take the places.
        var dropped = await expiry.DropVoidAsync(app, owner) + await expiry.DropVoidAsync(app, owner with { Account = item.To });
        return dropped == 0 ? error : await relations.ApplyAsync(app, owner.Account, item.To, operation, callback);
    }
}

public sealed record AddFriendItem(string To, string Source, string Wording, string Remark, string? Group);

public sealed record AddFriendsRequest(RelationOwner Owner, IReadOnlyList<AddFriendItem> Items, bool IsBoth, bool IsForced) : IRequest<AddFriendsRequest>
{
    internal const string Both = "Add_Type_Both";
    internal const string Single = "Add_Type_Single";

    private const int MostItems = 1_000;

    public static AddFriendsRequest Read(FieldReader fields)
    {
        var items = fields.Objects("AddFriendItem", ApiError.RelationParameter);
        if (items.Count is 0 or > MostItems)
        {
            fields.Fail(ApiError.RelationParameter.In("AddFriendItem"));
        }

        var type = fields.OptionalText("AddType", ApiError.RelationParameter) ?? Both;
        if (type is not (Both or Single))
        {
            fields.Fail(ApiError.RelationParameter.In("AddType"));
        }

        return new AddFriendsRequest(
            RelationOwner.Read(fields), [.. items.Select(ReadItem)], type == Both, fields.Flag("ForceAddFlags", ApiError.RelationParameter));
    }

    private static AddFriendItem ReadItem(FieldReader item) => new(
        item.Text("To_Account", ApiError.RelationParameter),
        item.OptionalText("AddSource", ApiError.RelationParameter) ?? "",
        item.OptionalText("AddWording", ApiError.RelationParameter) ?? "",
        item.OptionalText("Remark", ApiError.RelationParameter) ?? "",
        item.OptionalText("GroupName", ApiError.RelationParameter) is { Length: > 0 } group ? group : null);
}
