using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>Deletes the rows of a partition under the eyes of a marker row: each transaction asserts it, so one who is late deletes nothing of what came after.</summary>
/// <param name="table">For listing.</param>
/// <param name="markerRow">Row key of the marker, which stays.</param>
/// <param name="keptPrefix">Rows whose keys begin with it stay too: others take care of them.</param>
public sealed class PartitionRemoval(ShardedTable table, PartitionWriter writer, string markerRow, string keptPrefix)
{
    // A transaction takes 100, and one of them is the marker.
    private const int RowsAtOnce = 99;

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Whether it has met rows that stay, besides the marker.</summary>
    public bool HasKept { get; private set; }

    /// <summary>Deletes all rows from a key up to another, until a listing is empty or the marker has gone.</summary>
    public async Task DeleteAsync(string partitionKey, string from, string to, CancellationToken cancellation)
    {
        for (var isFirst = true; await DeleteOnceAsync(partitionKey, from, to, mustRead: !isFirst, cancellation); isFirst = false)
        {
        }
    }

    // False when nothing was left to delete. A row that is still there after it was deleted is one that this instance's memory
    // takes for absent: then it must be read.
    private async Task<bool> DeleteOnceAsync(string partitionKey, string from, string to, bool mustRead, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey lt {to}");
        var found = false;
        await foreach (var page in table.QueryAsync<TableEntity>(partitionKey, filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
        {
            var (kept, doomed) = Split(page.Values);
            HasKept |= kept;
            foreach (var rows in doomed.Chunk(RowsAtOnce))
            {
                if (mustRead)
                {
                    await writer.ApplyAsync(partitionKey, view => rows.Count(row => view.Get(row) is not null), cancellation);
                }

                if (!await writer.ApplyAsync(partitionKey, view => Delete(view, rows), cancellation))
                {
                    return false;
                }

                found = true;
            }
        }

        return found;
    }

    private (bool HasKept, List<string> Doomed) Split(IReadOnlyList<TableEntity> rows)
    {
        var others = rows.Select(row => row.RowKey).Where(row => row != markerRow).ToList();
        var doomed = others.FindAll(row => !row.StartsWith(keptPrefix, StringComparison.Ordinal));
        return (doomed.Count < others.Count, doomed);
    }

    private bool Delete(PartitionView view, string[] rows)
    {
        if (!view.ExistsLikely(markerRow))
        {
            return false;
        }

        foreach (var row in rows)
        {
            view.DeleteLikely(row);
        }

        return true;
    }
}
