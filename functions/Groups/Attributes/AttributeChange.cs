using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>A change of attributes, and what a change GroupAttributes says:
/// <code>{ "Operation": "modify", "GroupAttr": [ { "key": "mic1", "value": "u_ben" } ] }</code>
/// </summary>
/// <param name="Operation">set (replaces all), modify, delete or clear.</param>
/// <param name="GroupAttr">The pairs; of those to be deleted the keys. Where all values together are large there are only the keys, and IsPartial is 1: read them.</param>
public sealed record AttributeChange(string Operation, IReadOnlyList<AttributePair> GroupAttr, int? IsPartial = null)
{
    public static readonly AttributeChange Clear = new("clear", []);

    // A device hears of a change in one frame with others, and a row holds it.
    private const int MostTold = 4_000;

    [JsonIgnore]
    public GroupAction Right => Operation == Clear.Operation ? GroupAction.ClearAttributes : GroupAction.ChangeAttributes;

    public static AttributeChange Set(IReadOnlyList<AttributePair> pairs) => new("set", pairs);

    public static AttributeChange Modify(IReadOnlyList<AttributePair> pairs) => new("modify", pairs);

    public static AttributeChange Delete(IReadOnlyList<string> keys) => new("delete", [.. keys.Select(key => new AttributePair(key, null))]);

    /// <summary>Reads pairs: 10045, 10046, and 10047 when there are more than a group may have.</summary>
    public static IReadOnlyList<AttributePair> ReadPairs(FieldReader fields)
    {
        var pairs = ReadObjects(fields).ConvertAll(item => new AttributePair(ReadKey(item), item.Text("value", ApiError.GroupParameter)));
        if (pairs.Exists(pair => Encoding.UTF8.GetByteCount(pair.Value!) > GroupAttributes.MaxValueBytes))
        {
            fields.Fail(ApiError.AttributeValueSize);
        }

        return pairs;
    }

    /// <summary>Reads keys: 10045.</summary>
    public static IReadOnlyList<string> ReadKeys(FieldReader fields) => [.. ReadObjects(fields).Select(ReadKey).Distinct()];

    /// <summary>The attributes as they are afterwards; 10050 when one that shall be deleted is not there.</summary>
    public Result<Dictionary<string, string>> Apply(IReadOnlyDictionary<string, string> before)
    {
        var pairs = Operation is "set" or "clear" ? [] : new Dictionary<string, string>(before);
        foreach (var (key, value) in GroupAttr)
        {
            if (value is null && !pairs.Remove(key))
            {
                return ApiError.AttributeNotFound.In(key);
            }

            if (value is not null)
            {
                pairs[key] = value;
            }
        }

        return pairs;
    }

    public RawJson ToContent()
    {
        var text = JsonSerializer.Serialize(this, ParleyJson.Wire.AttributeChange);
        return new RawJson(Encoding.UTF8.GetByteCount(text) <= MostTold ? text : JsonSerializer.Serialize(WithoutValues(), ParleyJson.Wire.AttributeChange));
    }

    private AttributeChange WithoutValues() => new(Operation, [.. GroupAttr.Select(pair => pair with { Value = null })], IsPartial: 1);

    private static List<FieldReader> ReadObjects(FieldReader fields)
    {
        var items = fields.Objects("GroupAttr", ApiError.GroupParameter);
        if (items.Count == 0)
        {
            fields.Fail(ApiError.GroupParameter.In("GroupAttr"));
        }

        if (items.Count > GroupAttributes.MaxKeys)
        {
            fields.Fail(ApiError.TooManyAttributes);
        }

        return [.. items.Take(GroupAttributes.MaxKeys)];
    }

    private static string ReadKey(FieldReader item)
    {
        var key = item.Text("key", ApiError.GroupParameter);
        if (key.Length == 0)
        {
            item.Fail(ApiError.GroupParameter.In("key"));
        }

        if (Encoding.UTF8.GetByteCount(key) > GroupAttributes.MaxKeyBytes)
        {
            item.Fail(ApiError.AttributeKeySize);
        }

        return key;
    }
}
