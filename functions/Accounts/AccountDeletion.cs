using Azure.Data.Tables;
using Parley.Callbacks;
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
/// What the account wrote into the conversations of others is theirs and stays. Callbacks that wait in its partition are sent all the same, and the last one takes what is left with it.
/// </remarks>
public sealed class AccountDeletion(
    TableStore tables, AccountTable accounts, DeletedAccounts deleted, IEnumerable<IAccountBelonging> belongings,
    CallbackStreams callbacks, DailyStatistics statistics, TimeProvider time)
{
    /// <summary>Row key of the marker.</summary>
    public const string MarkerRow = "x";

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

        var removal = new PartitionRemoval(tables.Accounts, tables.AccountWriter, MarkerRow, CallbackStream.Prefix);
        await removal.DeleteAsync(key.PartitionKey, "c|", "c}", cancellation);
        await removal.DeleteAsync(key.PartitionKey, "", "~", cancellation);
        if (removal.HasKept)
        {
            await callbacks.AbandonAsync(CallbackStream.Of(key), cancellation);
        }

        await tables.AccountWriter.ApplyAsync(key.PartitionKey, End, cancellation);
        return true;
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
