using Azure.Data.Tables;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>A member of a group that stores its members: row <c>u|{account}</c> of the group.</summary>
/// <remarks>Who sends writes the own row too, so a message is decided on the member as it is: one who was muted or removed meanwhile is seen.</remarks>
public sealed record GroupMember
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "u|";

    public required string Account { get; init; }

    public GroupRole Role { get; init; } = GroupRole.Member;

    /// <summary>Unix seconds.</summary>
    public required long JoinTime { get; init; }

    /// <summary>Number of the latest message when the account came.</summary>
    public long JoinSeq { get; init; }

    public ReceiveOption Receive { get; init; }

    public string NameCard { get; init; } = "";

    /// <summary>Custom fields of the member, a JSON object of key and value.</summary>
    public RawJson? Custom { get; init; }

    /// <summary>Unix seconds; 0 when not muted. Kept in <see cref="GroupMute"/> as well, which outlasts the membership.</summary>
    public long MutedUntil { get; init; }

    /// <summary>Unix seconds; 0 when it never sent anything.</summary>
    public long LastSendTime { get; init; }

    /// <summary>Everything up to this number is read.</summary>
    public long ReadSeq { get; init; }

    /// <summary><see cref="GroupHead.Counted"/> as it was at <see cref="ReadSeq"/>.</summary>
    public long ReadCounted { get; init; }

    /// <summary>How many of those that were counted since are the member's own.</summary>
    public long OwnCounted { get; init; }

    /// <summary>Numbers of the latest messages that mention the member, oldest first.</summary>
    public IReadOnlyList<long> Mentions { get; init; } = [];

    public string RowKey => RowKeyOf(Account);

    public static string RowKeyOf(string account) => Prefix + KeyText.Escape(account);

    /// <summary>How many messages the member has not read.</summary>
    public long Unread(GroupHead head) =>
        head.Traits.CountsUnread && Receive != ReceiveOption.Discard
            ? Math.Max(0, head.Counted - ReadCounted - OwnCounted - head.Recalled.Count(sequence => sequence > ReadSeq))
            : 0;

    /// <summary>Whether the member may not speak at a time, in Unix seconds.</summary>
    public bool IsMuted(long now) => MutedUntil > now;

    public static GroupMember FromRow(TableEntity row) => new()
    {
        Account = KeyText.Unescape(row.RowKey[Prefix.Length..]),
        Role = Enum.Parse<GroupRole>(row.GetString("Role")),
        JoinTime = row.GetInt64("JoinTime") ?? 0,
        JoinSeq = row.GetInt64("JoinSeq") ?? 0,
        Receive = Enum.Parse<ReceiveOption>(row.GetString("Receive")),
        NameCard = row.GetString("NameCard") ?? "",
        Custom = row.GetString("Custom") is { } custom ? new RawJson(custom) : null,
        MutedUntil = row.GetInt64("MutedUntil") ?? 0,
        LastSendTime = row.GetInt64("LastSendTime") ?? 0,
        ReadSeq = row.GetInt64("ReadSeq") ?? 0,
        ReadCounted = row.GetInt64("ReadCounted") ?? 0,
        OwnCounted = row.GetInt64("OwnCounted") ?? 0,
        Mentions = Numbers.Parse(row.GetString("Mentions")),
    };

    public TableEntity ToRow()
    {
        var row = new TableEntity
        {
            RowKey = RowKey,
            ["Role"] = Role.ToString(),
            ["JoinTime"] = JoinTime,
            ["JoinSeq"] = JoinSeq,
            ["Receive"] = Receive.ToString(),
            ["NameCard"] = NameCard,
            ["MutedUntil"] = MutedUntil,
            ["LastSendTime"] = LastSendTime,
            ["ReadSeq"] = ReadSeq,
            ["ReadCounted"] = ReadCounted,
            ["OwnCounted"] = OwnCounted,
            ["Mentions"] = Numbers.Format(Mentions),
        };
        row.SetOrOmit("Custom", Custom?.Text);
        return row;
    }
}
