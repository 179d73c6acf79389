using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// A row of a table as one line of JSON, with the types of its columns:
/// <code>
/// { "p": "1400000001|mia", "r": "c|jonas", "late": true, "c": { "Nick": "Mia", "Unread": 3, "Members": { "Int32": 5 }, "At": { "Time": "2026-03-01T12:00:00.0000000Z" } } }
/// </code>
/// </summary>
/// <remarks>Texts, truth values and Int64 stand plain; other types are named. The service's own columns (version, timestamp) are left out.</remarks>
public static class RowText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ParleyJson.Encoder };

    /// <summary>Writes a row, and a line break.</summary>
    /// <param name="isLate">See <see cref="Line"/>.</param>
    /// <param name="isCut">See <see cref="Line"/>.</param>
    public static void Write(IBufferWriter<byte> output, TableEntity row, bool isLate = false, bool isCut = false)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("p", row.PartitionKey);
            json.WriteString("r", row.RowKey);
            if (isLate)
            {
                json.WriteBoolean("late", true);
            }

            if (isCut)
            {
                json.WriteBoolean("cut", true);
            }

            json.WriteStartObject("c");
            foreach (var (name, value) in row)
            {
                if (name is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey") && value is not null)
                {
                    json.WritePropertyName(name);
                    WriteValue(json, value);
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <exception cref="FormatException">The text is no such line.</exception>
    public static Line Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var row = new TableEntity(root.GetProperty("p").GetString(), root.GetProperty("r").GetString());
            foreach (var column in root.GetProperty("c").EnumerateObject())
            {
                row[column.Name] = ReadValue(column.Value);
            }

            return new Line(row, root.TryGetProperty("late", out _), root.TryGetProperty("cut", out _));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("A line is no row.", e);
        }
    }

    /// <summary>Whether two rows are written alike.</summary>
    public static bool Same(TableEntity one, TableEntity other)
    {
        var (first, second) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        Write(first, one);
        Write(second, other);
        return first.WrittenSpan.SequenceEqual(second.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case int number:
                WriteTyped(json, "Int32", number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                WriteTyped(json, "Double", number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                WriteTyped(json, "Time", time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
                break;
            case Guid guid:
                WriteTyped(json, "Guid", guid.ToString("D"));
                break;
            case byte[] bytes:
                WriteTyped(json, "Bytes", Convert.ToBase64String(bytes));
                break;
            case BinaryData bytes:
                WriteTyped(json, "Bytes", Convert.ToBase64String(bytes.ToMemory().Span));
                break;
            default:
                throw new NotSupportedException($"Columns of type {value.GetType()} are not known.");
        }
    }

    private static void WriteTyped(Utf8JsonWriter json, string type, string value)
    {
        json.WriteStartObject();
        json.WriteString(type, value);
        json.WriteEndObject();
    }

    private static object ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetInt64(),
        JsonValueKind.Object when value.EnumerateObject().FirstOrDefault() is var typed && typed.Value.ValueKind == JsonValueKind.String =>
            ReadTyped(typed.Name, typed.Value.GetString()!),
        _ => throw new FormatException("A column has a value of no known type."),
    };

    private static object ReadTyped(string type, string value) => type switch
    {
        "Int32" => int.Parse(value, CultureInfo.InvariantCulture),
        "Double" => double.Parse(value, CultureInfo.InvariantCulture),
        "Time" => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        "Guid" => Guid.Parse(value),
        "Bytes" => Convert.FromBase64String(value),
        _ => throw new FormatException($"A column has the unknown type {type}."),
    };
}

/// <summary>A row that was read from a line.</summary>
/// <param name="IsLate">It was written while the lines were, so that what was read before it may be older.</param>
/// <param name="IsCut">The rows of its partition before it were read a moment earlier, in another page; some may have gone since, which no row tells of.</param>
public readonly record struct Line(TableEntity Row, bool IsLate, bool IsCut);
