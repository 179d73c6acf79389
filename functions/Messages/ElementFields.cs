using System.Text.Json;

namespace Parley.Messages;

/// <summary>What the content of one message type must look like: field by field, and of which kind.</summary>
/// <remarks>Source: API reference, messages §1. Fields not named are kept as sent.</remarks>
internal sealed record ElementFields(params FieldRule[] Rules)
{
    private static readonly ElementFields ImageInfo = new(
        FieldRule.Optional("Type", IsInteger), FieldRule.Optional("Size", IsInteger),
        FieldRule.Required("Width", IsInteger), FieldRule.Required("Height", IsInteger), FieldRule.Required("URL", IsText));

    /// <summary>The message types that may be sent.</summary>
    public static readonly IReadOnlyDictionary<string, ElementFields> ByType = new Dictionary<string, ElementFields>(StringComparer.Ordinal)
    {
        ["TIMTextElem"] = new(FieldRule.Required("Text", IsText)),
        ["TIMLocationElem"] = new(
            FieldRule.Required("Desc", IsText), FieldRule.Required("Latitude", IsNumber), FieldRule.Required("Longitude", IsNumber)),
        ["TIMFaceElem"] = new(FieldRule.Required("Index", IsInteger), FieldRule.Optional("Data", IsText)),
        ["TIMCustomElem"] = new(
            FieldRule.Required("Data", IsText), FieldRule.Optional("Desc", IsText), FieldRule.Optional("Ext", IsText), FieldRule.Optional("Sound", IsText)),
        ["TIMSoundElem"] = new(
            FieldRule.Required("Url", IsText), FieldRule.Required("UUID", IsText), FieldRule.Required("Size", IsInteger),
            FieldRule.Required("Second", IsInteger), FieldRule.Required("Download_Flag", IsDownloadByUrl)),

        // ImageFormat, Type and Size are listed as required, but the reference lets REST senders leave them out.
        ["TIMImageElem"] = new(
            FieldRule.Required("UUID", IsText), FieldRule.Optional("ImageFormat", IsInteger), FieldRule.Required("ImageInfoArray", IsImageList)),

        // One table of the reference spells the name fileName.
        ["TIMFileElem"] = new(
            FieldRule.Required("Url", IsText), FieldRule.Required("UUID", IsText), FieldRule.Required("FileSize", IsInteger),
            FieldRule.Required("FileName", IsText, otherName: "fileName"), FieldRule.Required("Download_Flag", IsDownloadByUrl)),
        ["TIMVideoFileElem"] = new(
            FieldRule.Required("VideoUrl", IsText), FieldRule.Required("VideoUUID", IsText), FieldRule.Required("VideoSize", IsInteger),
            FieldRule.Required("VideoSecond", IsInteger), FieldRule.Required("VideoFormat", IsText),
            FieldRule.Required("VideoDownloadFlag", IsDownloadByUrl),
            FieldRule.Required("ThumbUrl", IsText), FieldRule.Required("ThumbUUID", IsText), FieldRule.Required("ThumbSize", IsInteger),
            FieldRule.Required("ThumbWidth", IsInteger), FieldRule.Required("ThumbHeight", IsInteger), FieldRule.Required("ThumbFormat", IsText),
            FieldRule.Required("ThumbDownloadFlag", IsDownloadByUrl)),
        ["TIMRelayElem"] = new(
            FieldRule.Optional("Title", IsText), FieldRule.Optional("MsgNum", IsInteger), FieldRule.Optional("CompatibleText", IsText),
            FieldRule.Optional("AbstractList", IsTextList), FieldRule.Optional("MsgList", IsObjectList), FieldRule.Optional("JsonMsgKey", IsText)),
    };

    /// <summary>The first field that is missing or of another kind; null when all are well.</summary>
    public string? FindWrong(JsonElement content)
    {
        foreach (var rule in Rules)
        {
            if (!rule.Allows(content))
            {
                return rule.Name;
            }
        }

        return null;
    }

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;

    private static bool IsInteger(JsonElement value) => IsNumber(value) && value.TryGetInt64(out _);

    // Media are downloaded from their address; 2 is the only way that is left.
    private static bool IsDownloadByUrl(JsonElement value) => IsNumber(value) && value.TryGetInt64(out var way) && way == 2;

    private static bool IsTextList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsText);

    private static bool IsObjectList(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object);

    private static bool IsImageList(JsonElement value) =>
        IsObjectList(value) && value.GetArrayLength() > 0 && value.EnumerateArray().All(image => ImageInfo.FindWrong(image) is null);
}

/// <summary>One field of a message type's content.</summary>
internal sealed record FieldRule(string Name, bool IsRequired, Func<JsonElement, bool> IsOfKind, string? OtherName)
{
    public static FieldRule Required(string name, Func<JsonElement, bool> isOfKind, string? otherName = null) => new(name, true, isOfKind, otherName);

    public static FieldRule Optional(string name, Func<JsonElement, bool> isOfKind) => new(name, false, isOfKind, null);

    public bool Allows(JsonElement content)
    {
        var found = content.TryGetProperty(Name, out var value) || (OtherName is not null && content.TryGetProperty(OtherName, out value));
        return found ? IsOfKind(value) : !IsRequired;
    }
}
