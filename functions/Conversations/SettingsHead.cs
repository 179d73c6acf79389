using System.Text.Json;
using Azure.Data.Tables;

namespace Parley.Conversations;

/// <summary>A conversation group as it is stored.</summary>
/// <param name="Version">Version of the account's settings with which it was made, renamed or deleted.</param>
public sealed record StoredGroup(string Name, long Id, long Version, bool IsDeleted)
{
    public GroupItem ToItem() => new(Name, Id);
}

/// <summary>A request that was committed, and with which version.</summary>
public sealed record StoredAttempt(string Attempt, long Version);

/// <summary>
/// What an account's settings of conversations have in common: row <c>s</c> of its partition in table <c>accounts</c>. Every change of settings
/// writes it, so its version guards them all and its counts are right.
/// </summary>
public sealed record SettingsHead
{
    /// <summary>Deleted groups that are remembered, for replays of the deletion.</summary>
    private const int MostDeleted = 10;

    private const int MostAttempts = 20;

    /// <summary>Raised by one with each change that says something new.</summary>
    public long Version { get; init; }

    /// <summary>How many conversations are pinned.</summary>
    public long Pinned { get; init; }

    /// <summary>How many conversations are marked or in groups; those in groups that were deleted count until they are cleaned up.</summary>
    public long Kept { get; init; }

    public long LastPlace { get; init; }

    public long LastGroupId { get; init; }

    /// <summary>Version of the latest deletion of a group whose conversations were not yet cleaned up; 0 when all were.</summary>
    public long Uncleaned { get; init; }

    /// <summary>The latest requests that changed something, each with its version: their replays must not change anything again.</summary>
    public IReadOnlyList<StoredAttempt> Attempts { get; init; } = [];

    /// <summary>Groups by age, the latest deleted ones among them.</summary>
    public IReadOnlyList<StoredGroup> AllGroups { get; init; } = [];

    /// <summary>When the row was written, by the storage's clock.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    public IEnumerable<StoredGroup> Groups => AllGroups.Where(group => !group.IsDeleted);

    public StoredGroup? FindGroup(string name) => Groups.FirstOrDefault(group => group.Name == name);

    /// <summary>The version that a request was committed with; null when it was not.</summary>
    public long? VersionOf(string attempt) => Attempts.FirstOrDefault(known => known.Attempt == attempt)?.Version;

    /// <summary>The next version, made by a request.</summary>
    public SettingsHead Raise(string attempt) => this with
    {
        Version = Version + 1,
        Attempts = [.. Attempts.TakeLast(MostAttempts - 1), new StoredAttempt(attempt, Version + 1)],
    };

    public bool HasGroup(long id) => Groups.Any(group => group.Id == id);

    /// <summary>The same without the groups that do not exist any more.</summary>
    public ConversationSettings Prune(ConversationSettings settings) =>
        settings.Groups.Length == 0 ? settings : settings.WithGroups(settings.GroupIds.Where(HasGroup));

    /// <summary>With a group added, or put in the place of that with its id.</summary>
    public SettingsHead With(StoredGroup group)
    {
        var others = AllGroups.Where(other => other.Id != group.Id).Append(group).OrderBy(other => other.Id).ToList();
        var forgotten = others.Where(other => other.IsDeleted).OrderByDescending(other => other.Version).Skip(MostDeleted).ToHashSet();
        return this with { AllGroups = [.. others.Where(other => !forgotten.Contains(other))] };
    }

    public static SettingsHead FromRow(TableEntity? row) => row is null ? new SettingsHead() : new SettingsHead
    {
        Version = row.GetInt64("Version") ?? 0,
        Pinned = row.GetInt64("Pinned") ?? 0,
        Kept = row.GetInt64("Kept") ?? 0,
        LastPlace = row.GetInt64("LastPlace") ?? 0,
        LastGroupId = row.GetInt64("LastGroupId") ?? 0,
        Uncleaned = row.GetInt64("Uncleaned") ?? 0,
        Attempts = JsonSerializer.Deserialize(row.GetString("Attempts") ?? "[]", ParleyJson.Wire.IReadOnlyListStoredAttempt) ?? [],
        AllGroups = JsonSerializer.Deserialize(row.GetString("Groups") ?? "[]", ParleyJson.Wire.IReadOnlyListStoredGroup) ?? [],
        ModifiedAt = row.Timestamp ?? DateTimeOffset.MinValue,
    };

    public TableEntity ToRow() => new()
    {
        RowKey = ConversationSettings.HeadRow,
        ["Version"] = Version,
        ["Pinned"] = Pinned,
        ["Kept"] = Kept,
        ["LastPlace"] = LastPlace,
        ["LastGroupId"] = LastGroupId,
        ["Uncleaned"] = Uncleaned,
        ["Attempts"] = JsonSerializer.Serialize(Attempts, ParleyJson.Wire.IReadOnlyListStoredAttempt),
        ["Groups"] = JsonSerializer.Serialize(AllGroups, ParleyJson.Wire.IReadOnlyListStoredGroup),
    };
}
