using System.Text.Json;
using Parley.Apps;
using Parley.Groups;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Settings <c>GroupFields</c> and <c>GroupMemberFields</c>: the custom fields of groups and of their members, lists that are replaced as a whole.
/// <code>{ "GroupFields": [ { "Key": "Region", "Types": [ "Public" ], "Read": "NotMember", "Write": "Admin" } ] }</code>
/// </summary>
/// <remarks>Limits: API reference, groups §2.4. What is not declared any more stays stored and is shown again when it is declared again.</remarks>
public static class GroupFieldSetting
{
    private const int MaxKeyLength = 16;

    private static readonly string[] Fields = ["Key", "Types", "Read", "Write", "WriteOwn"];

    public static AppSetting Create(string name, int most, Func<App, IReadOnlyList<GroupFieldDefinition>> get, Func<App, IReadOnlyList<GroupFieldDefinition>, App> set) =>
        AppSetting.Of(name, ParleyJson.Wire.IReadOnlyListGroupFieldDefinition, get, fields => ReadAll(fields, name, most), set);

    private static List<GroupFieldDefinition> ReadAll(FieldReader fields, string name, int most)
    {
        if (fields.Element(name) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() > most)
        {
            fields.Fail(ApiError.SettingInvalid.In(name));
            return [];
        }

        var read = new List<GroupFieldDefinition>();
        foreach (var element in array.EnumerateArray())
        {
            var own = SettingObject.TryOpen(element, name, Fields, fields);
            if (own is null || Read(own) is not { } field || read.Exists(other => other.Key == field.Key))
            {
                fields.Fail((own?.Error ?? ApiError.SettingInvalid).In(name));
                return [];
            }

            read.Add(field);
        }

        return read;
    }

    // Null when something is wrong with it.
    private static GroupFieldDefinition? Read(FieldReader fields)
    {
        var key = fields.Text("Key", ApiError.SettingInvalid);
        var types = new List<GroupType>();
        foreach (var name in fields.OptionalTexts("Types", ApiError.SettingInvalid))
        {
            if (!GroupTraits.TryParse(name, out var type) || types.Contains(type))
            {
                return null;
            }

            types.Add(type);
        }

        var (read, write, own) = (ReadRole(fields, "Read"), ReadRole(fields, "Write"), SettingObject.Switch(fields, "WriteOwn"));
        var isKey = key.Length is > 0 and <= MaxKeyLength && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        return isKey && fields.Error is null ? new GroupFieldDefinition(key, types, read, write, own) : null;
    }

    private static GroupRole ReadRole(FieldReader fields, string name)
    {
        var text = fields.Text(name, ApiError.SettingInvalid);
        foreach (var role in (GroupRole[])[GroupRole.NotMember, GroupRole.Member, GroupRole.Admin, GroupRole.Owner, GroupRole.AppAdmin])
        {
            if (role.ToString() == text)
            {
                return role;
            }
        }

        fields.Fail(ApiError.SettingInvalid.In(name));
        return GroupRole.Nobody;
    }
}
