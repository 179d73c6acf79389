using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Local;

/// <summary>
/// What a running environment tells tools and tests, in <c>DIR/local.json</c>. The file is there while everything answers.
/// <code>
/// { "api": "http://127.0.0.1:7071", "sdkappid": 1400000001, "secret": "…", "admin": "administrator",
///   "signalr": "http://127.0.0.1:8888", "storage": "DefaultEndpointsProtocol=http;…", "handlerPid": 123, "shards": [] }
/// </code>
/// </summary>
/// <param name="Api">Base address of the REST API, without a final slash.</param>
/// <param name="SdkAppId">The demo app.</param>
/// <param name="Secret">The demo app's UserSig secret.</param>
/// <param name="Admin">The demo app's administrator account.</param>
/// <param name="SignalR">Base address of the SignalR stand-in.</param>
/// <param name="Storage">Connection string of the emulated storage account.</param>
/// <param name="HandlerPid">Process id of the handler; the file is written anew when a restart changes it.</param>
/// <param name="Shards">Connection strings of further storage accounts, if any.</param>
public sealed record LocalSettings(
    [property: JsonPropertyName("api")] string Api,
    [property: JsonPropertyName("sdkappid")] uint SdkAppId,
    [property: JsonPropertyName("secret")] string Secret,
    [property: JsonPropertyName("admin")] string Admin,
    [property: JsonPropertyName("signalr")] string SignalR,
    [property: JsonPropertyName("storage")] string Storage,
    [property: JsonPropertyName("handlerPid")] int HandlerPid,
    [property: JsonPropertyName("shards"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Shards = null)
{
    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="JsonException">The file is not what this program writes.</exception>
    public static LocalSettings? TryRead(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LocalJson.Default.LocalSettings);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes the file in one step: a reader sees the old one, the new one or none, never a part.</summary>
    public void Write(string path)
    {
        var unfinished = path + ".new";
        using (var file = PrivateFile.Create(unfinished))
        {
            JsonSerializer.Serialize(file, this, LocalJson.Default.LocalSettings);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}

[JsonSerializable(typeof(LocalSettings))]
[JsonSerializable(typeof(ChildRecord[]))]
internal sealed partial class LocalJson : JsonSerializerContext;
