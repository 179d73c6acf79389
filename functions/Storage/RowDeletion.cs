namespace Parley.Storage;

public static class RowDeletion
{
    /// <summary>A transaction takes 100.</summary>
    private const int BatchSize = 100;

    /// <summary>Deletes rows of a partition, as many as there are, whatever their versions; those that are gone already do not matter.</summary>
    public static async Task DeleteAsync(this PartitionWriter writer, string partitionKey, IEnumerable<string> rowKeys, CancellationToken cancellation)
    {
        foreach (var batch in rowKeys.Chunk(BatchSize))
        {
            await writer.ApplyAsync(partitionKey, view => Delete(view, batch), cancellation);
        }
    }

    private static bool Delete(PartitionView view, IReadOnlyList<string> rowKeys)
    {
        foreach (var rowKey in rowKeys)
        {
            view.DeleteLikely(rowKey);
        }

        return true;
    }
}
