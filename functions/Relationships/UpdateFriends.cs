using System.Text.Json;
using Parley.Accounts;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Changes what an account keeps of its friends: remark, groups, the app's own fields.
/// <code>
/// POST /v4/sns/friend_update
/// { "From_Account": "mia.k", "UpdateItem": [ { "To_Account": "jonas", "SnsItem": [
///     { "Tag": "Tag_SNS_IM_Remark", "Value": "Jo" }, { "Tag": "Tag_SNS_IM_Group", "Value": ["Work", "Ski"] } ] } ] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// The groups replace those before; unknown ones are made. An empty remark or field of the app takes it away.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30001 unknown tag, bad value, no friend; 30005 a dirty word in remark or group, 30006, 30011 too many groups.
/// Source: API reference, sns §3.3.
/// </remarks>
public sealed class UpdateFriends(AccountDirectory accounts, RelationTextCheck texts, FriendEditor editor) : ICommand<UpdateFriendsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, UpdateFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var edits = new List<FriendEdit>();
        foreach (var item in request.Items)
        {
            edits.Add(new FriendEdit(item.To, await CheckAsync(caller.App, ReadChange(caller.App, item.Values), cancellation)));
        }

        return RelationResultsResponse.Of(await editor.EditAsync(caller.App, owner, edits));
    }

    private async ValueTask<Result<FriendChange>> CheckAsync(App app, Result<FriendChange> read, CancellationToken cancellation) =>
        read.TryGet(out var change, out _) && await texts.CheckAsync(app, change.AllGroups.Append(change.Remark ?? ""), cancellation) is { } dirty ? dirty : read;

    private static Result<FriendChange> ReadChange(App app, IReadOnlyList<(string Tag, JsonElement Value)> values)
    {
        var change = new FriendChange();
        foreach (var (tag, value) in values)
        {
            if (tag == FriendTags.Remark && value.ValueKind == JsonValueKind.String && RelationTexts.IsRemark(value.GetString()!))
            {
                change = change with { Remark = value.GetString() };
            }
            else if (tag == FriendTags.Group && value.ValueKind == JsonValueKind.Array
                && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String && RelationTexts.IsGroup(name.GetString()!)))
            {
                change = change with { Groups = [.. value.EnumerateArray().Select(name => name.GetString()!)] };
            }
            else if (FriendTags.CustomOf(app, tag) is { } name && FriendTags.IsCustomValue(value))
            {
                change = change with { Custom = new Dictionary<string, string>(change.Custom) { [name] = RawJson.Compact(value).Text } };
            }
            else
            {
                return ApiError.RelationParameter.In(tag);
            }
        }

        return change;
    }
}

public sealed record FriendUpdate(string To, IReadOnlyList<(string Tag, JsonElement Value)> Values);

public sealed record UpdateFriendsRequest(RelationOwner Owner, IReadOnlyList<FriendUpdate> Items) : IRequest<UpdateFriendsRequest>
{
    private const int MostItems = 1_000;

    public static UpdateFriendsRequest Read(FieldReader fields)
    {
        var items = fields.Objects("UpdateItem", ApiError.RelationParameter);
        if (items.Count is 0 or > MostItems)
        {
            fields.Fail(ApiError.RelationParameter.In("UpdateItem"));
        }

        return new UpdateFriendsRequest(RelationOwner.Read(fields), [.. items.Select(ReadItem)]);
    }

    private static FriendUpdate ReadItem(FieldReader item)
    {
        var values = item.Objects("SnsItem", ApiError.RelationParameter);
        if (values.Count == 0)
        {
            item.Fail(ApiError.RelationParameter.In("SnsItem"));
        }

        return new FriendUpdate(item.Text("To_Account", ApiError.RelationParameter), [.. values.Select(SnsItems.Read)]);
    }
}
