using System.Text.Json;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>Reads and changes custom fields, which are kept as one JSON object.</summary>
public static class GroupCustomFields
{
    public const int MaxGroupValueBytes = 512;
    public const int MaxMemberValueBytes = 64;

    public static IReadOnlyDictionary<string, string> Parse(RawJson? custom) =>
        custom is { } json ? JsonSerializer.Deserialize(json.Text, ParleyJson.Wire.DictionaryStringString) ?? [] : new Dictionary<string, string>();

    /// <summary>Sets fields; an empty value removes one.</summary>
    /// <returns>10004 for a field that is not declared for the type, 10007 for one that the role may not write.</returns>
    public static Result<RawJson?> Change(
        RawJson? custom, IReadOnlyList<KeyValuePair<string, string>> changes, IReadOnlyList<GroupFieldDefinition> declared, GroupType type, GroupRole role, bool isOwn)
    {
        var values = new Dictionary<string, string>(Parse(custom));
        foreach (var (key, value) in changes)
        {
            if (declared.FirstOrDefault(field => field.Key == key && field.AppliesTo(type)) is not { } field)
            {
                return ApiError.GroupParameter.In(key);
            }

            if (role < field.Write && !(isOwn && field.WriteOwn))
            {
                return ApiError.GroupNotPermitted.In(key);
            }

            if (value.Length == 0)
            {
                values.Remove(key);
            }
            else
            {
                values[key] = value;
            }
        }

        return values.Count == 0 ? (RawJson?)null : new RawJson(JsonSerializer.Serialize(values, ParleyJson.Wire.DictionaryStringString));
    }

    /// <summary>The fields that a role may read; all that were declared once and are not any more are left out.</summary>
    /// <param name="filter">The fields that are asked for.</param>
    /// <param name="isOwn">A member's own: what it may write it may read.</param>
    public static IReadOnlyList<GroupFieldValue> Show(
        RawJson? custom, IReadOnlyList<GroupFieldDefinition> declared, GroupType type, GroupRole role, NameFilter filter, bool isOwn) =>
    [
        .. from value in Parse(custom)
           where filter.Has(value.Key)
           where declared.Any(field => field.Key == value.Key && field.AppliesTo(type) && (role >= field.Read || (isOwn && field.WriteOwn)))
           orderby value.Key
           select new GroupFieldValue(value.Key, value.Value),
    ];
}

public sealed record GroupFieldValue(string Key, string Value);
