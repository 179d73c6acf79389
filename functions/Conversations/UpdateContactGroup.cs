using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Renames a conversation group, or changes which conversations are in it.
/// <code>
/// POST /v4/recentcontact/update_contact_group
/// { "From_Account": "jonas", "UpdateType": 1, "UpdateGroup": { "UpdateGroupType": 2, "OldGroupName": "work",
///   "ContactUpdateItem": [ { "ContactOptType": 1, "ContactItem": { "Type": 1, "To_Account": "mia.k" } } ] } }
/// → { "UpdateType": 1, "UpdateGroupResult": { "UpdateGroupType": 2, "GroupName": "work", "GroupId": 1, "OldGroupName": "work",
///     "ContactResultItem": [ { "ContactOptType": 1, "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "ResultCode": 0, "ResultInfo": "" } ] }, … }
/// { …, "UpdateGroup": { "UpdateGroupType": 1, "OldGroupName": "work", "NewGroupName": "office" } }
/// </code>
/// </summary>
/// <remarks>
/// ContactOptType: 1 add, 2 remove; one that is there already, or is not there, counts as done. Each conversation has a result of its own: 50001 unknown
/// account, 51007 a group, 51008 more than 1000 are marked or in groups. Errors: 50001 unknown owner, 50002 a parameter, or the new name is another
/// group's, 51009 no such group, 51011 a name over 32 bytes, 60010 another account's groups. Source: API reference, openim §12.3.
/// </remarks>
public sealed class UpdateContactGroup(AccountDirectory accounts, SettingsWriter settings, GroupMembership membership)
    : ICommand<UpdateContactGroupRequest, UpdateContactGroupResponse>
{
    public async Task<Result<UpdateContactGroupResponse>> HandleAsync(Caller caller, UpdateContactGroupRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var found = await settings.ApplyAsync(owner, change => request.NewName is { } name ? Rename(change, request.OldName, name) : Find(change, request.OldName));
        if (!found.TryGet(out var group, out var error))
        {
            return error;
        }

        var errors = await membership.ChangeAsync(owner, group, request.Members, cancellation);
        var results = request.Members.Select((member, n) => new UpdatedContact(
            member.IsRemoved ? UpdateContactGroupRequest.Remove : UpdateContactGroupRequest.Add, member.Item, errors[n]?.Code ?? 0, errors[n]?.Info ?? ""));
        return new UpdateContactGroupResponse
        {
            UpdateGroupResult = new UpdatedGroup(
                request.NewName is null ? UpdateContactGroupRequest.ChangeMembers : UpdateContactGroupRequest.Rename, group.Name, group.Id, request.OldName, [.. results]),
        };
    }

    private static Result<StoredGroup> Find(SettingsChange change, string name) =>
        change.Head.FindGroup(name) is { } group ? group : ApiError.ContactGroupNotFound.In("OldGroupName");

    private static Result<StoredGroup> Rename(SettingsChange change, string oldName, string newName)
    {
        if (change.FindOwnGroup() is { } renamed)
        {
            return renamed;
        }

        if (change.Head.FindGroup(oldName) is not { } group)
        {
            return ApiError.ContactGroupNotFound.In("OldGroupName");
        }

        return oldName == newName ? group
            : change.Head.FindGroup(newName) is not null ? ApiError.ConversationParameter.In("NewGroupName")
            : change.PutGroup(newName, group.Id);
    }
}

/// <param name="NewName">Null when members shall be changed.</param>
public sealed record UpdateContactGroupRequest(ContactOwner Owner, string OldName, string? NewName, IReadOnlyList<GroupMember> Members)
    : IRequest<UpdateContactGroupRequest>
{
    public const int Rename = 1;
    public const int ChangeMembers = 2;
    public const int Add = 1;
    public const int Remove = 2;

    public static UpdateContactGroupRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        if (fields.Integer("UpdateType", ApiError.ConversationParameter) != 1)
        {
            fields.Fail(ApiError.ConversationParameter.In("UpdateType"));
        }

        var update = fields.Object("UpdateGroup", ApiError.ConversationParameter);
        var oldName = update.Text("OldGroupName", ApiError.ConversationParameter);
        switch (update.Integer("UpdateGroupType", ApiError.ConversationParameter))
        {
            case Rename:
                return new UpdateContactGroupRequest(owner, oldName, GroupMembership.ReadName(update, "NewGroupName"), []);
            case ChangeMembers:
                return new UpdateContactGroupRequest(owner, oldName, null, [.. GroupMembership.ReadObjects(update, "ContactUpdateItem").Select(ReadMember)]);
            default:
                update.Fail(ApiError.ConversationParameter.In("UpdateGroupType"));
                return new UpdateContactGroupRequest(owner, oldName, null, []);
        }
    }

    private static GroupMember ReadMember(FieldReader fields)
    {
        var type = fields.Integer("ContactOptType", ApiError.ConversationParameter);
        if (type is not (Add or Remove))
        {
            fields.Fail(ApiError.ConversationParameter.In("ContactOptType"));
        }

        return new GroupMember(ContactItem.ReadField(fields), type == Remove);
    }
}

public sealed record UpdateContactGroupResponse : DisplayEnvelope
{
    public int UpdateType { get; init; } = 1;

    public required UpdatedGroup UpdateGroupResult { get; init; }
}

public sealed record UpdatedGroup(int UpdateGroupType, string GroupName, long GroupId, string OldGroupName, IReadOnlyList<UpdatedContact> ContactResultItem);

public sealed record UpdatedContact(int ContactOptType, ContactItem ContactItem, int ResultCode, string ResultInfo);
