using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Rest;

/// <summary>JSON that is passed on as it was stored, without being understood.</summary>
[JsonConverter(typeof(RawJsonConverter))]
public readonly record struct RawJson(string Text)
{
    /// <summary>Without white space between the tokens; numbers and the content of texts stay as they were sent.</summary>
    public static RawJson Compact(JsonElement element) => new(JsonSerializer.Serialize(element, ParleyJson.Wire.JsonElement));
}

public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return RawJson.Compact(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}
