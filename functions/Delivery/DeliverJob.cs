using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Delivery;

/// <summary>
/// A delivery that is to be tried again later.
/// <code>{ "SdkAppId": 1400000001, "Path": "/users/1400000001%3Aalice", "Events": [ { "Type": "C2CMessage", … } ] }</code>
/// </summary>
/// <remarks>The host copies a job's own properties over its metadata, so none may be named like one of those (Id, DequeueCount, …).</remarks>
public sealed record DeliverJob(uint SdkAppId, string Path, IReadOnlyList<RawJson> Events)
{
    public static DeliverJob Create(DeliveryTarget target, IReadOnlyList<byte[]> events) =>
        new(target.SdkAppId, target.Path, [.. events.Select(json => new RawJson(Encoding.UTF8.GetString(json)))]);

    [JsonIgnore]
    public DeliveryTarget Target => new(SdkAppId, Path);

    /// <summary>The body of the send.</summary>
    public byte[] ToFrame() => EventFrame.Create([.. Events.Select(json => Encoding.UTF8.GetBytes(json.Text))]);

    public string ToJson() => JsonSerializer.Serialize(this, ParleyJson.Wire.DeliverJob);
}
