using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>How many groups of each type an account has created as their owner, those that are gone included: row <c>n</c> of its partition. Imported ones do not count.</summary>
public sealed class CreatedGroups(TableStore tables)
{
    public const string RowKey = "n";

    // The group that was counted last, so that a lost answer does not count it twice.
    private const string LastColumn = "Last";

    public async Task<long> ReadAsync(AccountKey owner, GroupType type, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, RowKey, [type.ToString()], cancellation);
        return row.HasValue ? row.Value!.GetInt64(type.ToString()) ?? 0 : 0;
    }

    /// <summary>Counts a group that was created.</summary>
    /// <param name="number">Its place in the list of the app.</param>
    public Task CountAsync(AccountKey owner, GroupType type, long number) => tables.AccountWriter.ApplyAsync(owner.PartitionKey, view =>
    {
        var row = view.Get(RowKey)?.Copy() ?? new TableEntity { RowKey = RowKey };
        if (row.GetInt64(LastColumn) == number || !view.ExistsLikely(AccountTable.AccountRow))
        {
            return false;
        }

        row[type.ToString()] = (row.GetInt64(type.ToString()) ?? 0) + 1;
        row[LastColumn] = number;
        view.Put(row);
        return true;
    }, CancellationToken.None);
}
