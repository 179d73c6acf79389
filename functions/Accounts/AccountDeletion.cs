using Azure.Data.Tables;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Deletes an account with every row of its partition, whatever kinds there are. First the account row gives way to the row <c>x</c>, so
/// that nothing new begins; then what is not a row (<see cref="IAccountBelonging"/>); then the conversations' heads, so that no message is
/// appended; then the rest until nothing is left; row <c>x</c> last. While it is there the deletion is unfinished, and whoever comes upon it finishes it: a repeated call, an import, the sweep.
/// </summary>
/// <remarks>
/// Each transaction asserts row <c>x</c>: one who is late, because another has finished and the account was imported again, deletes nothing.
/// What the account wrote into the conversations of others is theirs and stays.
/// </remarks>
public sealed class AccountDeletion(
    TableStore tables, AccountTable accounts, DeletedAccounts deleted, IEnumerable<IAccountBelonging> belongings,
    DailyStatistics statistics, TimeProvider time)
{
    /// <summary>Row key of the marker.</summary>
    public const string MarkerRow = "x";

    // A transaction takes 100, and one of them is the marker.
    private const int RowsAtOnce = 99;

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Deletes an account; safe to repeat.</summary>
    /// <returns>False when there is none, and nothing left of one.</returns>
    public async Task<bool> DeleteAsync(AccountKey key, CancellationToken cancellation)
    {
        if (!await accounts.ExistsAsync(key, cancellation))
        {
            return await FinishAsync(key, cancellation);
        }

        var now = time.GetUtcNow();
        await deleted.AddAsync(key, now, cancellation);
        if (await tables.AccountWriter.ApplyAsync(key.PartitionKey, view => Begin(view, now), cancellation))
        {
            statistics.AccountDeleted(key.SdkAppId);
        }

        return await FinishAsync(key, cancellation);
    }

    /// <summary>Finishes a deletion that was begun.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> FinishAsync(AccountKey key, CancellationToken cancellation)
    {
        if (!(await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, MarkerRow, KeyOnly, cancellation)).HasValue)
        {
            return false;
        }

        foreach (var belonging in belongings)
        {
            await belonging.RemoveAsync(key, cancellation);
        }

        await DeleteRowsAsync(key, "c|", "c}", mustRead: false, cancellation);
        for (var isFirst = true; await DeleteRowsAsync(key, "", "~", mustRead: !isFirst, cancellation); isFirst = false)
        {
        }

        await tables.AccountWriter.ApplyAsync(key.PartitionKey, End, cancellation);
        return true;
    }

    // False when nothing was left to delete. A row that is still there after it was deleted is one that this instance's memory
    // takes for absent: then it must be read.
    private async Task<bool> DeleteRowsAsync(AccountKey key, string from, string to, bool mustRead, CancellationToken cancellation)
    {
        var partition = key.PartitionKey;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        var found = false;
        await foreach (var page in tables.Accounts.QueryAsync<TableEntity>(filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
        {
            foreach (var rows in page.Values.Select(row => row.RowKey).Where(row => row != MarkerRow).Chunk(RowsAtOnce))
            {
                if (mustRead)
                {
                    await tables.AccountWriter.ApplyAsync(partition, view => rows.Count(row => view.Get(row) is not null), cancellation);
                }

                if (!await tables.AccountWriter.ApplyAsync(partition, view => Delete(view, rows), cancellation))
                {
                    return false;
                }

                found = true;
            }
        }

        return found;
    }

    // Whether this call took the account row; a replay knows by the time.
    private static bool Begin(PartitionView view, DateTimeOffset now)
    {
        var (account, marker) = (view.Get(AccountTable.AccountRow), view.Get(MarkerRow));
        if (account is null)
        {
            return marker?.GetDateTimeOffset("At") == now;
        }

        view.Delete(AccountTable.AccountRow);
        view.Put(new TableEntity { RowKey = MarkerRow, ["At"] = now });
        return true;
    }

    private static bool Delete(PartitionView view, string[] rows)
    {
        if (!view.ExistsLikely(MarkerRow))
        {
            return false;
        }

        foreach (var row in rows)
        {
            view.DeleteLikely(row);
        }

        return true;
    }

    private static bool End(PartitionView view)
    {
        if (view.Get(MarkerRow) is null)
        {
            return false;
        }

        view.Delete(MarkerRow);
        return true;
    }
}
