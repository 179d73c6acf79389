using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>Row <c>a</c> of an account's partition in table <c>accounts</c>: that the account exists, its nickname and portrait.</summary>
/// <remarks>Whoever begins something new in the partition asserts this row in the same transaction, so nothing outlives the account.</remarks>
public sealed class AccountTable(TableStore tables, TimeProvider time)
{
    /// <summary>Row key of the account row.</summary>
    public const string AccountRow = "a";

    private static readonly string[] KeyOnly = ["RowKey"];

    /// <summary>Creates an account, or gives an existing one what is new of its nickname and portrait.</summary>
    /// <param name="nick">Null or empty leaves the nickname as it is; likewise <paramref name="faceUrl"/>.</param>
    public Task ImportAsync(AccountKey key, string? nick, string? faceUrl, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync(key.PartitionKey, view => Import(view, nick, faceUrl, now), cancellation);
    }

    /// <summary>Whether the account exists now.</summary>
    public async Task<bool> ExistsAsync(AccountKey key, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(key.PartitionKey, AccountRow, KeyOnly, cancellation);
        return row.HasValue;
    }

    private static bool Import(PartitionView view, string? nick, string? faceUrl, DateTimeOffset now)
    {
        var existing = view.GetUnlikely(AccountRow);
        var row = existing is null ? new TableEntity { RowKey = AccountRow, ["CreatedAt"] = now } : existing.Copy();
        var changed = Set(row, "Nick", nick) | Set(row, "FaceUrl", faceUrl);
        if (existing is null)
        {
            view.Insert(row);
        }
        else if (changed)
        {
            view.Put(row);
        }

        return existing is null;
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
