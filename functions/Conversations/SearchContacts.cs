using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Looks up marks and groups of up to 300 conversations.
/// <code>
/// POST /v4/recentcontact/search_contact_group
/// { "From_Account": "jonas", "ContactItem": [ { "Type": 1, "To_Account": "mia.k" } ] }
/// → { "ContactResultItem": [ { "Type": 1, "To_Account": "mia.k", "StandardMark": "1", "CustomMark": "vip", "ContactGroupId": [1], "Timestamp": 1700000600 } ],
///     "GroupItem": [ { "GroupName": "work", "GroupId": 1 } ], …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Units: Timestamp Unix seconds. Conversations that are neither marked nor in a group are left out, unknown ones too; GroupItem names the groups of the others.
/// Errors: 50001 unknown owner, 50002 a parameter, none or over 300 conversations, 60010 another account's. Source: API reference, openim §12.3.
/// </remarks>
public sealed class SearchContacts(AccountDirectory accounts, SettingsReader settings) : ICommand<SearchContactsRequest, SearchContactsResponse>
{
    public async Task<Result<SearchContactsResponse>> HandleAsync(Caller caller, SearchContactsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var (head, all) = await settings.ReadAsync(owner, cancellation);
        var byKey = all.ToDictionary(one => one.Key, head.Prune, StringComparer.Ordinal);
        var found = request.Items.Select(item => byKey.GetValueOrDefault(item.Key)).OfType<ConversationSettings>().Where(one => one.IsKept).ToList();
        var groups = found.SelectMany(one => one.GroupIds).ToHashSet();
        return new SearchContactsResponse
        {
            ContactResultItem = [.. found.Select(one => one.ToMarked())],
            GroupItem = [.. head.Groups.Where(group => groups.Contains(group.Id)).Select(group => group.ToItem())],
        };
    }
}

public sealed record SearchContactsRequest(ContactOwner Owner, IReadOnlyList<ContactItem> Items) : IRequest<SearchContactsRequest>
{
    private const int MostItems = 300;

    public static SearchContactsRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        var items = fields.Objects("ContactItem", ApiError.ConversationParameter);
        if (items.Count is < 1 or > MostItems)
        {
            fields.Fail(ApiError.ConversationParameter.In("ContactItem"));
            return new SearchContactsRequest(owner, []);
        }

        return new SearchContactsRequest(owner, [.. items.Select(ContactItem.Read)]);
    }
}

public sealed record SearchContactsResponse : DisplayEnvelope
{
    public required IReadOnlyList<MarkedContact> ContactResultItem { get; init; }

    public required IReadOnlyList<GroupItem> GroupItem { get; init; }
}
