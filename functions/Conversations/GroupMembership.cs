using System.Text;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>A conversation that shall be added to a conversation group, or taken out of it.</summary>
public sealed record GroupMember(ContactItem Item, bool IsRemoved)
{
    /// <summary>51009 when the group was deleted meanwhile.</summary>
    public ContactChange ToChange(StoredGroup group) => new(Item, (head, before) =>
        !head.HasGroup(group.Id) ? ApiError.ContactGroupNotFound
        : IsRemoved ? before.WithGroups(before.GroupIds.Where(id => id != group.Id))
        : before.WithGroups(before.GroupIds.Union([group.Id])));
}

/// <summary>Puts conversations into an account's conversation groups, and reads the names of groups.</summary>
public sealed class GroupMembership(SettingsWriter settings)
{
    /// <summary>As many as can be in groups at all.</summary>
    private const int MostMembers = 1000;

    private const int MaxNameBytes = 32;

    /// <summary>Adds conversations to a group, or takes them out of it.</summary>
    /// <returns>For each the error that hindered it, or null.</returns>
    public Task<IReadOnlyList<ApiError?>> ChangeAsync(AccountKey owner, StoredGroup group, IReadOnlyList<GroupMember> members, CancellationToken cancellation) =>
        settings.SetEachAsync(owner, [.. members.Select(member => member.ToChange(group))], cancellation);

    /// <summary>Reads the name of a group; 51011 when it is too long, 50002 when it is none.</summary>
    public static string ReadName(FieldReader fields, string field)
    {
        var name = fields.Text(field, ApiError.ConversationParameter);
        if (name.Length == 0)
        {
            fields.Fail(ApiError.ConversationParameter.In(field));
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            fields.Fail(ApiError.ContactGroupName.In(field));
        }

        return name;
    }

    /// <summary>Reads objects that name conversations; 50002 when there are too many.</summary>
    public static IReadOnlyList<FieldReader> ReadObjects(FieldReader fields, string field)
    {
        var items = fields.Objects(field, ApiError.ConversationParameter);
        if (items.Count <= MostMembers)
        {
            return items;
        }

        fields.Fail(ApiError.ConversationParameter.In(field));
        return [];
    }
}
