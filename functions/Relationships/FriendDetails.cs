using System.Globalization;
using Azure.Data.Tables;

namespace Parley.Relationships;

/// <summary>What an account keeps of a friend for itself: columns of row <c>f|{peer}</c> that the friend's copy has not.</summary>
/// <param name="Groups">Ids, ascending; they may name groups that were deleted.</param>
/// <param name="Custom">JSON values by keyword.</param>
internal sealed record FriendDetails(string Remark, long RemarkTime, IReadOnlyList<long> Groups, IReadOnlyDictionary<string, string> Custom)
{
    private const string RemarkColumn = "Remark";
    private const string RemarkTimeColumn = "RemarkTime";
    private const string GroupsColumn = "Groups";
    private const string CustomPrefix = "Custom";

    public static FriendDetails FromRow(TableEntity row) => new(
        row.GetString(RemarkColumn) ?? "",
        row.GetInt64(RemarkTimeColumn) ?? 0,
        [.. (row.GetString(GroupsColumn) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, CultureInfo.InvariantCulture))],
        row.Where(IsCustom).ToDictionary(column => column.Key[CustomPrefix.Length..], column => (string)column.Value));

    public void WriteTo(TableEntity row)
    {
        Clear(row);
        row[RemarkColumn] = Remark;
        row[RemarkTimeColumn] = RemarkTime;
        row[GroupsColumn] = string.Join(',', Groups.Distinct().Order());
        foreach (var (name, value) in Custom)
        {
            row[CustomPrefix + name] = value;
        }
    }

    public static bool HasCustom(TableEntity row) => row.Any(IsCustom);

    public static void Clear(TableEntity row)
    {
        foreach (var column in row.Where(IsCustom).Select(column => column.Key).Concat([RemarkColumn, RemarkTimeColumn, GroupsColumn]).ToList())
        {
            row.Remove(column);
        }
    }

    /// <summary>Writes what a friendship begins with.</summary>
    /// <returns>The head with the groups that it names.</returns>
    public static RelationHead Begin(TableEntity row, FriendEntry entry, RelationHead head)
    {
        var next = head.WithGroups(entry.Groups, entry.MostGroups);
        new FriendDetails(
            entry.Remark, entry.RemarkTime, [.. entry.Groups.Select(next.FindGroup).OfType<FriendGroup>().Select(group => group.Id)], entry.Custom ?? new Dictionary<string, string>()).WriteTo(row);
        return next;
    }

    private static bool IsCustom(KeyValuePair<string, object> column) => column.Key.StartsWith(CustomPrefix, StringComparison.Ordinal);
}
