using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MessagePack;

namespace Parley.Connections.Invocations;

/// <summary>Reads MessagePack that anybody may have sent, as JSON: maps, arrays, texts, numbers, booleans, nil.</summary>
/// <remarks>
/// Integers keep all of their 64 bits, and floating-point numbers their value. JSON has no word for binary data, extensions (a timestamp is
/// one), keys that are no text, infinity or NaN. Counts that the message is too short for are refused before anything is reserved for them.
/// </remarks>
public static class MessagePackToJson
{
    /// <summary>As deep as JSON is read.</summary>
    private const int MaxDepth = 64;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = ParleyJson.Encoder };

    /// <summary>Converts one value.</summary>
    /// <returns>Its JSON; null when that is longer than allowed, no bytes when there is none. In both cases the reader stays inside the value.</returns>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It says that it is longer than 2 GB.</exception>
    public static byte[]? Convert(ref MessagePackReader reader, int maxBytes)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Relaxed);
        var isJson = TryWrite(json, ref reader, depth: 0, maxBytes);
        if (Size(json) > maxBytes)
        {
            return null;
        }

        json.Flush();
        return isJson ? bytes.WrittenSpan.ToArray() : [];
    }

    /// <summary>Passes over one value, however deep it is.</summary>
    public static void Skip(ref MessagePackReader reader)
    {
        for (var left = 1L; left > 0; left--)
        {
            switch (reader.NextMessagePackType)
            {
                case MessagePackType.Array:
                    left += reader.ReadArrayHeader();
                    break;
                case MessagePackType.Map:
                    left += 2L * reader.ReadMapHeader();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>The bytes of a text.</summary>
    public static ReadOnlySpan<byte> ReadUtf8(ref MessagePackReader reader) =>
        reader.TryReadStringSpan(out var utf8) ? utf8 : throw new MessagePackSerializationException("A text was expected.");

    public static string ReadText(ref MessagePackReader reader)
    {
        var utf8 = ReadUtf8(ref reader);
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw new MessagePackSerializationException("A text is not UTF-8.");
    }

    // False when it cannot be JSON, or is too long already.
    private static bool TryWrite(Utf8JsonWriter json, ref MessagePackReader reader, int depth, int maxBytes)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Map:
                return depth < MaxDepth && TryWriteMap(json, ref reader, depth, maxBytes);
            case MessagePackType.Array:
                return depth < MaxDepth && TryWriteArray(json, ref reader, depth, maxBytes);
            case MessagePackType.String:
                return TryWriteText(json, ref reader, isName: false);
            case MessagePackType.Integer:
                WriteInteger(json, ref reader);
                return true;
            case MessagePackType.Float:
                return TryWriteFloat(json, reader.ReadDouble());
            case MessagePackType.Boolean:
                json.WriteBooleanValue(reader.ReadBoolean());
                return true;
            case MessagePackType.Nil:
                reader.ReadNil();
                json.WriteNullValue();
                return true;
            default:
                return false;
        }
    }

    private static bool TryWriteMap(Utf8JsonWriter json, ref MessagePackReader reader, int depth, int maxBytes)
    {
        var left = reader.ReadMapHeader();
        json.WriteStartObject();
        for (; left > 0; left--)
        {
            var isWritten = reader.NextMessagePackType == MessagePackType.String
                && TryWriteText(json, ref reader, isName: true)
                && TryWrite(json, ref reader, depth + 1, maxBytes)
                && Size(json) <= maxBytes;
            if (!isWritten)
            {
                return false;
            }
        }

        json.WriteEndObject();
        return true;
    }

    private static bool TryWriteArray(Utf8JsonWriter json, ref MessagePackReader reader, int depth, int maxBytes)
    {
        var left = reader.ReadArrayHeader();
        json.WriteStartArray();
        for (; left > 0; left--)
        {
            if (!TryWrite(json, ref reader, depth + 1, maxBytes) || Size(json) > maxBytes)
            {
                return false;
            }
        }

        json.WriteEndArray();
        return true;
    }

    private static bool TryWriteText(Utf8JsonWriter json, ref MessagePackReader reader, bool isName)
    {
        var utf8 = ReadUtf8(ref reader);
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        if (isName)
        {
            json.WritePropertyName(utf8);
        }
        else
        {
            json.WriteStringValue(utf8);
        }

        return true;
    }

    private static void WriteInteger(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        if (reader.NextCode == MessagePackCode.UInt64)
        {
            json.WriteNumberValue(reader.ReadUInt64());
        }
        else
        {
            json.WriteNumberValue(reader.ReadInt64());
        }
    }

    private static bool TryWriteFloat(Utf8JsonWriter json, double value)
    {
        if (!double.IsFinite(value))
        {
            return false;
        }

        json.WriteNumberValue(value);
        return true;
    }

    private static long Size(Utf8JsonWriter json) => json.BytesCommitted + json.BytesPending;
}
