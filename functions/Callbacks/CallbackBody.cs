using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Parley.Callbacks;

/// <summary>Writes the bodies of callbacks; their fields are records of the features, without the command itself.</summary>
public static class CallbackBody
{
    /// <summary>The field that is filled in when the callback is sent.</summary>
    public const string UnreadField = "UnreadMsgNum";

    /// <summary><c>{ "CallbackCommand": "…", … }</c></summary>
    public static byte[] Create<T>(CallbackCommand command, T fields, JsonTypeInfo<T> json)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes($$"""{"CallbackCommand":"{{command.Name}}","""));
        body.Write(JsonSerializer.SerializeToUtf8Bytes(fields, json).AsSpan(1));
        return body.ToArray();
    }

    /// <summary>The same body with one field more.</summary>
    public static byte[] WithUnread(byte[] body, long unread) =>
        [.. body.AsSpan(0, body.Length - 1), .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"{UnreadField}\":{unread}}}"))];
}
