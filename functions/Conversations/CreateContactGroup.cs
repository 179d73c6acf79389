using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Makes a conversation group and puts conversations into it.
/// <code>
/// POST /v4/recentcontact/create_contact_group
/// { "From_Account": "jonas", "GroupContactItem": [ { "GroupName": "work", "ContactItem": [ { "Type": 1, "To_Account": "mia.k" } ] } ] }
/// → { "GroupResultItem": [ { "GroupItem": { "GroupName": "work", "GroupId": 1 },
///     "ResultItem": [ { "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "ResultCode": 0, "ResultInfo": "" } ] } ], …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// A group that exists keeps its id and gets the conversations as well, so the call can be repeated. ContactItem may be empty or absent.
/// Each conversation has a result of its own: 50001 unknown account, 51007 a group, 51008 more than 1000 are marked or in groups.
/// Errors: 50001 unknown owner, 50002 a parameter, or not exactly one group, 51010 20 groups exist, 51011 a name over 32 bytes, 60010 another
/// account's groups. Source: API reference, openim §12.3.
/// </remarks>
public sealed class CreateContactGroup(AccountDirectory accounts, SettingsWriter settings, GroupMembership membership)
    : ICommand<CreateContactGroupRequest, CreateContactGroupResponse>
{
    private const int MostGroups = 20;

    public async Task<Result<CreateContactGroupResponse>> HandleAsync(Caller caller, CreateContactGroupRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var created = await settings.ApplyAsync(owner, change => FindOrAdd(change, request.Name));
        if (!created.TryGet(out var group, out var error))
        {
            return error;
        }

        var errors = await membership.ChangeAsync(owner, group, [.. request.Items.Select(item => new GroupMember(item, IsRemoved: false))], cancellation);
        var results = request.Items.Select((item, n) => new ContactResult(item, errors[n]?.Code ?? 0, errors[n]?.Info ?? ""));
        return new CreateContactGroupResponse { GroupResultItem = [new GroupResult(group.ToItem(), [.. results])] };
    }

    private static Result<StoredGroup> FindOrAdd(SettingsChange change, string name)
    {
        if ((change.FindOwnGroup() ?? change.Head.FindGroup(name)) is { } existing)
        {
            return existing;
        }

        return change.Head.Groups.Count() >= MostGroups ? ApiError.TooManyContactGroups : change.PutGroup(name, id: null);
    }
}

public sealed record CreateContactGroupRequest(ContactOwner Owner, string Name, IReadOnlyList<ContactItem> Items) : IRequest<CreateContactGroupRequest>
{
    private const string ListField = "GroupContactItem";

    public static CreateContactGroupRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        var groups = fields.Objects(ListField, ApiError.ConversationParameter);
        if (groups.Count != 1)
        {
            fields.Fail(ApiError.ConversationParameter.In(ListField));
            return new CreateContactGroupRequest(owner, "", []);
        }

        var name = GroupMembership.ReadName(groups[0], "GroupName");
        var items = groups[0].Has("ContactItem") ? GroupMembership.ReadObjects(groups[0], "ContactItem") : [];
        return new CreateContactGroupRequest(owner, name, [.. items.Select(ContactItem.Read)]);
    }
}

public sealed record CreateContactGroupResponse : DisplayEnvelope
{
    public required IReadOnlyList<GroupResult> GroupResultItem { get; init; }
}

public sealed record GroupResult(GroupItem GroupItem, IReadOnlyList<ContactResult> ResultItem);

public sealed record ContactResult(ContactItem ContactItem, int ResultCode, string ResultInfo);
