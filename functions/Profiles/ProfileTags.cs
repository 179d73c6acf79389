using Parley.Apps;
using Parley.Rest;

namespace Parley.Profiles;

/// <summary>All fields of profiles: the standard ones, and those that an app has added.</summary>
/// <remarks>
/// Source: API reference, profile §2 and §3. Accounts may write all standard fields but AdminForbidType, which is made to bind them (our choice: the
/// reference does not list the rights of each).
/// </remarks>
public static class ProfileTags
{
    public const string AllowTypePrefix = "AllowType_Type_";
    public const string AllowTypeColumn = "AllowType";
    public const string AdminForbidColumn = "AdminForbidType";
    public const string MayNotAsk = "AdminForbid_Type_SendOut";

    private const string Prefix = "Tag_Profile_IM_";
    private const string CustomPrefix = "Tag_Profile_Custom_";
    private const string CustomColumnPrefix = "Custom";
    private const int MaxLocationBytes = 16;

    public static IReadOnlyList<ProfileTag> Standard { get; } =
    [
        new(Prefix + "Nick", "Nick"),
        new(Prefix + "Gender", "Gender") { Choices = ["Gender_Type_Unknown", "Gender_Type_Female", "Gender_Type_Male"] },
        new(Prefix + "BirthDay", "BirthDay", IsNumber: true),
        new(Prefix + "Location", "Location") { MaxBytes = MaxLocationBytes },
        new(Prefix + "SelfSignature", "SelfSignature"),
        new(Prefix + "AllowType", AllowTypeColumn) { Choices = [.. Enum.GetNames<AllowType>().Select(name => AllowTypePrefix + name)] },
        new(Prefix + "Language", "Language", IsNumber: true),
        new(Prefix + "Image", "FaceUrl"),
        new(Prefix + "MsgSettings", "MsgSettings", IsNumber: true),
        new(Prefix + "AdminForbidType", AdminForbidColumn) { Choices = ["AdminForbid_Type_None", MayNotAsk], IsWritable = false },
        new(Prefix + "Level", "Level", IsNumber: true),
        new(Prefix + "Role", "Role", IsNumber: true),
    ];

    /// <summary>The field of that name; 40009 when the app has none.</summary>
    public static Result<ProfileTag> Find(App app, string name) =>
        Standard.FirstOrDefault(tag => tag.Name == name) is { } standard ? standard
        : name.StartsWith(CustomPrefix, StringComparison.Ordinal) && app.ProfileCustomFields.FirstOrDefault(field => field.Name == name[CustomPrefix.Length..]) is { } own ? Of(own)
        : ApiError.ProfileTagUnknown.In(name);

    /// <summary>The fields of those names that the caller may read, each once. 40009, 40007.</summary>
    public static Result<IReadOnlyList<ProfileTag>> FindReadable(Caller caller, IEnumerable<string> names)
    {
        var tags = new List<ProfileTag>();
        foreach (var name in names.Distinct())
        {
            if (!Find(caller.App, name).TryGet(out var tag, out var unknown))
            {
                return unknown;
            }

            if (!tag.IsReadable && !caller.IsAdmin)
            {
                return ApiError.ProfileNotReadable.In(name);
            }

            tags.Add(tag);
        }

        return tags;
    }

    private static ProfileTag Of(CustomField field) => new(CustomPrefix + field.Name, CustomColumnPrefix + field.Name)
    {
        IsReadable = field.Read == CustomFieldAccess.App,
        IsWritable = field.Write == CustomFieldAccess.App,
    };
}
