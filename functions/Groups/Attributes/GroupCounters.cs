using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>The counters of a group: row <c>c</c>, all of them as one JSON object.</summary>
/// <param name="Attempts">See <see cref="RecentAttempts"/>: what was added once must not be added twice.</param>
/// <remarks>Limits: API reference, groups §8.2.</remarks>
public sealed record GroupCounters(IReadOnlyDictionary<string, long> Values, string Attempts)
{
    public const string RowKey = "c";
    public const int MaxKeys = 20;
    private const int MaxKeyBytes = 128;

    public static GroupCounters FromRow(TableEntity? row) => row is null
        ? new GroupCounters(new Dictionary<string, long>(), "")
        : new GroupCounters(JsonSerializer.Deserialize(row.GetString("Json") ?? "{}", ParleyJson.Wire.DictionaryStringInt64) ?? [], row.GetString("Attempts") ?? "");

    public TableEntity ToRow() => new()
    {
        RowKey = RowKey,
        ["Json"] = JsonSerializer.Serialize(new Dictionary<string, long>(Values), ParleyJson.Wire.DictionaryStringInt64),
        ["Attempts"] = Attempts,
    };

    /// <summary>Those that are named, or all; one that is not there is left out.</summary>
    public IReadOnlyList<CounterValue> Show(IReadOnlyList<string>? keys) =>
        [.. Values.Where(value => keys is null || keys.Contains(value.Key)).Select(value => new CounterValue(value.Key, value.Value))];

    /// <summary>Reads the names of counters; null for all. 10063 when there are more than a group may have.</summary>
    public static IReadOnlyList<string>? ReadKeys(FieldReader fields)
    {
        if (!fields.Has("GroupCounterKeys"))
        {
            return null;
        }

        var keys = fields.OptionalTexts("GroupCounterKeys", ApiError.GroupParameter);
        if (keys.Any(key => !IsKey(key)))
        {
            fields.Fail(ApiError.GroupParameter.In("GroupCounterKeys"));
        }

        if (keys.Count > MaxKeys)
        {
            fields.Fail(ApiError.TooManyCounters);
        }

        return keys;
    }

    public static bool IsKey(string key) => key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes;
}

public sealed record CounterValue(string Key, long Value);

/// <summary>What a change GroupCounters says: the counters that have a new value, and those that are gone.</summary>
public sealed record CountersChange(IReadOnlyList<CounterValue>? GroupCounter, IReadOnlyList<string>? Deleted)
{
    public RawJson ToContent() => new(JsonSerializer.Serialize(this, ParleyJson.Wire.CountersChange));
}
