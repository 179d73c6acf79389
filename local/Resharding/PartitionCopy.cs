using Azure;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Local.Resharding;

/// <summary>Makes a partition at its new place equal to that at its old one.</summary>
/// <remarks>
/// Both places are listed until the listings are equal and the old place has not changed from one listing to the next: so what was copied is a state that
/// the partition really had. A partition that is used all the time never stands still; it is copied again when nobody can use it. Writes at the new place rest on the versions listed there, so that a run that was thought dead does no harm to what came after.
/// </remarks>
internal sealed class PartitionCopy(ReshardLock held)
{
    private const int MaxRounds = 4;
    private const int MaxRoundsOfFrozen = 50;

    /// <summary>Copies, deletes what the old place does not have, and compares.</summary>
    /// <param name="isFrozen">Whether nobody uses it, so that the copy must be the last.</param>
    /// <exception cref="InvalidOperationException">It is frozen and does not stop changing.</exception>
    public async Task CopyAsync(TableClient from, TableClient to, string partitionKey, bool isFrozen, CancellationToken cancellation)
    {
        Dictionary<string, TableEntity>? before = null;
        for (var round = 0; round < (isFrozen ? MaxRoundsOfFrozen : MaxRounds); round++)
        {
            var source = await ListAsync(from, partitionKey, cancellation);
            var changes = Compare(source, await ListAsync(to, partitionKey, cancellation));
            if (changes.Count == 0 && before is not null && HaveSameVersions(before, source))
            {
                return;
            }

            before = await TryWriteAsync(to, changes, cancellation) ? source : null;
        }

        if (isFrozen)
        {
            throw new InvalidOperationException("A partition does not stop changing although nobody should use it.");
        }
    }

    /// <summary>Deletes all rows of a partition.</summary>
    public async Task DeleteAsync(TableClient table, string partitionKey, CancellationToken cancellation)
    {
        while (await ListAsync(table, partitionKey, cancellation) is { Count: > 0 } rows)
        {
            await TryWriteAsync(table, Compare(new Dictionary<string, TableEntity>(), rows), cancellation);
        }
    }

    private static async Task<Dictionary<string, TableEntity>> ListAsync(TableClient table, string partitionKey, CancellationToken cancellation)
    {
        var rows = new Dictionary<string, TableEntity>(StringComparer.Ordinal);
        await foreach (var row in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}"), cancellationToken: cancellation))
        {
            rows[row.RowKey] = row;
        }

        return rows;
    }

    private static bool HaveSameVersions(Dictionary<string, TableEntity> one, Dictionary<string, TableEntity> other) =>
        one.Count == other.Count && one.All(row => other.TryGetValue(row.Key, out var same) && same.ETag == row.Value.ETag);

    private static List<TableTransactionAction> Compare(Dictionary<string, TableEntity> source, Dictionary<string, TableEntity> target) =>
    [
        .. source.Values.Where(row => !target.ContainsKey(row.RowKey)).Select(row => new TableTransactionAction(TableTransactionActionType.Add, RowContent.Copy(row))),
        .. source.Values.Where(row => target.TryGetValue(row.RowKey, out var old) && !RowContent.AreEqual(row, old))
            .Select(row => new TableTransactionAction(TableTransactionActionType.UpdateReplace, RowContent.Copy(row), target[row.RowKey].ETag)),
        .. target.Values.Where(row => !source.ContainsKey(row.RowKey)).Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag)),
    ];

    // False when the place was not as it was listed: after a lost answer, or since another run works there.
    private async Task<bool> TryWriteAsync(TableClient table, List<TableTransactionAction> changes, CancellationToken cancellation)
    {
        foreach (var some in RowTransactions.Of(changes))
        {
            held.Demand();
            try
            {
                await table.SubmitTransactionAsync(some, cancellation);
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && e.ErrorCode != "TableNotFound")
            {
                return false;
            }
        }

        return true;
    }
}
