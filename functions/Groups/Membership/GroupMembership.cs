using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>
/// That an account is, or may be, in a group: row <c>g|{group}</c> of the account, so that its groups are found in one query. Whoever is about to change the
/// membership notes it here first; the group's own row of the member decides.
/// </summary>
public sealed record GroupMembership
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "g|";

    public required string GroupId { get; init; }

    public required GroupType Type { get; init; }

    /// <summary>The group's epoch; 0 as long as it is not known.</summary>
    public long Epoch { get; init; }

    /// <summary>The requests whose changes of the membership are under way, or broke off. Each takes its own off, so one whose answer was lost takes off nobody else's.</summary>
    public IReadOnlyList<string> UnderWay { get; init; } = [];

    /// <summary>How many they are. 0: the account is a member.</summary>
    public int Pending => UnderWay.Count;

    /// <summary>Grows with each write, so that one who writes last knows whether another was there in between.</summary>
    public long Version { get; init; }

    /// <summary>Names the request that began the latest change.</summary>
    public string Attempt { get; init; } = "";

    /// <summary>When the latest change was begun, Unix seconds.</summary>
    public long BegunAt { get; init; }

    /// <summary>Unix seconds; 0 as long as it is not known.</summary>
    public long JoinTime { get; init; }

    /// <summary>Until when the account's devices hear the group, Unix seconds; 0 when they do not.</summary>
    public long HearsUntil { get; init; }

    /// <summary>A change that is still pending after this time has broken off.</summary>
    public static readonly TimeSpan BrokenAfter = TimeSpan.FromMinutes(2);

    /// <summary>Whether what is pending has broken off, at a time in Unix seconds.</summary>
    public bool IsBroken(long now) => Pending > 0 && now - BegunAt >= (long)BrokenAfter.TotalSeconds;

    public string RowKey => RowKeyOf(GroupId);

    public static string RowKeyOf(string groupId) => Prefix + KeyText.Escape(groupId);

    public static GroupMembership FromRow(TableEntity row) => new()
    {
        GroupId = KeyText.Unescape(row.RowKey[Prefix.Length..]),
        Type = Enum.Parse<GroupType>(row.GetString("Type")),
        Epoch = row.GetInt64("Epoch") ?? 0,
        UnderWay = UnderWayIn(row),
        Version = row.GetInt64("Version") ?? 0,
        Attempt = row.GetString("Attempt") ?? "",
        BegunAt = row.GetInt64("BegunAt") ?? 0,
        JoinTime = row.GetInt64("JoinTime") ?? 0,
        HearsUntil = row.GetInt64("HearsUntil") ?? 0,
    };

    // Rows that an earlier program wrote have only the number, and the name of the latest.
    private static string[] UnderWayIn(TableEntity row) => row.GetString("UnderWay") switch
    {
        { Length: > 0 } attempts => attempts.Split(','),
        null when row.GetInt32("Pending") > 0 => [row.GetString("Attempt") ?? ""],
        _ => [],
    };

    public TableEntity ToRow() => new()
    {
        RowKey = RowKey,
        ["Type"] = Type.ToString(),
        ["Epoch"] = Epoch,
        ["Pending"] = Pending,
        ["UnderWay"] = string.Join(',', UnderWay),
        ["Version"] = Version,
        ["Attempt"] = Attempt,
        ["BegunAt"] = BegunAt,
        ["JoinTime"] = JoinTime,
        ["HearsUntil"] = HearsUntil,
    };
}
