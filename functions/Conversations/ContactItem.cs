using System.IO.Hashing;
using System.Text;
using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>
/// Names a conversation of an account.
/// <code>
/// { "Type": 1, "To_Account": "mia.k" }
/// { "Type": 2, "ToGroupId": "@TGS#2ABCDEFG3" }
/// </code>
/// </summary>
public record ContactItem
{
    private const int OneToOne = 1;
    private const int OfGroup = 2;

    /// <summary>1 one-to-one, 2 group.</summary>
    public required int Type { get; init; }

    [JsonPropertyName("To_Account")]
    public string? ToAccount { get; init; }

    public string? ToGroupId { get; init; }

    [JsonIgnore]
    public bool IsGroup => Type == OfGroup;

    /// <summary>Names the conversation inside row keys.</summary>
    [JsonIgnore]
    public string Key => IsGroup ? $"g{KeyText.Escape(ToGroupId ?? "")}" : $"c{KeyText.Escape(ToAccount ?? "")}";

    /// <summary>A number from 1 to 2,147,483,647 that stays the same; rarely shared by two conversations.</summary>
    [JsonIgnore]
    public int Place => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(Key)) % int.MaxValue) + 1;

    public static ContactItem WithAccount(string peer) => new() { Type = OneToOne, ToAccount = peer };

    public static ContactItem WithGroup(string group) => new() { Type = OfGroup, ToGroupId = group };

    public static ContactItem OfKey(string key) => key[0] == 'g'
        ? WithGroup(KeyText.Unescape(key[1..]))
        : WithAccount(KeyText.Unescape(key[1..]));

    /// <summary>Reads the object that is the field ContactItem; 50002.</summary>
    public static ContactItem ReadField(FieldReader fields) => Read(fields.Object("ContactItem", ApiError.ConversationParameter));

    /// <summary>Reads the names of a conversation that are fields of an object; 50002.</summary>
    /// <remarks>Real clients write the fields in several ways: <c>type</c>, <c>ToGroupid</c>, and groups in <c>To_Account</c>.</remarks>
    public static ContactItem Read(FieldReader fields)
    {
        var wrong = ApiError.ConversationParameter;
        var type = fields.Integer(fields.Has("type") ? "type" : "Type", wrong);
        switch (type)
        {
            case OneToOne:
                return WithAccount(fields.Account("To_Account", wrong));
            case OfGroup:
                var group = fields.OptionalText("ToGroupId", wrong) ?? fields.OptionalText("ToGroupid", wrong) ?? fields.Text("To_Account", wrong);
                return WithGroup(group);
            default:
                fields.Fail(wrong.In("Type"));
                return WithAccount("");
        }
    }
}

/// <summary>What an account has marked about a conversation.</summary>
/// <remarks>StandardMark: one digit for each of 64 bits, bit 1 first, up to the last that is set. Timestamp: of the last change, Unix seconds.</remarks>
public record MarkedContact : ContactItem
{
    [JsonPropertyOrder(1)]
    public required string StandardMark { get; init; }

    [JsonPropertyOrder(1)]
    public required string CustomMark { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<long> ContactGroupId { get; init; }

    [JsonPropertyOrder(1)]
    public required long Timestamp { get; init; }
}

/// <summary>All that an account has set about a conversation; see docs/client-protocol.md.</summary>
public sealed record ContactSettings : MarkedContact
{
    /// <summary>Version of the account's settings with which this was set.</summary>
    [JsonPropertyOrder(2)]
    public required long Version { get; init; }

    /// <summary>1 pinned.</summary>
    [JsonPropertyOrder(2)]
    public required int TopFlag { get; init; }

    /// <summary>AcceptAndNotify or AcceptNotNotify.</summary>
    [JsonPropertyOrder(2)]
    public required string RecvOpt { get; init; }

    /// <summary>Epoch of the group that was deleted from the list; null when none was.</summary>
    [JsonPropertyOrder(2)]
    public long? HiddenEpoch { get; init; }

    /// <summary>It is listed again with a message of a higher number.</summary>
    [JsonPropertyOrder(2)]
    public long? HiddenSeq { get; init; }
}

/// <summary>A conversation group.</summary>
public sealed record GroupItem(string GroupName, long GroupId);
