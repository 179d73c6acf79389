using System.Text.Json;
using Parley.Logins;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>Reading of settings that are objects: a field that nobody knows is a mistake there too.</summary>
internal static class SettingObject
{
    private const int MaxAddressCharacters = 512;

    /// <summary>A reader of the object's fields; null, and the error noted with the parent, when it is none or has an unknown field.</summary>
    public static FieldReader? TryOpen(JsonElement element, string name, string[] known, FieldReader parent)
    {
        var fields = element.ValueKind == JsonValueKind.Object ? new FieldReader(element) : null;
        var stranger = fields?.Names.FirstOrDefault(field => !known.Contains(field, StringComparer.Ordinal));
        if (fields is not null && stranger is null)
        {
            return fields;
        }

        parent.Fail((stranger is null ? ApiError.SettingInvalid : ApiError.SettingUnknown.In(stranger)).In(name));
        return null;
    }

    /// <summary>Whether a text is an address that requests may go to.</summary>
    public static bool IsAddress(string? text) =>
        text is { Length: <= MaxAddressCharacters } && Uri.TryCreate(text, UriKind.Absolute, out var url) && ProviderHttp.IsAllowed(url) && url.Fragment.Length == 0;

    /// <summary>A JSON true or false; false when absent.</summary>
    public static bool Switch(FieldReader fields, string name)
    {
        switch (fields.Element(name)?.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case null or JsonValueKind.False:
                return false;
            default:
                fields.Fail(ApiError.SettingInvalid.In(name));
                return false;
        }
    }
}
