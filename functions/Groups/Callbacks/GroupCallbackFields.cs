using System.Globalization;
using System.Text.Json.Serialization;
using Parley.Groups.Attributes;
using Parley.Rest;

namespace Parley.Groups.Callbacks;

/// <summary>
/// What callbacks about groups tell; each has the fields of its event and no others.
/// <code>
/// { "CallbackCommand": "Group.CallbackAfterNewMemberJoin", "GroupId": "hiking-2019", "Type": "Public", "JoinType": "Invited", "Operator_Account": "u_ben",
///   "NewMemberList": [ { "Member_Account": "u_dan" } ], "EventTime": "1700000321000" }
/// </code>
/// </summary>
/// <remarks>Units: EventTime milliseconds as a text, MsgTime Unix seconds. Source: API reference, callbacks §7.</remarks>
public sealed record GroupCallbackFields
{
    public string? GroupId { get; init; }

    /// <summary>Of what happens in a topic of the community.</summary>
    public string? TopicId { get; init; }

    public IReadOnlyList<string>? TopicIdList { get; init; }

    public string? Type { get; init; }

    [JsonPropertyName("Operator_Account")]
    public string? OperatorAccount { get; init; }

    [JsonPropertyName("Owner_Account")]
    public string? OwnerAccount { get; init; }

    public string? Name { get; init; }

    public string? Introduction { get; init; }

    public string? Notification { get; init; }

    public string? FaceUrl { get; init; }

    /// <summary>How many groups of the type the owner has created before; the reference has had several names for it, as the next.</summary>
    public long? CreatedNum { get; init; }

    public long? CreateGroupNum { get; init; }

    public IReadOnlyList<NamedMember>? MemberList { get; init; }

    public IReadOnlyList<GroupFieldValue>? UserDefinedDataList { get; init; }

    [JsonPropertyName("Requestor_Account")]
    public string? RequestorAccount { get; init; }

    public IReadOnlyList<NamedMember>? DestinationMembers { get; init; }

    public string? JoinType { get; init; }

    public IReadOnlyList<NamedMember>? NewMemberList { get; init; }

    public string? ExitType { get; init; }

    public IReadOnlyList<NamedMember>? ExitMemberList { get; init; }

    [JsonPropertyName("From_Account")]
    public string? FromAccount { get; init; }

    public uint? Random { get; init; }

    public long? MsgSeq { get; init; }

    public long? MsgTime { get; init; }

    public int? OnlineOnlyFlag { get; init; }

    public RawJson? MsgBody { get; init; }

    public string? CloudCustomData { get; init; }

    public RawJson? GroupAtInfo { get; init; }

    public int? ErrorCode { get; init; }

    public string? ErrorInfo { get; init; }

    public IReadOnlyList<NamedMessage>? MsgSeqList { get; init; }

    public string? EventType { get; init; }

    public IReadOnlyList<TakenReceipt>? GroupMsgReceiptList { get; init; }

    public string? OptionType { get; init; }

    public IReadOnlyList<AttributePair>? GroupAttr { get; init; }

    [JsonPropertyName("OldOwner_Account")]
    public string? OldOwnerAccount { get; init; }

    [JsonPropertyName("NewOwner_Account")]
    public string? NewOwnerAccount { get; init; }

    [JsonPropertyName("Member_Account")]
    public string? MemberAccount { get; init; }

    public string? Role { get; init; }

    public string? NameCard { get; init; }

    public long? MuteUntil { get; init; }

    public long? QuotaUsed { get; init; }

    public long? Quota { get; init; }

    public string? EventTime { get; init; }

    /// <summary>The fields that nearly all have.</summary>
    public static GroupCallbackFields Of(GroupKey group, GroupHead head, DateTimeOffset at) =>
        new() { GroupId = group.Group.GroupId, TopicId = group.TopicId, Type = head.Type.ToString(), EventTime = TimeOf(at) };

    public static string TimeOf(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Custom fields of a group, in the order of their keys.</summary>
    public static IReadOnlyList<GroupFieldValue> Custom(RawJson? custom) =>
        [.. GroupCustomFields.Parse(custom).OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => new GroupFieldValue(field.Key, field.Value))];

    public static IReadOnlyList<NamedMember> Members(IEnumerable<string> accounts) => [.. accounts.Select(account => new NamedMember(account))];
}

public sealed record NamedMember([property: JsonPropertyName("Member_Account")] string MemberAccount);

public sealed record NamedMessage(long MsgSeq);

/// <summary>A message of which members have sent receipts just now.</summary>
public sealed record TakenReceipt(long MsgSeq, int ReadNum, int UnreadNum, IReadOnlyList<NamedMember> ReadReceiptMembers);
