using System.Text.Json;
using Parley.Accounts;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Puts friends into one account's list, with their data of before: in one direction, without asking and without telling.
/// <code>
/// POST /v4/sns/friend_import
/// { "From_Account": "mia.k", "AddFriendItem": [ { "To_Account": "jonas", "AddSource": "AddSource_Type_Old", "Remark": "Jo", "RemarkTime": 1500000000,
///     "GroupName": ["Family", "Work"], "AddTime": 1500000000, "CustomItem": [ { "Tag": "Tag_SNS_Custom_Star", "Value": "1" } ] } ] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// Units: RemarkTime and AddTime are Unix seconds. For both directions import both.
/// Errors: 30001 a field, 30003 unknown account. Items: 30001 text too long, unknown tag, already a friend; 30003, 30005 a dirty word, 30006, 30010 list full, 30011 groups.
/// Source: API reference, sns §3.2.
/// </remarks>
public sealed class ImportFriends(
    AccountDirectory accounts, RelationWriter relations, RelationTextCheck texts, RelationBatch batch, TimeProvider time) : ICommand<ImportFriendsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, ImportFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Items, item => item.To, async item => (await EntryOfAsync(caller.App, item, cancellation)).TryGet(out var entry, out var wrong)
                ? await relations.ApplyAsync(caller.App, owner.Account, item.To, RelationOperations.Import(entry))
                : wrong,
            cancellation));
    }

    private async ValueTask<Result<FriendEntry>> EntryOfAsync(App app, ImportedFriend item, CancellationToken cancellation)
    {
        if (await texts.CheckAsync(app, item.Source, item.Wording, item.Remark, item.Groups, cancellation) is { } wrong)
        {
            return wrong;
        }

        var custom = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, value) in item.Custom)
        {
            if (FriendTags.CustomOf(app, tag) is not { } name || !FriendTags.IsCustomValue(value))
            {
                return ApiError.RelationParameter.In(tag);
            }

            custom[name] = RawJson.Compact(value).Text;
        }

        return new FriendEntry(0, item.Source, item.Wording, item.AddTime ?? time.GetUtcNow().ToUnixTimeSeconds(), item.Remark, item.RemarkTime ?? 0, item.Groups) { Custom = custom };
    }
}

public sealed record ImportedFriend(
    string To, string Source, string Wording, string Remark, IReadOnlyList<string> Groups, long? RemarkTime, long? AddTime, IReadOnlyList<(string Tag, JsonElement Value)> Custom);

public sealed record ImportFriendsRequest(RelationOwner Owner, IReadOnlyList<ImportedFriend> Items) : IRequest<ImportFriendsRequest>
{
    private const int MostItems = 1_000;

    public static ImportFriendsRequest Read(FieldReader fields)
    {
        var items = fields.Objects("AddFriendItem", ApiError.RelationParameter);
        if (items.Count is 0 or > MostItems)
        {
            fields.Fail(ApiError.RelationParameter.In("AddFriendItem"));
        }

        return new ImportFriendsRequest(RelationOwner.Read(fields), [.. items.Select(ReadItem)]);
    }

    private static ImportedFriend ReadItem(FieldReader item) => new(
        item.Text("To_Account", ApiError.RelationParameter),
        item.OptionalText("AddSource", ApiError.RelationParameter) ?? "",
        item.OptionalText("AddWording", ApiError.RelationParameter) ?? "",
        item.OptionalText("Remark", ApiError.RelationParameter) ?? "",
        item.OptionalTexts("GroupName", ApiError.RelationParameter),
        item.OptionalInteger("RemarkTime", ApiError.RelationParameter),
        item.OptionalInteger("AddTime", ApiError.RelationParameter),
        item.Has("CustomItem") ? [.. item.Objects("CustomItem", ApiError.RelationParameter).Select(SnsItems.Read)] : []);
}

/// <summary>Fields with values in requests: <c>{ "Tag": "…", "Value": … }</c>.</summary>
internal static class SnsItems
{
    public static (string Tag, JsonElement Value) Read(FieldReader item)
    {
        if (!item.Has("Value"))
        {
            item.Fail(ApiError.RelationParameter.In("Value"));
        }

        return (item.Text("Tag", ApiError.RelationParameter), item.Element("Value")?.Clone() ?? default);
    }
}
