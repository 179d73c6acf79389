using Azure.Data.Tables;

namespace Parley.Accounts;

/// <summary>What every request may need to know of an account.</summary>
/// <param name="KickedAt">Unix seconds; UserSigs made before are refused. 0 for never. Of an account that was deleted: when.</param>
/// <param name="C2CMutedUntil">Unix seconds; <see cref="long.MaxValue"/> for ever, 0 for not at all.</param>
/// <param name="GroupMutedUntil">As <paramref name="C2CMutedUntil"/>.</param>
public sealed record AccountState(bool Exists, long KickedAt, long C2CMutedUntil, long GroupMutedUntil)
{
    internal static readonly string[] Columns = ["RowKey", nameof(KickedAt), nameof(C2CMutedUntil), nameof(GroupMutedUntil), nameof(Nick)];

    /// <summary>Its nickname; null when it has none.</summary>
    public string? Nick { get; init; }

    /// <summary>An account that does not exist.</summary>
    public static AccountState Absent(long deletedAt) => new(false, deletedAt, 0, 0);

    /// <summary>From row <c>a</c>.</summary>
    internal static AccountState FromRow(TableEntity row) => new(
        true, row.GetInt64(nameof(KickedAt)) ?? 0, row.GetInt64(nameof(C2CMutedUntil)) ?? 0, row.GetInt64(nameof(GroupMutedUntil)) ?? 0)
    {
        Nick = row.GetString(nameof(Nick)),
    };
}
