namespace Parley.Apps;

/// <summary>A custom field of groups or of their members, as an app declares it.</summary>
/// <param name="Key">At most 16 letters, digits and underscores.</param>
/// <param name="Types">The types of groups that have it; all where it is empty.</param>
/// <param name="Read">The lowest role that may read it; NotMember for everybody.</param>
/// <param name="Write">The lowest role that may write it.</param>
/// <param name="WriteOwn">Of members: whether a member may write its own value, whatever <paramref name="Write"/> says.</param>
/// <remarks>Source: API reference, groups §2.4.</remarks>
public sealed record GroupFieldDefinition(string Key, IReadOnlyList<GroupType> Types, GroupRole Read, GroupRole Write, bool WriteOwn = false)
{
    public bool AppliesTo(GroupType type) => Types.Count == 0 || Types.Contains(type);
}
