using System.Text;
using System.Text.Json.Serialization;
using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>The attributes of a group: row <c>a</c>, all pairs in one column (count, then key and value of each, with their lengths), and how often they were changed in the last second.</summary>
/// <param name="Second">The second that is counted, Unix time.</param>
/// <param name="Writes">How many changes there were in it.</param>
/// <param name="Attempts">See <see cref="RecentAttempts"/>.</param>
/// <remarks>Limits: API reference, groups §8.1. Column and counting are our choice: as JSON, values of control characters would not fit into a column.</remarks>
public sealed record GroupAttributes(IReadOnlyDictionary<string, string> Pairs, long Second, int Writes, string Attempts)
{
    public const string RowKey = "a";
    public const int MaxKeyBytes = 32;
    public const int MaxValueBytes = 4_000;
    public const int MaxKeys = 16;
    public const int MaxWritesASecond = 5;
    private const int MaxValuesBytes = 16_000;

    private static readonly GroupAttributes Empty = new(new Dictionary<string, string>(), 0, 0, "");

    public static GroupAttributes FromRow(TableEntity? row) => row is null
        ? Empty
        : new GroupAttributes(Parse(row.GetBinary("Pairs") ?? []), row.GetInt64("Second") ?? 0, row.GetInt32("Writes") ?? 0, row.GetString("Attempts") ?? "");

    public TableEntity ToRow() => new()
    {
        RowKey = RowKey,
        ["Pairs"] = Format(Pairs),
        ["Second"] = Second,
        ["Writes"] = Writes,
        ["Attempts"] = Attempts,
    };

    /// <summary>10047 or 10048 when there are too many, or too large ones.</summary>
    public ApiError? FindObjection() =>
        Pairs.Count > MaxKeys ? ApiError.TooManyAttributes
        : Pairs.Values.Sum(Encoding.UTF8.GetByteCount) > MaxValuesBytes ? ApiError.AttributesTooLarge
        : null;

    private static Dictionary<string, string> Parse(byte[] text)
    {
        using var reader = new BinaryReader(new MemoryStream(text), Encoding.UTF8);
        var pairs = new Dictionary<string, string>();
        for (var left = text.Length == 0 ? 0 : reader.ReadInt32(); left > 0; left--)
        {
            var key = reader.ReadString();
            pairs[key] = reader.ReadString();
        }

        return pairs;
    }

    private static byte[] Format(IReadOnlyDictionary<string, string> pairs)
    {
        var text = new MemoryStream();
        using var writer = new BinaryWriter(text, Encoding.UTF8);
        writer.Write(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            writer.Write(key);
            writer.Write(value);
        }

        writer.Flush();
        return text.ToArray();
    }
}

/// <summary>A pair as it is written; in an event a value that is not there is gone, or too large to be told.</summary>
public sealed record AttributePair([property: JsonPropertyName("key")] string Key, [property: JsonPropertyName("value")] string? Value);
