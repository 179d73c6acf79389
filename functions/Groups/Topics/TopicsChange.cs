using System.Text.Json;
using Parley.Rest;

namespace Parley.Groups.Topics;

/// <summary>What members hear of a community's topics: Content of a GroupTopics.</summary>
public sealed record TopicsChange
{
    public IReadOnlyList<TopicDescription>? Created { get; init; }

    /// <summary>Whole names.</summary>
    public IReadOnlyList<string>? Destroyed { get; init; }

    public RawJson ToRawJson() => new(JsonSerializer.Serialize(this, ParleyJson.Wire.TopicsChange));
}
