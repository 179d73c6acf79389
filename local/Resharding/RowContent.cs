using Azure.Data.Tables;

namespace Parley.Local.Resharding;

/// <summary>What a row holds, without what the service adds.</summary>
internal static class RowContent
{
    private static readonly HashSet<string> OfTheService = new(StringComparer.Ordinal) { "odata.etag", "Timestamp", "PartitionKey", "RowKey" };

    /// <summary>Whether two rows hold the same.</summary>
    public static bool AreEqual(TableEntity one, TableEntity other)
    {
        var columns = Columns(one).ToList();
        return columns.Count == Columns(other).Count() && columns.TrueForAll(column => other.TryGetValue(column, out var value) && AreEqual(one[column], value));
    }

    /// <summary>A row to write: the same key and content.</summary>
    public static TableEntity Copy(TableEntity row)
    {
        var copy = new TableEntity(row.PartitionKey, row.RowKey);
        foreach (var column in Columns(row))
        {
            copy[column] = row[column];
        }

        return copy;
    }

    private static IEnumerable<string> Columns(TableEntity row) => row.Keys.Where(column => !OfTheService.Contains(column));

    private static bool AreEqual(object? one, object? other) =>
        one is byte[] bytes && other is byte[] others ? bytes.AsSpan().SequenceEqual(others) : Equals(one, other);
}
