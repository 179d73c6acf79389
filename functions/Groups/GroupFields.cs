using System.Text;
using System.Text.Json;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>Fields that group commands share.</summary>
public static class GroupFields
{
    public const int MaxNameBytes = 30;
    public const int MaxIntroductionBytes = 240;
    public const int MaxNotificationBytes = 300;
    public const int MaxFaceUrlBytes = 100;
    public const int MaxNameCardBytes = 50;

    /// <summary>The group: 10004 when it is missing, 10015 when it is malformed, 11000 for a topic of it.</summary>
    public static string GroupId(this FieldReader fields)
    {
        var id = fields.Text("GroupId", ApiError.GroupParameter);
        if (fields.Error is null && !GroupKey.IsValid(id))
        {
            fields.Fail(ApiError.GroupIdInvalid);
        }

        fields.RefuseTopic();
        return id;
    }

    /// <summary>The group, or the topic of it that TopicId names: as <see cref="GroupId"/>, and 10015 for a topic of another group, or a malformed name.</summary>
    public static string GroupOrTopic(this FieldReader fields)
    {
        if (fields.OptionalText("TopicId", ApiError.GroupParameter) is not { Length: > 0 } topic)
        {
            return fields.GroupId();
        }

        var id = fields.Text("GroupId", ApiError.GroupParameter);
        if (fields.Error is null && !(GroupKey.IsValid(id) && GroupKey.IsTopicOf(id, topic)))
        {
            fields.Fail(ApiError.GroupIdInvalid);
        }

        return topic;
    }

    /// <summary>What is meant for a topic must not go to its whole community: 11000.</summary>
    private static void RefuseTopic(this FieldReader fields)
    {
        if (fields.OptionalText("TopicId", ApiError.GroupParameter) is { Length: > 0 })
        {
            fields.Fail(ApiError.TopicsNotSupported);
        }
    }

    /// <summary>A text of at most so many bytes of UTF-8.</summary>
    public static string? ShortText(this FieldReader fields, string name, int mostBytes)
    {
        var text = fields.OptionalText(name, ApiError.GroupParameter);
        if (text is not null && Encoding.UTF8.GetByteCount(text) > mostBytes)
        {
            fields.Fail(ApiError.GroupParameter.In(name));
        }

        return text;
    }

    /// <summary>A field that has two names, one of each generation; the newer one wins.</summary>
    public static string EitherName(this FieldReader fields, string newer, string older) => fields.Has(newer) ? newer : older;

    /// <summary>"On" or "Off".</summary>
    public static bool? Switch(this FieldReader fields, string name) => fields.OptionalText(name, ApiError.GroupParameter) switch
    {
        null => null,
        "On" => true,
        "Off" => false,
        _ => Wrong<bool?>(fields, name, null),
    };

    /// <summary>ApplyJoinOption or InviteJoinOption.</summary>
    /// <param name="refusing">What the value that refuses everybody is called.</param>
    public static JoinOption? JoinOption(this FieldReader fields, string name, string refusing) => fields.OptionalText(name, ApiError.GroupParameter) switch
    {
        null => null,
        "FreeAccess" => Groups.JoinOption.FreeAccess,
        "NeedPermission" => Groups.JoinOption.NeedPermission,
        { } value when value == refusing => Groups.JoinOption.DisableApply,
        _ => Wrong<JoinOption?>(fields, name, null),
    };

    /// <summary>One of some values, by name; null when the field is absent.</summary>
    public static T? OneOf<T>(this FieldReader fields, string name, params T[] values)
        where T : struct, Enum
    {
        var text = fields.OptionalText(name, ApiError.GroupParameter);
        foreach (var value in values)
        {
            if (value.ToString() == text)
            {
                return value;
            }
        }

        return text is null ? null : Wrong<T?>(fields, name, null);
    }

    /// <summary>The type that a list shall be of, under either name of the field: 10004 for one that is none.</summary>
    public static GroupType? OptionalType(this FieldReader fields)
    {
        var field = fields.EitherName("GroupType", "Type");
        return fields.OptionalText(field, ApiError.GroupParameter) switch
        {
            null or "" => null,
            { } name when GroupTraits.TryParse(name, out var type) => type,
            _ => Wrong<GroupType?>(fields, field, null),
        };
    }

    /// <summary>How many of a list are wanted, from 1.</summary>
    /// <returns>Null when the field is absent or 0.</returns>
    public static int? Limit(this FieldReader fields, int most) => fields.OptionalInteger("Limit", ApiError.GroupParameter) switch
    {
        null or 0 => null,
        { } limit when limit > 0 && limit <= most => (int)limit,
        _ => Wrong<int?>(fields, "Limit", null),
    };

    /// <summary>How many of a list are passed over.</summary>
    public static int Offset(this FieldReader fields) => fields.OptionalInteger("Offset", ApiError.GroupParameter) switch
    {
        null => 0,
        { } offset when offset is >= 0 and <= int.MaxValue => (int)offset,
        _ => Wrong(fields, "Offset", 0),
    };

    /// <summary>For how many seconds somebody may not speak, under either name of the field.</summary>
    public static uint? MuteSeconds(this FieldReader fields) =>
        fields.OptionalUnsigned(fields.EitherName("MuteTime", "ShutUpTime"), ApiError.GroupParameter);

    /// <summary>Whether all may speak or only admins, under either name of the field.</summary>
    public static bool? MuteAll(this FieldReader fields) => fields.Switch(fields.EitherName("MuteAllMember", "ShutUpAllMember"));

    /// <summary>Accounts that are named in a list which must be there: 10004 malformed, 10005 more than <paramref name="most"/>.</summary>
    public static IReadOnlyList<string> Accounts(this FieldReader fields, string name, int most)
    {
        var list = fields.Array(name, ApiError.GroupParameter);
        if (list.Count > most)
        {
            fields.Fail(ApiError.TooManyMembersNamed.In(name));
            return [];
        }

        if (!list.All(item => item.ValueKind == JsonValueKind.String && FieldReader.IsAccount(item.GetString()!)))
        {
            fields.Fail(ApiError.GroupParameter.In(name));
            return [];
        }

        return [.. list.Select(item => item.GetString()!)];
    }

    /// <summary>Custom fields: a list of Key and Value.</summary>
    /// <param name="maxValueBytes">Of a value, in bytes of UTF-8.</param>
    /// <returns>Null when the field is absent.</returns>
    public static IReadOnlyList<KeyValuePair<string, string>>? CustomFields(this FieldReader fields, string name, int maxValueBytes)
    {
        if (!fields.Has(name))
        {
            return null;
        }

        var values = new List<KeyValuePair<string, string>>();
        foreach (var item in fields.Objects(name, ApiError.GroupParameter))
        {
            var (key, value) = (item.Text("Key", ApiError.GroupParameter), item.Text("Value", ApiError.GroupParameter));
            if (Encoding.UTF8.GetByteCount(value) > maxValueBytes)
            {
                fields.Fail(ApiError.GroupParameter.In(name));
            }

            values.Add(new(key, value));
        }

        return values;
    }

    private static T Wrong<T>(FieldReader fields, string name, T instead)
    {
        fields.Fail(ApiError.GroupParameter.In(name));
        return instead;
    }
}
