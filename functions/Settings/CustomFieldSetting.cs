using System.Text.Json;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Settings <c>ProfileCustomFields</c> and <c>FriendCustomFields</c>: lists that are replaced as a whole.
/// <code>[ { "Name": "Team", "Type": "String", "Read": "App", "Write": "Admin" } ]</code>
/// </summary>
/// <remarks>
/// At most 20 (the reference names no number; our choice). Type is String unless given, Read and Write are App. A field that is taken out hides its
/// values and does not delete them. Source: API reference, profile §3, sns §1.2.
/// </remarks>
public static class CustomFieldSetting
{
    private const int MaxFields = 20;
    private const int MaxNameLength = 8;

    private static readonly string[] Known = ["Name", "Type", "Read", "Write"];

    public static AppSetting Create(string name, Func<App, IReadOnlyList<CustomField>> get, Func<App, IReadOnlyList<CustomField>, App> set) =>
        AppSetting.Of(name, ParleyJson.Wire.IReadOnlyListCustomField, get, fields => ReadAll(fields, name), set);

    private static List<CustomField> ReadAll(FieldReader fields, string setting)
    {
        if (fields.Element(setting) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() > MaxFields)
        {
            fields.Fail(ApiError.SettingInvalid.In(setting));
            return [];
        }

        var read = new List<CustomField>();
        foreach (var element in array.EnumerateArray())
        {
            var own = SettingObject.TryOpen(element, setting, Known, fields);
            if (own is null || Read(own) is not { } field || read.Any(other => other.Name == field.Name))
            {
                fields.Fail((own?.Error ?? ApiError.SettingInvalid).In(setting));
                return [];
            }

            read.Add(field);
        }

        return read;
    }

    // Null when something is wrong with it.
    private static CustomField? Read(FieldReader fields)
    {
        var name = fields.Text("Name", ApiError.SettingInvalid);
        return name.Length is > 0 and <= MaxNameLength && name.All(char.IsAsciiLetter)
            && TryChoose(fields, "Type", out CustomFieldType type) && TryChoose(fields, "Read", out CustomFieldAccess read)
            && TryChoose(fields, "Write", out CustomFieldAccess write)
            ? new CustomField(name, type, read, write)
            : null;
    }

    private static bool TryChoose<T>(FieldReader fields, string name, out T value)
        where T : struct, Enum
    {
        value = default;
        return fields.OptionalText(name, ApiError.SettingInvalid) is not { } text
            ? fields.Error is null
            : Enum.GetNames<T>().Contains(text) && Enum.TryParse(text, out value);
    }
}
