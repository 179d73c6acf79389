using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>Puts changes of one partition into as few transactions as the service takes: 100 rows and 4 MB each.</summary>
public static class RowTransactions
{
    private const int MostRows = 100;

    // Half of what is taken: the size is an estimate, and a character outside ASCII may travel as six bytes.
    private const long MostBytes = 2_000_000;

    /// <summary>The changes in their order, some at a time.</summary>
    public static IEnumerable<List<TableTransactionAction>> Of(IEnumerable<TableTransactionAction> changes)
    {
        var (some, bytes) = (new List<TableTransactionAction>(), 0L);
        foreach (var change in changes)
        {
            var size = SizeOf((TableEntity)change.Entity);
            if (some.Count > 0 && (some.Count == MostRows || bytes + size > MostBytes))
            {
                yield return some;
                (some, bytes) = ([], 0);
            }

            some.Add(change);
            bytes += size;
        }

        if (some.Count > 0)
        {
            yield return some;
        }
    }

    // Roughly, as sent: a column's name stands before its type once more, and bytes are written as Base64.
    private static long SizeOf(TableEntity row) => 600 + row.Sum(column => 60L + (2 * column.Key.Length) + column.Value switch
    {
        string text => 3L * text.Length,
        byte[] bytes => 4L * bytes.Length / 3,
        BinaryData bytes => 4L * bytes.ToMemory().Length / 3,
        _ => 30L,
    });
}
