using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Rest;

namespace Parley.Events;

/// <summary>Something that happened to an account and that its devices shall hear, now or when they are back: a request, a notice, a change.</summary>
/// <param name="Id">Names what happened. An event of the same name is stored once as long as it is kept, so a repeated command tells nothing twice.</param>
/// <param name="Type">What clients tell it by; theirs to ignore when they do not know it.</param>
/// <param name="Content">A JSON object that the feature defines, at most <see cref="MaxContentCharacters"/> long.</param>
public sealed record AccountEvent(string Id, string Type, RawJson Content)
{
    /// <summary>A column holds 32 K characters; a frame should hold several events.</summary>
    public const int MaxContentCharacters = 16_000;

    public static AccountEvent Create<T>(string id, string type, T content, JsonTypeInfo<T> json) =>
        new(id, type, new RawJson(JsonSerializer.Serialize(content, json)));
}
