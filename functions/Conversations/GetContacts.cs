using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Pages through the conversations that are marked or in groups, in the order in which they became so.
/// <code>
/// POST /v4/recentcontact/get_contact_group
/// { "From_Account": "jonas", "StartIndex": 0 }
/// → { "ContactItem": [ { "Type": 1, "To_Account": "mia.k", "StandardMark": "1", "CustomMark": "vip", "ContactGroupId": [1], "Timestamp": 1700000600 } ],
///     "GroupItem": [ { "GroupName": "work", "GroupId": 1 } ], "CompleteFlag": 1, "NextStartIndex": 0, …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Units: Timestamp Unix seconds. StartIndex is the NextStartIndex of the page before; what changes meanwhile shifts nothing. GroupItem: all groups, with every page.
/// Errors: 50001 unknown account, 50002 StartIndex missing or wrong, 60010 another account's. Source: API reference, openim §12.3; the page size of 100 is our choice.
/// </remarks>
public sealed class GetContacts(AccountDirectory accounts, SettingsReader settings) : ICommand<GetContactsRequest, GetContactsResponse>
{
    private const int PageSize = 100;

    public async Task<Result<GetContactsResponse>> HandleAsync(Caller caller, GetContactsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var (head, all) = await settings.ReadAsync(owner, cancellation);
        var rest = all.Select(head.Prune).Where(one => one.IsKept && one.Place > request.StartIndex).OrderBy(one => one.Place).ToList();
        var isComplete = rest.Count <= PageSize;
        return new GetContactsResponse
        {
            ContactItem = [.. rest.Take(PageSize).Select(one => one.ToMarked())],
            GroupItem = [.. head.Groups.Select(group => group.ToItem())],
            CompleteFlag = isComplete ? 1 : 0,
            NextStartIndex = isComplete ? 0 : rest[PageSize - 1].Place,
        };
    }
}

public sealed record GetContactsRequest(ContactOwner Owner, long StartIndex) : IRequest<GetContactsRequest>
{
    public static GetContactsRequest Read(FieldReader fields) => new(ContactOwner.Read(fields), fields.Unsigned("StartIndex", ApiError.ConversationParameter));
}

public sealed record GetContactsResponse : DisplayEnvelope
{
    public required IReadOnlyList<MarkedContact> ContactItem { get; init; }

    public required IReadOnlyList<GroupItem> GroupItem { get; init; }

    public required int CompleteFlag { get; init; }

    public required long NextStartIndex { get; init; }
}
