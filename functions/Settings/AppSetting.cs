using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>One setting of an app, as its administrators see and change it.</summary>
/// <param name="Name">The field of a request that sets it.</param>
/// <param name="ShownName">The field of an answer that shows it, or shows of a secret what may be seen.</param>
/// <param name="Show">What is shown.</param>
/// <param name="Read">Reads the field and notes what is wrong with it; answers the change of the app, a pure function.</param>
public sealed record AppSetting(string Name, string ShownName, Func<App, JsonElement> Show, Func<FieldReader, Func<App, App>> Read)
{
    public static AppSetting Number(string name, long min, long max, Func<App, int> get, Func<App, int, App> set) => Of(
        name, ParleyJson.Wire.Int32, get,
        fields => fields.Integer(name, ApiError.SettingInvalid) is var value && value >= min && value <= max ? (int)value : Refuse(fields, name, 0), set);

    /// <summary>A text that must pass a test.</summary>
    public static AppSetting Text(string name, Predicate<string> isValid, Func<App, string> get, Func<App, string, App> set) => Of(
        name, ParleyJson.Wire.String, get,
        fields => fields.Text(name, ApiError.SettingInvalid) is var value && isValid(value) ? value : Refuse(fields, name, ""), set);

    /// <summary>One of an enumeration's values, by name.</summary>
    public static AppSetting Choice<T>(string name, JsonTypeInfo<T> json, Func<App, T> get, Func<App, T, App> set)
        where T : struct, Enum => Of(
        name, json, get,
        fields => Enum.TryParse<T>(fields.Text(name, ApiError.SettingInvalid), out var value) && Enum.IsDefined(value) ? value : Refuse(fields, name, value), set);

    /// <summary>A list of different texts, each of which must pass a test.</summary>
    public static AppSetting Texts(
        string name, int min, int max, Predicate<string> isValid, Func<App, IReadOnlyList<string>> get, Func<App, IReadOnlyList<string>, App> set) => Of(
        name, ParleyJson.Wire.IReadOnlyListString, get,
        fields => ReadTexts(fields, name, min, max, isValid), set);

    /// <summary>As <see cref="Texts"/>, for texts that nobody may see again: only their number is shown.</summary>
    public static AppSetting Secrets(
        string name, string countName, int min, int max, Predicate<string> isValid, Func<App, IReadOnlyList<string>> get,
        Func<App, IReadOnlyList<string>, App> set) =>
        new(name, countName, app => JsonSerializer.SerializeToElement(get(app).Count, ParleyJson.Wire.Int32), fields =>
        {
            var values = ReadTexts(fields, name, min, max, isValid);
            return app => set(app, values);
        });

    /// <summary>A text that nobody may see again: only whether there is one is shown, as 0 or 1.</summary>
    public static AppSetting Secret(string name, string shownName, Predicate<string> isValid, Func<App, string> get, Func<App, string, App> set) =>
        Text(name, isValid, get, set) with
        {
            ShownName = shownName,
            Show = app => JsonSerializer.SerializeToElement(get(app).Length > 0 ? 1 : 0, ParleyJson.Wire.Int32),
        };

    /// <summary>A setting that is shown as it is set.</summary>
    /// <param name="read">Reads the field; notes with the reader what is wrong.</param>
    public static AppSetting Of<T>(string name, JsonTypeInfo<T> json, Func<App, T> get, Func<FieldReader, T> read, Func<App, T, App> set) =>
        new(name, name, app => JsonSerializer.SerializeToElement(get(app), json), fields =>
        {
            var value = read(fields);
            return app => set(app, value);
        });

    private static IReadOnlyList<string> ReadTexts(FieldReader fields, string name, int min, int max, Predicate<string> isValid)
    {
        var values = fields.Has(name) ? fields.OptionalTexts(name, ApiError.SettingInvalid) : [];
        return values.Count >= min && values.Count <= max && values.All(value => isValid(value)) && values.Distinct().Count() == values.Count
            ? values
            : Refuse(fields, name, values);
    }

    private static T Refuse<T>(FieldReader fields, string name, T instead)
    {
        fields.Fail(ApiError.SettingInvalid.In(name));
        return instead;
    }
}
