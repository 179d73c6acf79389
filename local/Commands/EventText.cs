using System.Globalization;
using System.Text.Json;

namespace Parley.Local.Commands;

/// <summary>An event of the long connection as one line for people, for example <c>12:01:07  bob → alice  #12  Hello [image]</c>.</summary>
internal static class EventText
{
    public static string Describe(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return item.GetRawText();
        }

        var type = Text(item, "Type");
        return type == "C2CMessage"
            ? $"{Time(item)}  {Text(item, "From_Account")} → {Text(item, "To_Account")}  #{Raw(item, "Seq")}  {Body(item)}"
            : $"{type}  {item.GetRawText()}";
    }

    private static string Time(JsonElement item) =>
        item.TryGetProperty("MsgTimeStamp", out var time) && time.TryGetInt64(out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : "--:--:--";

    private static string Body(JsonElement item) =>
        item.TryGetProperty("MsgBody", out var body) && body.ValueKind == JsonValueKind.Array
            ? string.Join(' ', body.EnumerateArray().Select(Element))
            : "";

    private static string Element(JsonElement element)
    {
        var type = Text(element, "MsgType");
        var content = element.TryGetProperty("MsgContent", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return type switch
        {
            "TIMTextElem" => Text(content, "Text"),
            "TIMCustomElem" => $"[custom {Text(content, "Data")}]",
            "TIMFileElem" => $"[file {Text(content, "FileName")}]",
            "TIMLocationElem" => $"[location {Text(content, "Desc")}]",
            "TIMSoundElem" => $"[sound {Raw(content, "Second")} s]",
            "TIMFaceElem" => $"[face {Raw(content, "Index")}]",
            "TIMImageElem" => "[image]",
            "TIMVideoFileElem" => "[video]",
            _ => $"[{type}]",
        };
    }

    private static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "?";

    private static string Raw(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value.GetRawText() : "?";
}
