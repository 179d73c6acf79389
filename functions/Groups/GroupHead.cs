using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>
/// The head of a group: everything that decides whether somebody may do something, and how far its messages have come. Row <c>h</c>;
/// every change of the group writes it, so whoever decided on an older one decides again.
/// </summary>
/// <remarks>What the group only shows (its name, its face) is in <see cref="GroupProfile"/>, a row of its own, so that a message does not carry it along.</remarks>
public sealed record GroupHead
{
    private const int MostRecalled = 1_000;
    private const int MostMentions = 5;

    public required GroupType Type { get; init; }

    /// <summary>Empty where there is none.</summary>
    public required string Owner { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreateTime { get; init; }

    public required int MaxMembers { get; init; }

    public required JoinOption Applying { get; init; }

    /// <summary>Null where the type decides who may invite.</summary>
    public JoinOption? Inviting { get; init; }

    /// <summary>Whether only officers may speak; see <see cref="SilencesAll"/>.</summary>
    public bool MutesAll { get; init; }

    /// <summary>Null where the type decides.</summary>
    public bool? ShowsEarlierHistory { get; init; }

    /// <summary>How many member rows there are.</summary>
    public int Members { get; init; }

    /// <summary>How many accounts are muted, members or not.</summary>
    public int Mutes { get; init; }

    /// <summary>How many bans are stored; see <c>Live/LiveBan</c>.</summary>
    public int Bans { get; init; }

    /// <summary>Its place in the app's list of groups.</summary>
    public required long Number { get; init; }

    /// <summary>How many messages there have been that count as unread for those who have not read them.</summary>
    public long Counted { get; init; }

    /// <summary>Numbers of the latest messages that had counted as unread and were recalled or deleted, oldest first.</summary>
    public IReadOnlyList<long> Recalled { get; init; } = [];

    /// <summary>Nothing up to this number is unread for anybody: it is gone, or was there when messages were imported.</summary>
    public long BaseSeq { get; init; }

    /// <summary><see cref="Counted"/> as it was at <see cref="BaseSeq"/>.</summary>
    public long BaseCounted { get; init; }

    /// <summary>Everything up to this number was cleared; the rows go soon after.</summary>
    public long ClearedSeq { get; init; }

    /// <summary>Numbers of the latest messages that mention everybody, oldest first.</summary>
    public IReadOnlyList<long> MentionsOfAll { get; init; } = [];

    /// <summary>Number of the latest entry of the log of changes; see <see cref="GroupChange"/>.</summary>
    public long ChangeSeq { get; init; }

    /// <summary>The oldest entry of that log that is kept, and its time in Unix seconds.</summary>
    public long FirstChangeSeq { get; init; } = 1;

    public long FirstChangeTime { get; init; }

    /// <summary>How many messages there were lately; see <c>Messages/MessageRate</c>.</summary>
    public string Rate { get; init; } = "";

    /// <summary>Whether a community may have topics.</summary>
    public bool HasTopics { get; init; }

    /// <summary>Of a topic, the head of its community, which goes before the topic's own; it is not part of the row.</summary>
    public GroupHead? Community { get; private init; }

    /// <summary>When the group was created here, in ms: tells it from an earlier one of the same name.</summary>
    public long Epoch { get; private init; }

    /// <summary>Number of the latest message.</summary>
    public long LastSeq { get; private init; }

    /// <summary>Time of the latest message, Unix seconds; 0 for none.</summary>
    public long LastTime { get; private init; }

    /// <summary>Number and time, in Unix seconds, of the latest message that moves the conversation list; 0 for none.</summary>
    public long ShownSeq { get; private init; }

    public long ShownTime { get; private init; }

    /// <summary>The oldest message that is kept.</summary>
    public long FirstSeq { get; private init; } = 1;

    /// <summary>Its time, Unix seconds; null when there is none.</summary>
    public long? FirstTime { get; private init; }

    public GroupTraits Traits => GroupTraits.Of(Type);

    /// <summary>The epoch of the SignalR group in which it is heard.</summary>
    public long HeardEpoch => Community?.Epoch ?? Epoch;

    /// <summary>Whether only officers may speak: here, or in the whole community.</summary>
    public bool SilencesAll => MutesAll || Community?.MutesAll == true;

    /// <summary>The head of a topic, with its community's: who owns it and how many hear it.</summary>
    public GroupHead Of(GroupHead community) => this with { Community = community, Owner = community.Owner, Members = community.Members };

    /// <summary>Whether members see what was said before they came.</summary>
    public bool IsHistoryOpen => ShowsEarlierHistory ?? Traits.ShowsEarlierHistory;

    /// <summary>The oldest message that can be seen.</summary>
    public long OldestSeq => Math.Max(FirstSeq, ClearedSeq + 1);

    /// <summary>Whether others than the owner see the group.</summary>
    public bool IsActive => !Traits.NeedsMessage || LastSeq > 0;

    /// <summary>Notes that messages which had counted as unread do so no more.</summary>
    public GroupHead WithRecalled(IEnumerable<long> sequences) => this with
    {
        Recalled = [.. Recalled.Concat(sequences).Where(sequence => sequence > BaseSeq).Distinct().Order().TakeLast(MostRecalled)],
    };

    /// <summary>Nothing up to a number is unread for anybody any more.</summary>
    public GroupHead WithBase(long sequence, long counted) => sequence <= BaseSeq ? this : this with
    {
        BaseSeq = sequence,
        BaseCounted = counted,
        Recalled = [.. Recalled.Where(recalled => recalled > sequence)],
    };

    public GroupHead WithMentionOfAll(long sequence) => this with { MentionsOfAll = Latest(MentionsOfAll, sequence) };

    /// <summary>The latest of some numbers with one more: as many as are kept of mentions.</summary>
    public static IReadOnlyList<long> Latest(IReadOnlyList<long> numbers, long more) => [.. numbers.Append(more).TakeLast(MostMentions)];

    public static GroupHead FromRow(TableEntity row) => new()
    {
        Type = Enum.Parse<GroupType>(row.GetString("Type")),
        Owner = row.GetString("Owner") ?? "",
        CreateTime = row.GetInt64("CreateTime") ?? 0,
        MaxMembers = row.GetInt32("MaxMembers") ?? 0,
        Applying = Enum.Parse<JoinOption>(row.GetString("Applying")),
        Inviting = row.GetString("Inviting") is { } inviting ? Enum.Parse<JoinOption>(inviting) : null,
        MutesAll = row.GetBoolean("MutesAll") ?? false,
        ShowsEarlierHistory = row.GetBoolean("ShowsEarlierHistory"),
        Members = row.GetInt32("Members") ?? 0,
        Mutes = row.GetInt32("Mutes") ?? 0,
        Bans = row.GetInt32("Bans") ?? 0,
        Number = row.GetInt64("Number") ?? 0,
        Counted = row.GetInt64("Counted") ?? 0,
        Recalled = Numbers.ParseGaps(row.GetString("Recalled")),
        BaseSeq = row.GetInt64("BaseSeq") ?? 0,
        BaseCounted = row.GetInt64("BaseCounted") ?? 0,
        ClearedSeq = row.GetInt64("ClearedSeq") ?? 0,
        MentionsOfAll = Numbers.Parse(row.GetString("MentionsOfAll")),
        ChangeSeq = row.GetInt64("ChangeSeq") ?? 0,
        FirstChangeSeq = row.GetInt64("FirstChangeSeq") ?? 1,
        FirstChangeTime = row.GetInt64("FirstChangeTime") ?? 0,
        Rate = row.GetString("Rate") ?? "",
        HasTopics = row.GetBoolean("HasTopics") ?? false,
        Epoch = row.GetInt64("Epoch") ?? 0,
        LastSeq = row.GetInt64("LastSeq") ?? 0,
        LastTime = row.GetInt64("LastTime") ?? 0,
        ShownSeq = row.GetInt64("ShownSeq") ?? 0,
        ShownTime = row.GetInt64("ShownTime") ?? 0,
        FirstSeq = row.GetInt64("FirstSeq") ?? 1,
        FirstTime = row.GetInt64("FirstTime"),
    };

    /// <summary>Notes in the head's row that a message moves the conversation list.</summary>
    public static void Show(TableEntity row, AppendedEntry appended) => (row["ShownSeq"], row["ShownTime"]) = (appended.Sequence, appended.Time);

    /// <summary>Writes what is the group's own; what the timeline counts is the timeline's.</summary>
    public void WriteTo(TableEntity row)
    {
        row["Type"] = Type.ToString();
        row["Owner"] = Owner;
        row["CreateTime"] = CreateTime;
        row["MaxMembers"] = MaxMembers;
        row["Applying"] = Applying.ToString();
        row.SetOrOmit("Inviting", Inviting?.ToString());
        row["MutesAll"] = MutesAll;
        row.SetOrOmit("ShowsEarlierHistory", ShowsEarlierHistory);
        row["Members"] = Members;
        row["Mutes"] = Mutes;
        row["Bans"] = Bans;
        row["Number"] = Number;
        row["Counted"] = Counted;
        row["Recalled"] = Numbers.FormatGaps(Recalled);
        row["BaseSeq"] = BaseSeq;
        row["BaseCounted"] = BaseCounted;
        row["ClearedSeq"] = ClearedSeq;
        row["MentionsOfAll"] = Numbers.Format(MentionsOfAll);
        row["ChangeSeq"] = ChangeSeq;
        row["FirstChangeSeq"] = FirstChangeSeq;
        row["FirstChangeTime"] = FirstChangeTime;
        row["Rate"] = Rate;
        row.SetOrOmit("HasTopics", HasTopics ? true : null);
    }
}
