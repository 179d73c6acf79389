using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Deletes a conversation group; its conversations stay.
/// <code>
/// POST /v4/recentcontact/del_contact_group
/// { "From_Account": "jonas", "GroupName": ["work"] }
/// → { "GroupItem": [ { "GroupName": "work", "GroupId": 1 } ], "ActionStatus": "OK", …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Ids of groups are never used again. Errors: 50001 unknown account, 50002 a parameter, or not exactly one name, 51009 no such group, 60010 another
/// account's groups. Source: API reference, openim §12.3.
/// </remarks>
public sealed class DeleteContactGroup(AccountDirectory accounts, SettingsWriter settings) : ICommand<DeleteContactGroupRequest, DeleteContactGroupResponse>
{
    public async Task<Result<DeleteContactGroupResponse>> HandleAsync(Caller caller, DeleteContactGroupRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (!(await settings.ApplyAsync(owner, change => Delete(change, request.Name))).TryGet(out var group, out var error))
        {
            return error;
        }

        await settings.CleanUpAsync(owner);
        return new DeleteContactGroupResponse { GroupItem = [group.ToItem()] };
    }

    private static Result<StoredGroup> Delete(SettingsChange change, string name) =>
        change.FindOwnGroup() is { } deleted ? deleted
        : change.Head.FindGroup(name) is { } group ? change.PutGroup(name, group.Id, isDeleted: true)
        : ApiError.ContactGroupNotFound.In("GroupName");
}

public sealed record DeleteContactGroupRequest(ContactOwner Owner, string Name) : IRequest<DeleteContactGroupRequest>
{
    public static DeleteContactGroupRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        var names = fields.OptionalTexts("GroupName", ApiError.ConversationParameter);
        if (names.Count != 1)
        {
            fields.Fail(ApiError.ConversationParameter.In("GroupName"));
        }

        return new DeleteContactGroupRequest(owner, names.Count == 1 ? names[0] : "");
    }
}

public sealed record DeleteContactGroupResponse : DisplayEnvelope
{
    public required IReadOnlyList<GroupItem> GroupItem { get; init; }
}
