using System.Text;
using System.Text.Json;
using Parley.Apps;
using Parley.Profiles;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>The fields of friends by their tags.</summary>
/// <remarks>Source: API reference, sns §1.1 and §1.2.</remarks>
internal static class FriendTags
{
    public const string Remark = Prefix + "Remark";
    public const string Group = Prefix + "Group";

    private const string Prefix = "Tag_SNS_IM_";
    private const string CustomPrefix = "Tag_SNS_Custom_";
    private const int MaxCustomBytes = 500;

    private static readonly string[] Names = [Prefix + "AddSource", Remark, Group, Prefix + "AddWording", Prefix + "AddTime", Prefix + "RemarkTime"];

    /// <summary>Whether there is such a field.</summary>
    public static bool IsKnown(App app, string tag) => Names.Contains(tag) || CustomOf(app, tag) is not null;

    /// <summary>The keyword of a field that the app has declared; null when it has not.</summary>
    public static string? CustomOf(App app, string tag) =>
        tag.StartsWith(CustomPrefix, StringComparison.Ordinal) && app.FriendCustomFields.Any(field => field.Name == tag[CustomPrefix.Length..]) ? tag[CustomPrefix.Length..] : null;

    /// <summary>Whether it can be the value of such a field: a text of at most 500 bytes, or a whole number of at most 64 bits.</summary>
    public static bool IsCustomValue(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)))
        || (value.ValueKind == JsonValueKind.String && Encoding.UTF8.GetByteCount(value.GetString()!) <= MaxCustomBytes);

    /// <summary>The standard fields of a friend that have a value.</summary>
    public static IEnumerable<TagValue> Standard(PeerRow friend, RelationHead head)
    {
        var entry = friend.Relation.Friend!;
        var groups = head.Groups.Where(group => friend.Details.Groups.Contains(group.Id)).Select(group => group.Name).ToList();
        return new (string Tag, object Value, bool Has)[]
        {
            (Names[0], entry.Source, entry.Source.Length > 0),
            (Remark, friend.Details.Remark, friend.Details.Remark.Length > 0),
            (Names[3], entry.Wording, entry.Wording.Length > 0),
            (Names[4], entry.AddTime, true),
            (Names[5], friend.Details.RemarkTime, friend.Details.RemarkTime > 0),
        }.Where(one => one.Has).Select(one => TagValue.Of(one.Tag, one.Value)).Concat(
            groups.Count == 0 ? [] : [new TagValue(Group, new RawJson(JsonSerializer.Serialize(groups, ParleyJson.Wire.IReadOnlyListString)))]);
    }

    /// <summary>The app's own fields of a friend that have a value.</summary>
    public static IEnumerable<TagValue> Custom(PeerRow friend, App app) => app.FriendCustomFields
        .Where(field => friend.Details.Custom.ContainsKey(field.Name)).Select(field => new TagValue(CustomPrefix + field.Name, new RawJson(friend.Details.Custom[field.Name])));
}
