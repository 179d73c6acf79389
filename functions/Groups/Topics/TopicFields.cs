using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>What a request says of a topic's profile; null leaves a field as it is.</summary>
/// <remarks>Source: API reference, groups §10; the limits of introduction, notification and face are those of groups.</remarks>
public sealed record TopicFields(string? Name, string? CustomString, string? FaceUrl, string? Notification, string? Introduction)
{
    private const int MaxCustomBytes = 3_000;

    /// <summary>Reads them: 10004 for one that is too long, or a name that is empty.</summary>
    public static TopicFields Read(FieldReader fields)
    {
        var name = fields.ShortText("TopicName", GroupFields.MaxNameBytes);
        if (name is { Length: 0 })
        {
            fields.Fail(ApiError.GroupParameter.In("TopicName"));
        }

        return new TopicFields(
            name,
            fields.ShortText("CustomString", MaxCustomBytes),
            fields.ShortText("FaceUrl", GroupFields.MaxFaceUrlBytes),
            fields.ShortText("Notification", GroupFields.MaxNotificationBytes),
            fields.ShortText("Introduction", GroupFields.MaxIntroductionBytes));
    }

    public GroupProfile ApplyTo(GroupProfile profile) => profile with
    {
        Name = Name ?? profile.Name,
        CustomString = CustomString ?? profile.CustomString,
        FaceUrl = FaceUrl ?? profile.FaceUrl,
        Notification = Notification ?? profile.Notification,
        Introduction = Introduction ?? profile.Introduction,
    };

    /// <summary>The texts that people read.</summary>
    public IEnumerable<string?> Texts => [Name, Introduction, Notification];
}
