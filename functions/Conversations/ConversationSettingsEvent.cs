namespace Parley.Conversations;

/// <summary>
/// Tells an account's devices what was set about conversations; see docs/client-protocol.md.
/// <code>
/// { "Type": "ConversationSettings", "Version": 8, "ContactItem": [ { "Type": 1, "To_Account": "mia.k", "StandardMark": "1", … } ],
///   "GroupItem": [ { "GroupName": "work", "GroupId": 1 } ] }
/// </code>
/// </summary>
/// <remarks>ContactItem: all that is set of the conversations that changed. GroupItem: all groups, when one was made, renamed or deleted. Versions are dense.</remarks>
public sealed record ConversationSettingsEvent(long Version, IReadOnlyList<ContactSettings>? ContactItem, IReadOnlyList<GroupItem>? GroupItem)
{
    public string Type => "ConversationSettings";
}
