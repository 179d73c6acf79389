using System.Text.Json;
using MessagePack;

namespace Parley.Local.SignalRService.Protocol;

/// <summary>
/// The service's own conversion: senders write JSON, MessagePack clients receive equal MessagePack values.
/// A number written without fraction and exponent stays an integer while 64 bits hold it; every other number is a double.
/// </summary>
internal static class JsonToMessagePack
{
    public static void Write(ref MessagePackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(ref writer, value);
                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    Write(ref writer, item);
                }

                break;
            case JsonValueKind.String:
                writer.Write(value.GetString());
                break;
            case JsonValueKind.Number:
                WriteNumber(ref writer, value);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(value.GetBoolean());
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteObject(ref MessagePackWriter writer, JsonElement value)
    {
        writer.WriteMapHeader(value.GetPropertyCount());
        foreach (var property in value.EnumerateObject())
        {
            writer.Write(property.Name);
            Write(ref writer, property.Value);
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, JsonElement value)
    {
        if (value.TryGetInt64(out var integer))
        {
            writer.Write(integer);
        }
        else if (value.TryGetUInt64(out var large))
        {
            writer.Write(large);
        }
        else
        {
            writer.Write(value.GetDouble());
        }
    }
}
