using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Privacy;

/// <summary>Writes what is stored of an account as a JSON document that people and programs can read: columns by their names, JSON in columns as JSON.</summary>
internal static class AccountDocument
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ParleyJson.Encoder, Indented = true };

    /// <summary>What the kinds of rows are called, by the first letter of their keys.</summary>
    private static readonly Dictionary<char, string> Sections = new()
    {
        ['a'] = "Account",
        ['c'] = "Conversations",
        ['d'] = "PushDevices",
        ['e'] = "Events",
        ['f'] = "Relations",
        ['g'] = "Groups",
        ['h'] = "ImportedMessages",
        ['k'] = "MessageNames",
        ['l'] = "LoginIdentities",
        ['m'] = "Messages",
        ['n'] = "CreatedGroups",
        ['p'] = "Connections",
        ['s'] = "ConversationSettings",
        ['w'] = "WaitingCallbacks",
        ['x'] = "MessageExtensions",
        ['y'] = "LiveRooms",
    };

    public static Utf8JsonWriter Create(Stream output) => new(output, Options);

    /// <summary>Writes the rows of a partition, in the order of their keys, in a section for each kind.</summary>
    public static async Task WriteSectionsAsync(Utf8JsonWriter json, IAsyncEnumerable<TableEntity> rows)
    {
        var section = "";
        await foreach (var row in rows)
        {
            var name = Sections.GetValueOrDefault(row.RowKey[0], $"Rows-{row.RowKey[0]}");
            if (name != section)
            {
                if (section.Length > 0)
                {
                    json.WriteEndArray();
                }

                json.WriteStartArray(section = name);
            }

            WriteRow(json, row);
            await json.FlushAsync();
        }

        if (section.Length > 0)
        {
            json.WriteEndArray();
        }
    }

    /// <summary>Writes a row as an object.</summary>
    /// <param name="where">Name and value of a field that says whose row it is.</param>
    public static void WriteRow(Utf8JsonWriter json, TableEntity row, (string Name, string Value)? where = null)
    {
        json.WriteStartObject();
        json.WriteString("Row", row.RowKey);
        if (where is { } place)
        {
            json.WriteString(place.Name, place.Value);
        }
        else if (row.RowKey.Split('|') is [_, var other, ..])
        {
            json.WriteString("With", KeyText.Unescape(other));
        }

        foreach (var (name, value) in row)
        {
            if (name is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey" or "Exists") && value is not null)
            {
                json.WritePropertyName(name);
                WriteValue(json, value);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text when IsJson(Encoding.UTF8.GetBytes(text)):
                json.WriteRawValue(text);
                break;
            case byte[] bytes when IsJson(bytes):
                json.WriteRawValue(bytes);
                break;
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
                json.WriteNumberValue(number);
                break;
            case DateTimeOffset time:
                json.WriteStringValue(time);
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    private static bool IsJson(byte[] text)
    {
        if (text is not ([(byte)'{', ..] or [(byte)'[', ..]))
        {
            return false;
        }

        try
        {
            using var parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
