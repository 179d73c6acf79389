using System.Diagnostics.CodeAnalysis;
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

    /// <summary>False of a member of a community in a topic that has no row of this membership yet. It is not part of the row.</summary>
    public bool HasEntered { get; private init; } = true;

    /// <summary>Of a topic: until when the member may not speak in the whole community. It is not part of the row.</summary>
    public long MutedInCommunityUntil { get; private init; }

    /// <summary>Unix seconds; 0 when it never sent anything.</summary>
    public long LastSendTime { get; init; }

    /// <summary>Everything up to this number is read.</summary>
    public long ReadSeq { get; init; }

    /// <summary><see cref="GroupHead.Counted"/> as it was at <see cref="ReadSeq"/>.</summary>
    public long ReadCounted { get; init; }

    /// <summary>How many of those that were counted since are the member's own and neither recalled nor gone; see <see cref="OwnSince"/>.</summary>
    public long OwnCounted { get; init; }

    /// <summary>Number of the member's latest message that counted.</summary>
    public long LastOwnSeq { get; init; }

    /// <summary>The member has deleted everything up to this number for itself.</summary>
    public long ClearedSeq { get; init; }

    /// <summary>How many messages up to <see cref="ReadSeq"/> count as unread all the same: a number that an administrator has set.</summary>
    public long SetUnread { get; init; }

    /// <summary>Numbers of the latest messages that mention the member, oldest first.</summary>
    public IReadOnlyList<long> Mentions { get; init; } = [];

    public string RowKey => RowKeyOf(Account);

    public static string RowKeyOf(string account) => Prefix + KeyText.Escape(account);

    /// <summary>How many messages the member has not read.</summary>
    public long Unread(GroupHead head)
    {
        if (!head.Traits.CountsUnread || Receive == ReceiveOption.Discard)
        {
            return 0;
        }

        var from = Math.Max(ReadSeq, head.BaseSeq);
        var counted = head.Counted - (head.BaseSeq > ReadSeq ? head.BaseCounted : ReadCounted);
        return Math.Max(0, counted - OwnSince(head) - head.Recalled.Count(sequence => sequence > from)) + SetSince(head);
    }

    /// <summary>Everything up to this number is read, as others see it.</summary>
    public long ShownReadSeq(GroupHead head) => ReadSeq - SetSince(head);

    /// <summary>How many counted messages of its own there are since everything counted as read, by the member or by everybody.</summary>
    public long OwnSince(GroupHead head) => LastOwnSeq > Math.Max(ReadSeq, head.BaseSeq) ? OwnCounted : 0;

    /// <summary>The member after it has sent a message.</summary>
    /// <param name="head">Of the group before that.</param>
    public GroupMember WithSent(GroupHead head, long sequence, long now, bool counts) => counts
        ? this with { LastSendTime = now, OwnCounted = OwnSince(head) + 1, LastOwnSeq = sequence }
        : this with { LastSendTime = now };

    /// <summary>The member after messages of its own count no more.</summary>
    public GroupMember WithoutOwn(GroupHead head, IEnumerable<long> sequences)
    {
        var from = Math.Max(ReadSeq, head.BaseSeq);
        return this with { OwnCounted = Math.Max(0, OwnSince(head) - sequences.Count(sequence => sequence > from)) };
    }

    /// <summary>The member with a number of unread messages that somebody has set: as many of the latest as there are.</summary>
    public GroupMember WithUnread(GroupHead head, long unread) => this with
    {
        ReadSeq = head.LastSeq,
        ReadCounted = head.Counted,
        OwnCounted = 0,
        SetUnread = Math.Clamp(unread, 0, head.LastSeq),
    };

    /// <summary>A member of a community in one of its topics: what it is there it is here; what it has read and said is the topic's.</summary>
    /// <param name="topic">Head of the topic.</param>
    /// <param name="own">What the topic keeps of it; null, or of an earlier membership, where it has not entered yet.</param>
    /// <param name="mutedUntil">Of one who has not entered: until when the topic has muted it, Unix seconds.</param>
    public GroupMember In(GroupHead topic, GroupMember? own, long mutedUntil) => HasEnteredAs(own)
        ? own with { Role = Role, Receive = Receive, NameCard = NameCard, Custom = Custom, MutedInCommunityUntil = MutedUntil }
        : FirstIn(topic) with { HasEntered = false, Role = Role, Receive = Receive, NameCard = NameCard, Custom = Custom, MutedUntil = mutedUntil, MutedInCommunityUntil = MutedUntil };

    /// <summary>Whether what a topic keeps of a member is of this membership.</summary>
    public bool HasEnteredAs([NotNullWhen(true)] GroupMember? own) => own?.JoinTime == JoinTime;

    // What was said before it came to the community is not unread; what was said since then in a topic that is older cannot be told apart until it comes in.
    private GroupMember FirstIn(GroupHead topic) => topic.CreateTime >= JoinTime
        ? new GroupMember { Account = Account, JoinTime = JoinTime }
        : new GroupMember { Account = Account, JoinTime = JoinTime, ReadSeq = topic.LastSeq, ReadCounted = topic.Counted };

    private long SetSince(GroupHead head) => Math.Max(0, SetUnread - Math.Max(0, head.BaseSeq - (ReadSeq - SetUnread)));

    /// <summary>Whether the member may not speak at a time, in Unix seconds.</summary>
    public bool IsMuted(long now) => Math.Max(MutedUntil, MutedInCommunityUntil) > now;

    /// <summary>Whether the member may not speak now, by its own mute or the whole group's.</summary>
    public bool IsSilenced(GroupHead head, long now) => IsMuted(now) || (head.SilencesAll && Role == GroupRole.Member);

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
        LastOwnSeq = row.GetInt64("LastOwnSeq") ?? 0,
        ClearedSeq = row.GetInt64("ClearedSeq") ?? 0,
        SetUnread = row.GetInt64("SetUnread") ?? 0,
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
            ["LastOwnSeq"] = LastOwnSeq,
            ["ClearedSeq"] = ClearedSeq,
            ["SetUnread"] = SetUnread,
            ["Mentions"] = Numbers.Format(Mentions),
        };
        row.SetOrOmit("Custom", Custom?.Text);
        return row;
    }
}
