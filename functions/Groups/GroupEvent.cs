using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Groups;

/// <summary>
/// What the members' devices hear of a group at once, and read in its logs later; see docs/client-protocol.md.
/// <code>
/// { "Type": "GroupMessage", "Timeline": "group:hiking-2019", "Epoch": 1700000000123, "Seq": 41, "GroupId": "hiking-2019", "From_Account": "u_ben",
///   "MsgRandom": 3120457, "MsgTimeStamp": 1700000321, "MsgPriority": "High", "MsgBody": [ … ], "GroupAtInfo": [ … ] }
/// { "Type": "GroupRecall", "Timeline": "groupchange:hiking-2019", "Epoch": 1700000000123, "Seq": 7, "GroupId": "hiking-2019", "Operator_Account": "u_ben", "MsgSeqList": [ 41 ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: MsgTimeStamp Unix seconds. A field that has nothing to say is absent. What is stored nowhere (online-only messages, notices, live rooms) has no
/// Timeline and, but for live rooms' MsgSeq, no number.
/// </remarks>
public sealed record GroupEvent
{
    public const string Message = "GroupMessage";

    /// <summary>A number that was given to a message which its reader may not see.</summary>
    public const string Hidden = "GroupHidden";
    public const string Recall = "GroupRecall";
    public const string Modify = "GroupModify";
    public const string Delete = "GroupDelete";

    /// <summary>Everything up to a number was cleared.</summary>
    public const string Clear = "GroupClear";
    public const string Read = "GroupRead";
    public const string Receipt = "GroupReceipt";
    public const string Extension = "GroupExtension";

    /// <summary>Name, settings, owner, custom fields.</summary>
    public const string Profile = "GroupProfile";

    /// <summary>Members came, went, or are something else now.</summary>
    public const string Members = "GroupMembers";
    public const string Attributes = "GroupAttributes";
    public const string Counters = "GroupCounters";

    /// <summary>Topics of a community were created or deleted.</summary>
    public const string Topics = "GroupTopics";
    public const string Dismissed = "GroupDismissed";

    /// <summary>A system notification of the app.</summary>
    public const string Notice = "GroupNotice";

    public required string Type { get; init; }

    /// <summary><c>group:{id}</c> for the log of messages, <c>groupchange:{id}</c> for the log of changes; a topic's have the topic's name.</summary>
    public string? Timeline { get; init; }

    /// <summary>Tells the group from an earlier one of the same name.</summary>
    public long? Epoch { get; init; }

    public long? Seq { get; init; }

    public required string GroupId { get; init; }

    /// <summary>Of what happens in a topic of the community.</summary>
    public string? TopicId { get; init; }

    [JsonPropertyName("From_Account")]
    public string? FromAccount { get; init; }

    /// <summary>The sender's nickname, to be shown with a message that is heard; a log that is pulled has none.</summary>
    [JsonPropertyName("From_Nick")]
    public string? FromNick { get; init; }

    /// <summary>Likewise its name card in the group, which goes before the nickname.</summary>
    [JsonPropertyName("From_NameCard")]
    public string? FromNameCard { get; init; }

    /// <summary>Who did it; empty for an administrator of the app.</summary>
    [JsonPropertyName("Operator_Account")]
    public string? OperatorAccount { get; init; }

    /// <summary>Of a message of a live room, which has no Seq.</summary>
    public long? MsgSeq { get; init; }

    public uint? MsgRandom { get; init; }

    public long? MsgTimeStamp { get; init; }

    public string? MsgPriority { get; init; }

    public RawJson? MsgBody { get; init; }

    public string? CloudCustomData { get; init; }

    public RawJson? GroupAtInfo { get; init; }

    /// <summary>Who may see it, where not everybody may.</summary>
    [JsonPropertyName("To_Account")]
    public IReadOnlyList<string>? ToAccount { get; init; }

    public int? OnlineOnlyFlag { get; init; }

    public int? NeedReadReceipt { get; init; }

    public int? SupportMessageExtension { get; init; }

    /// <summary>1: a tip of the system.</summary>
    public int? IsSystemMsg { get; init; }

    /// <summary>1: it does not count as unread.</summary>
    public int? NoUnread { get; init; }

    /// <summary>1: the conversation list does not move to it.</summary>
    public int? NoLastMsg { get; init; }

    /// <summary>0 there to see; 1 expired or deleted; 2 recalled. Absent for 0.</summary>
    public int? IsPlaceMsg { get; init; }

    /// <summary>The messages that a change is about.</summary>
    public IReadOnlyList<long>? MsgSeqList { get; init; }

    public string? Reason { get; init; }

    /// <summary>What a change says besides; its shape is that of the change's type.</summary>
    public RawJson? Content { get; init; }

    public static string TimelineOf(string groupId) => $"group:{groupId}";

    public static string ChangesOf(string groupId) => $"groupchange:{groupId}";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ParleyJson.Wire.GroupEvent);

    public RawJson ToRawJson() => new(Encoding.UTF8.GetString(ToJson()));
}
