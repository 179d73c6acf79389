using Azure.Data.Tables;

namespace Parley.Local.Resharding;

/// <summary>Walks through the partition keys of a table in one account, in their order.</summary>
internal static class PartitionWalk
{
    private static readonly string[] KeyOnly = ["PartitionKey"];

    /// <summary>Partition keys behind one, some at a time. Rows of a large partition beyond the first thousand are skipped.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<string>> AfterAsync(
        TableClient table, string last, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await NextAsync(table, last, cancellation) is { Count: > 0 } keys)
        {
            yield return keys;
            last = keys[^1];
        }
    }

    // The service may answer empty pages before one that has something.
    private static async Task<IReadOnlyList<string>> NextAsync(TableClient table, string last, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey gt {last}");
        await foreach (var page in table.QueryAsync<TableEntity>(filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
        {
            if (page.Values.Count > 0)
            {
                return [.. page.Values.Select(row => row.PartitionKey).Distinct()];
            }
        }

        return [];
    }
}
