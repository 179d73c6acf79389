using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>Measures an answer while it grows: 1 MB is the most, and what would be more is not even read to its end.</summary>
/// <remarks>Source: API reference, groups §0.3.</remarks>
public sealed class AnswerSize
{
    private const int Most = 1024 * 1024;

    // For the envelope and the names of lists.
    private int _bytes = 1024;

    /// <summary>Adds an item.</summary>
    /// <returns>The item as it will be written; null when there is no room for it: 10018.</returns>
    public RawJson? TryAdd<T>(T item, JsonTypeInfo<T> json)
    {
        var text = JsonSerializer.Serialize(item, json);
        _bytes += Encoding.UTF8.GetByteCount(text) + 1;
        return _bytes > Most ? null : new RawJson(text);
    }
}
