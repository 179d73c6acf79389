using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>What a message says: its elements and what travels with them, kept as sent.</summary>
/// <param name="MsgBody">A JSON array of elements.</param>
/// <param name="OfflinePushInfo">A JSON object, for the push work.</param>
public sealed record MessageContent(
    RawJson MsgBody, string? CloudCustomData, RawJson? OfflinePushInfo, bool NeedsReadReceipt, bool SupportsExtension)
{
    /// <summary>In bytes of its JSON; the measure for the app's limit.</summary>
    public int Size => SizeOf(MsgBody, CloudCustomData, OfflinePushInfo);

    /// <summary>Tells a retry of this message from another message of the same MsgSeq and MsgRandom.</summary>
    public string Digest => Convert.ToHexString(XxHash64.Hash(Encoding.UTF8.GetBytes($"{MsgBody.Text}\n{CloudCustomData}")));

    /// <summary>Reads and checks the content of a request.</summary>
    /// <remarks>
    /// Errors: 90007 MsgBody is not an array; 90002 it is missing or empty, an element lacks MsgType or MsgContent, or there are two custom elements;
    /// 90010 an unknown type or a field that does not fit; 90043 OfflinePushInfo. Source: API reference, messages §1, §2, §7.
    /// </remarks>
    public static MessageContent Read(FieldReader fields)
    {
        return new MessageContent(
            ReadBody(fields),
            fields.OptionalText("CloudCustomData", ApiError.MessageContent),
            ReadPushInfo(fields),
            fields.Flag("IsNeedReadReceipt", ApiError.MessageContent),
            fields.Flag("SupportMessageExtension", ApiError.MessageContent));
    }

    /// <summary>Reads and checks MsgBody alone.</summary>
    public static RawJson ReadBody(FieldReader fields)
    {
        var body = fields.Element("MsgBody");
        if (FindWrong(body) is { } wrong)
        {
            fields.Fail(wrong);
        }

        return body is { } elements ? RawJson.Compact(elements) : new RawJson("[]");
    }

    /// <summary>The texts of a body's text elements.</summary>
    public static IReadOnlyList<string> TextsOf(RawJson body)
    {
        using var elements = JsonDocument.Parse(body.Text);
        return
        [
            .. elements.RootElement.EnumerateArray().Where(element => element.GetProperty("MsgType").ValueEquals("TIMTextElem"))
                .Select(element => element.GetProperty("MsgContent").GetProperty("Text").GetString()!),
        ];
    }

    /// <summary>What parts of a message measure, in bytes of their JSON.</summary>
    public static int SizeOf(RawJson? body, string? customData, RawJson? push) =>
        Encoding.UTF8.GetByteCount(body?.Text ?? "") + JsonEncodedText.Encode(customData ?? "", ParleyJson.Encoder).EncodedUtf8Bytes.Length
        + Encoding.UTF8.GetByteCount(push?.Text ?? "");

    private static ApiError? FindWrong(JsonElement? body)
    {
        if (body is not { } elements)
        {
            return ApiError.MessageFormat.In("MsgBody");
        }

        if (elements.ValueKind != JsonValueKind.Array)
        {
            return ApiError.MsgBodyNotArray;
        }

        if (elements.GetArrayLength() == 0)
        {
            return ApiError.MessageFormat.In("MsgBody");
        }

        var custom = 0;
        foreach (var element in elements.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object
                || !element.TryGetProperty("MsgType", out var type) || type.ValueKind != JsonValueKind.String
                || !element.TryGetProperty("MsgContent", out var content) || content.ValueKind != JsonValueKind.Object)
            {
                return ApiError.MessageFormat.In("MsgBody");
            }

            var name = type.GetString()!;
            if (!ElementFields.ByType.TryGetValue(name, out var rules))
            {
                return ApiError.MessageContent.In("MsgType");
            }

            if (rules.FindWrong(content) is { } field)
            {
                return ApiError.MessageContent.In($"{name}.{field}");
            }

            custom += name == "TIMCustomElem" ? 1 : 0;
        }

        return custom > 1 ? ApiError.MessageFormat.In("TIMCustomElem") : null;
    }

    /// <summary>Reads and checks OfflinePushInfo alone; null when there is none.</summary>
    public static RawJson? ReadPushInfo(FieldReader fields)
    {
        if (fields.Element("OfflinePushInfo") is not { } info)
        {
            return null;
        }

        if (info.ValueKind != JsonValueKind.Object)
        {
            fields.Fail(ApiError.OfflinePushInvalid);
            return null;
        }

        var own = new FieldReader(info);
        own.Flag("PushFlag", ApiError.OfflinePushInvalid);
        own.OptionalText("Title", ApiError.OfflinePushInvalid);
        own.OptionalText("Desc", ApiError.OfflinePushInvalid);
        own.OptionalText("Ext", ApiError.OfflinePushInvalid);
        foreach (var platform in (string[])["AndroidInfo", "ApnsInfo"])
        {
            if (own.Element(platform) is { } details && details.ValueKind != JsonValueKind.Object)
            {
                own.Fail(ApiError.OfflinePushInvalid.In(platform));
            }
        }

        if (own.Error is { } wrong)
        {
            fields.Fail(wrong);
        }

        return RawJson.Compact(info);
    }
}
