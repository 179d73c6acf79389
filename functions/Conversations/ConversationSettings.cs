using System.Globalization;
using Azure.Data.Tables;

namespace Parley.Conversations;

/// <summary>
/// What an account has set about one conversation: row <c>s|{c or g}{peer or group}</c> of its partition in table <c>accounts</c>.
/// A row that says nothing any more stays, so that a device which knew more hears of it.
/// </summary>
public sealed record ConversationSettings(string Key)
{
    /// <summary>Row key of <see cref="SettingsHead"/>.</summary>
    public const string HeadRow = "s";

    public const string RowPrefix = "s|";
    public const string GroupsColumn = "Groups";

    /// <summary>Notify of messages; else take them in silence.</summary>
    public const string AcceptAndNotify = "AcceptAndNotify";

    public const string AcceptNotNotify = "AcceptNotNotify";

    /// <summary>Version of the account's settings with which the row last changed.</summary>
    public long Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public long ChangedAt { get; init; }

    /// <summary>Its place among the conversations that are marked or in groups, in the order in which they became so.</summary>
    public long Place { get; init; }

    public bool IsPinned { get; init; }

    public bool IsMuted { get; init; }

    /// <summary>Bit n of the API is 1 &lt;&lt; (n - 1).</summary>
    public ulong StandardMark { get; init; }

    public string CustomMark { get; init; } = "";

    /// <summary>Ids of its conversation groups, ascending, with commas between. May name groups that were deleted.</summary>
    public string Groups { get; init; } = "";

    /// <summary>A group is not listed until a later message than this moves the list; see <see cref="HiddenEpoch"/>.</summary>
    public long HiddenSeq { get; init; }

    /// <summary>Which group of that name it was; 0 when it was never deleted from the list.</summary>
    public long HiddenEpoch { get; init; }

    /// <summary>When the row was written, by the storage's clock.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    public string RowKey => RowPrefix + Key;

    /// <summary>Whether it counts among the conversations that are marked or in groups.</summary>
    public bool IsKept => StandardMark != 0 || CustomMark.Length > 0 || Groups.Length > 0;

    public IReadOnlyList<long> GroupIds => [.. Groups.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, CultureInfo.InvariantCulture))];

    public ConversationSettings WithGroups(IEnumerable<long> ids) => this with { Groups = string.Join(',', ids.Order()) };

    public bool SaysTheSameAs(ConversationSettings other) => (IsPinned, IsMuted, StandardMark, CustomMark, Groups, HiddenSeq, HiddenEpoch)
        == (other.IsPinned, other.IsMuted, other.StandardMark, other.CustomMark, other.Groups, other.HiddenSeq, other.HiddenEpoch);

    public static ConversationSettings FromRow(TableEntity row) => new(row.RowKey[RowPrefix.Length..])
    {
        Version = row.GetInt64("Version") ?? 0,
        ChangedAt = row.GetInt64("ChangedAt") ?? 0,
        Place = row.GetInt64("Place") ?? 0,
        IsPinned = row.GetBoolean("Pinned") ?? false,
        IsMuted = row.GetBoolean("Muted") ?? false,
        StandardMark = unchecked((ulong)(row.GetInt64("StandardMark") ?? 0)),
        CustomMark = row.GetString("CustomMark") ?? "",
        Groups = row.GetString(GroupsColumn) ?? "",
        HiddenSeq = row.GetInt64("HiddenSeq") ?? 0,
        HiddenEpoch = row.GetInt64("HiddenEpoch") ?? 0,
        ModifiedAt = row.Timestamp ?? DateTimeOffset.MinValue,
    };

    public TableEntity ToRow() => new()
    {
        RowKey = RowKey,
        ["Version"] = Version,
        ["ChangedAt"] = ChangedAt,
        ["Place"] = Place,
        ["Pinned"] = IsPinned,
        ["Muted"] = IsMuted,
        ["StandardMark"] = unchecked((long)StandardMark),
        ["CustomMark"] = CustomMark,
        [GroupsColumn] = Groups,
        ["HiddenSeq"] = HiddenSeq,
        ["HiddenEpoch"] = HiddenEpoch,
    };

    /// <summary>As the search for marks answers it.</summary>
    public MarkedContact ToMarked()
    {
        var item = ContactItem.OfKey(Key);
        return new MarkedContact
        {
            Type = item.Type,
            ToAccount = item.ToAccount,
            ToGroupId = item.ToGroupId,
            StandardMark = StandardMarks.Text(StandardMark),
            CustomMark = CustomMark,
            ContactGroupId = GroupIds,
            Timestamp = ChangedAt,
        };
    }

    /// <summary>As the owner's devices hear it.</summary>
    public ContactSettings ToContact()
    {
        var item = ContactItem.OfKey(Key);
        return new ContactSettings
        {
            Type = item.Type,
            ToAccount = item.ToAccount,
            ToGroupId = item.ToGroupId,
            StandardMark = StandardMarks.Text(StandardMark),
            CustomMark = CustomMark,
            ContactGroupId = GroupIds,
            Timestamp = ChangedAt,
            Version = Version,
            TopFlag = IsPinned ? 1 : 0,
            RecvOpt = IsMuted ? AcceptNotNotify : AcceptAndNotify,
            HiddenEpoch = HiddenEpoch == 0 ? null : HiddenEpoch,
            HiddenSeq = HiddenEpoch == 0 ? null : HiddenSeq,
        };
    }
}
