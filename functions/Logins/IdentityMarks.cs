using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>
/// Rows <c>l|{provider}|{hash of the subject}</c> of an account's partition in table <c>accounts</c>: the identities that may log in as the
/// account. They go with it, and a row of table <c>logins</c> counts only together with one of these.
/// </summary>
public sealed class IdentityMarks(TableStore tables, TimeProvider time)
{
    /// <summary>Prefix of the row keys.</summary>
    public const string Prefix = "l|";

    private static readonly string[] KeyOnly = ["RowKey"];

    public async Task<bool> ExistsAsync(AccountKey account, LoginIdentity identity, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(account.PartitionKey, RowKey(identity), KeyOnly, cancellation);
        return row.HasValue;
    }

    /// <summary>Marks an account; safe to repeat.</summary>
    /// <returns>False when there is no such account.</returns>
    public Task<bool> AddAsync(AccountKey account, LoginIdentity identity, CancellationToken cancellation)
    {
        var row = new TableEntity
        {
            RowKey = RowKey(identity),
            ["Provider"] = identity.Provider,
            ["Subject"] = identity.Subject,
            ["BoundAt"] = time.GetUtcNow(),
        };
        return tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Add(view, row), cancellation);
    }

    /// <summary>Takes a mark away; safe to repeat.</summary>
    public Task RemoveAsync(AccountKey account, LoginIdentity identity, CancellationToken cancellation) =>
        tables.AccountWriter.ApplyAsync(account.PartitionKey, view => Remove(view, RowKey(identity)), cancellation);

    /// <summary>The identities that an account is marked with, and since when.</summary>
    public async Task<IReadOnlyList<(LoginIdentity Identity, DateTimeOffset BoundAt)>> ListAsync(AccountKey account, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'l|' and RowKey lt 'l}}'");
        var found = new List<(LoginIdentity, DateTimeOffset)>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, cancellationToken: cancellation))
        {
            var identity = new LoginIdentity(account.SdkAppId, row.GetString("Provider"), row.GetString("Subject"));
            found.Add((identity, row.GetDateTimeOffset("BoundAt")!.Value));
        }

        return found;
    }

    private static bool Add(PartitionView view, TableEntity row)
    {
        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return false;
        }

        if (view.Get(row.RowKey) is null)
        {
            view.Put(row);
        }

        return true;
    }

    private static bool Remove(PartitionView view, string rowKey)
    {
        view.DeleteLikely(rowKey);
        return true;
    }

    private static string RowKey(LoginIdentity identity) => Prefix + identity.Key;
}
