using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// When accounts were deleted, outside of their partitions: partition <c>x|{app}|{hash of the account}</c> of table <c>accounts</c>, row <c>x</c>.
/// It keeps UserSigs that were made before from bringing a deleted account back at the next login of some forgotten device.
/// </summary>
/// <remarks>The name is not kept, only the first half of its SHA-256, and a time. Rows stay: a UserSig may be valid for any time.</remarks>
public sealed class DeletedAccounts(TableStore tables)
{
    private const string Row = "x";

    /// <summary>When the account was last deleted, in Unix seconds; 0 for never.</summary>
    public async Task<long> FindAsync(AccountKey key, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(Partition(key), Row, cancellationToken: cancellation);
        return row.HasValue ? row.Value!.GetInt64("DeletedAt") ?? 0 : 0;
    }

    /// <summary>Notes that the account is deleted now; safe to repeat.</summary>
    public Task AddAsync(AccountKey key, DateTimeOffset now, CancellationToken cancellation) =>
        tables.AccountWriter.ApplyAsync(Partition(key), view => Note(view, now.ToUnixTimeSeconds()), cancellation);

    private static bool Note(PartitionView view, long now)
    {
        if (view.GetUnlikely(Row)?.GetInt64("DeletedAt") >= now)
        {
            return false;
        }

        view.Put(new TableEntity { RowKey = Row, ["DeletedAt"] = now });
        return true;
    }

    private static string Partition(AccountKey key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key.Account));
        return string.Create(CultureInfo.InvariantCulture, $"x|{key.SdkAppId}|{Convert.ToHexString(hash, 0, hash.Length / 2)}");
    }
}
