using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>Writes and deletes rows of an app that a restore keeps to itself meanwhile: as many of a partition in a transaction as fit, several partitions at once.</summary>
internal sealed class RowBatches(TableStore tables)
{
    private const int AtOnce = 8;

    /// <summary>Writes rows whatever is there; safe to repeat.</summary>
    public Task PutAsync(string table, IEnumerable<TableEntity> rows, HoldRenewal hold, CancellationToken cancellation) =>
        SubmitAsync(table, rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)), hold, cancellation);

    /// <summary>Deletes rows that a query has found.</summary>
    public Task DeleteAsync(string table, IEnumerable<TableEntity> rows, HoldRenewal hold, CancellationToken cancellation) =>
        SubmitAsync(table, rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, Azure.ETag.All)), hold, cancellation);

    private async Task SubmitAsync(string table, IEnumerable<TableTransactionAction> actions, HoldRenewal hold, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Batches(actions), options, async (batch, token) =>
        {
            await hold.KeepAsync(token);
            await tables.SubmitAsync(table, batch[0].Entity.PartitionKey, batch, token);
        });
    }

    private static IEnumerable<List<TableTransactionAction>> Batches(IEnumerable<TableTransactionAction> actions) =>
        actions.GroupBy(action => action.Entity.PartitionKey).SelectMany(RowTransactions.Of);
}
