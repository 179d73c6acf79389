using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Row <c>a</c> of an account's partition in table <c>accounts</c>: that the account exists, its nickname and portrait, when it was last
/// kicked, until when it is muted.
/// </summary>
/// <remarks>Whoever begins something new in the partition asserts this row in the same transaction, so nothing outlives the account.</remarks>
public sealed class AccountTable(TableStore tables, DeletedAccounts deleted, TimeProvider time)
{
    /// <summary>Row key of the account row.</summary>
    public const string AccountRow = "a";

    private static readonly string[] KeyOnly = ["RowKey"];

    /// <summary>Creates an account, or gives an existing one what is new of its nickname and portrait.</summary>
    /// <param name="nick">Null or empty leaves the nickname as it is; likewise <paramref name="faceUrl"/>.</param>
    /// <param name="deletedAt">When an account of that name was deleted, in Unix seconds: UserSigs made before stay refused.</param>
    /// <returns>Whether this call created it.</returns>
    public Task<bool> ImportAsync(AccountKey key, string? nick, string? faceUrl, long deletedAt, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var attempt = Guid.NewGuid().ToString("N");
        return tables.AccountWriter.ApplyAsync(
            key.PartitionKey,
            view => Import(view, nick, faceUrl, new TableEntity { RowKey = AccountRow, ["CreatedAt"] = now, ["CreatedBy"] = attempt, ["KickedAt"] = deletedAt }),
            cancellation);
    }

    /// <summary>Whether the account exists now.</summary>
    public async Task<bool> ExistsAsync(AccountKey key, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, AccountRow, KeyOnly, cancellation);
        return row.HasValue;
    }

    /// <summary>Reads what requests need to know of an account.</summary>
    public async Task<AccountState> ReadStateAsync(AccountKey key, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, AccountRow, AccountState.Columns, cancellation);
        return row.HasValue ? AccountState.FromRow(row.Value!) : AccountState.Absent(await deleted.FindAsync(key, cancellation));
    }

    /// <summary>Changes columns of the row; safe to repeat.</summary>
    /// <param name="change">Gets a copy of the row and alters it.</param>
    /// <returns>The state that is stored now; null when there is no such account.</returns>
    public Task<AccountState?> ChangeAsync(AccountKey key, Action<TableEntity> change, CancellationToken cancellation) =>
        tables.AccountWriter.ApplyAsync(key.PartitionKey, view => Change(view, change), cancellation);

    private static AccountState? Change(PartitionView view, Action<TableEntity> change)
    {
        if (view.Get(AccountRow) is not { } existing)
        {
            return null;
        }

        var row = existing.Copy();
        change(row);
        view.Put(row);
        return AccountState.FromRow(row);
    }

    private static bool Import(PartitionView view, string? nick, string? faceUrl, TableEntity fresh)
    {
        var existing = view.GetUnlikely(AccountRow);
        var row = existing is null ? fresh : existing.Copy();
        var changed = Set(row, "Nick", nick) | Set(row, "FaceUrl", faceUrl);
        if (existing is null)
        {
            view.Insert(row);
        }
        else if (changed)
        {
            view.Put(row);
        }

        return existing is null || existing.GetString("CreatedBy") == fresh.GetString("CreatedBy");
    }

    private static bool Set(TableEntity row, string property, string? value)
    {
        if (string.IsNullOrEmpty(value) || row.GetString(property) == value)
        {
            return false;
        }

        row[property] = value;
        return true;
    }
}
