using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// What a client hears of a one-to-one message; see docs/client-protocol.md.
/// <code>
/// { "Type": "C2CMessage", "Timeline": "c2c:bob", "Seq": 12, "From_Account": "bob", "To_Account": "alice", "MsgSeq": 7, "MsgRandom": 1,
///   "MsgTimeStamp": 1700000000, "MsgKey": "7_1_1700000000", "MsgBody": [ … ], "CloudCustomData": "…" }
/// </code>
/// </summary>
/// <remarks>An online-only message has no Timeline and no Seq: it is stored nowhere.</remarks>
public sealed record C2CEvent
{
    public string Type { get; init; } = "C2CMessage";

    public string? Timeline { get; init; }

    public long? Seq { get; init; }

    [JsonPropertyName("From_Account")]
    public required string FromAccount { get; init; }

    [JsonPropertyName("To_Account")]
    public required string ToAccount { get; init; }

    public required uint MsgSeq { get; init; }

    public required uint MsgRandom { get; init; }

    public required long MsgTimeStamp { get; init; }

    public required string MsgKey { get; init; }

    public required RawJson MsgBody { get; init; }

    public string? CloudCustomData { get; init; }

    public int? OnlineOnlyFlag { get; init; }

    public int? IsNeedReadReceipt { get; init; }

    public int? SupportMessageExtension { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ParleyJson.Wire.C2CEvent);
}
