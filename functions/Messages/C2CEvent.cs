using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>
/// An entry of a one-to-one conversation's log, as its owner's devices hear it at once and read it later; see docs/client-protocol.md.
/// <code>
/// { "Type": "C2CMessage", "Timeline": "c2c:bob", "Seq": 12, "From_Account": "bob", "To_Account": "alice", "MsgSeq": 7, "MsgRandom": 1,
///   "MsgTimeStamp": 1700000000, "MsgKey": "7_1_1700000000", "MsgBody": [ … ], "CloudCustomData": "…" }
/// { "Type": "C2CRecall", "Timeline": "c2c:bob", "Seq": 13, "MsgTimeStamp": 1700000009, "MsgKey": "7_1_1700000000", "TargetSeq": 12 }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTimeStamp is the entry's time in this copy, Unix seconds. A field that has nothing to say is absent.
/// An online-only message has no Timeline and no Seq: it is stored nowhere.
/// </remarks>
public sealed record C2CEvent
{
    public const string Message = "C2CMessage";
    public const string Recall = "C2CRecall";
    public const string Modify = "C2CModify";
    public const string Delete = "C2CDelete";
    public const string Read = "C2CRead";
    public const string Receipt = "C2CReceipt";
    public const string Extension = "C2CExtension";
    public const string ConversationDelete = "C2CConversationDelete";

    public required string Type { get; init; }

    public string? Timeline { get; init; }

    public long? Seq { get; init; }

    [JsonPropertyName("From_Account")]
    public string? FromAccount { get; init; }

    /// <summary>The sender's nickname, to be shown with a message that is heard; a log that is pulled has none.</summary>
    [JsonPropertyName("From_Nick")]
    public string? FromNick { get; init; }

    [JsonPropertyName("To_Account")]
    public string? ToAccount { get; init; }

    public uint? MsgSeq { get; init; }

    public uint? MsgRandom { get; init; }

    public long? MsgTimeStamp { get; init; }

    /// <summary>The message; in a change, the message that is changed.</summary>
    public string? MsgKey { get; init; }

    public RawJson? MsgBody { get; init; }

    public string? CloudCustomData { get; init; }

    public int? OnlineOnlyFlag { get; init; }

    public int? IsNeedReadReceipt { get; init; }

    public int? SupportMessageExtension { get; init; }

    /// <summary>1: the message does not count as unread.</summary>
    public int? NoUnread { get; init; }

    /// <summary>8: the message was recalled.</summary>
    public int? MsgFlagBits { get; init; }

    /// <summary>1: the receiver has sent its read receipt.</summary>
    public int? IsPeerRead { get; init; }

    /// <summary>Seq of the message that is changed; absent for an imported one, which has none.</summary>
    public long? TargetSeq { get; init; }

    /// <summary>The messages that are changed, where there may be several.</summary>
    public IReadOnlyList<C2CTarget>? Targets { get; init; }

    /// <summary>Everything up to this Seq is read.</summary>
    public long? ReadSeq { get; init; }

    /// <summary>What is unread then.</summary>
    public long? UnreadMsgNum { get; init; }

    /// <summary>Version of a message's extensions.</summary>
    public long? LatestSeq { get; init; }

    /// <summary>1: the history before this entry is gone too.</summary>
    public int? ClearRamble { get; init; }

    public static string TimelineOf(string peer) => $"c2c:{peer}";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ParleyJson.Wire.C2CEvent);
}

/// <summary>A message that a change is about.</summary>
public sealed record C2CTarget(string MsgKey, long? Seq);
