using System.Text;
using System.Text.Json;
using Parley.Rest;

namespace Parley.Delivery;

/// <summary>
/// A delivery that is to be tried again later.
/// <code>{ "User": "1400000001:alice", "Events": [ { "Type": "C2CMessage", … } ] }</code>
/// </summary>
/// <remarks>The host copies a job's own properties over its metadata, so none may be named like one of those (Id, DequeueCount, …).</remarks>
public sealed record DeliverJob(string User, IReadOnlyList<RawJson> Events)
{
    public static DeliverJob Create(string user, IReadOnlyList<byte[]> events) => new(user, [.. events.Select(json => new RawJson(Encoding.UTF8.GetString(json)))]);

    /// <summary>The body of the send.</summary>
    public byte[] ToFrame() => EventFrame.Create([.. Events.Select(json => Encoding.UTF8.GetBytes(json.Text))]);

    public string ToJson() => JsonSerializer.Serialize(this, ParleyJson.Wire.DeliverJob);
}
