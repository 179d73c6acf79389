using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Accounts;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>
/// Table <c>logins</c>: partition = <c>{app}|{provider}|{hash of the subject}</c>, row <c>l</c> = the account that the identity logs in as.
/// </summary>
/// <remarks>
/// Such a row counts only while the account has the mark of the identity (<see cref="IdentityMarks"/>), which goes with the account. While
/// a first login makes the account, the row is marked as begun and holds the name for whoever goes on with it.
/// </remarks>
public sealed class LoginTable(TableStore tables, IdentityMarks marks) : IAccountBelonging
{
    private const string Row = "l";
    private const int MostAttempts = 20;

    /// <summary>What the identity's row says; null when there is none.</summary>
    public async Task<LoginBinding?> FindAsync(LoginIdentity identity, CancellationToken cancellation)
    {
        var row = await tables.Logins.GetEntityIfExistsAsync<TableEntity>(PartitionKey(identity), Row, cancellationToken: cancellation);
        return row.HasValue
            ? new LoginBinding(new AccountKey(identity.SdkAppId, row.Value!.GetString("Account")), row.Value.GetBoolean("IsBegun") ?? false, row.Value.ETag)
            : null;
    }

    /// <summary>Writes the row, if it still is what was found.</summary>
    /// <param name="found">What was found before.</param>
    /// <returns>False when someone else was faster; nothing is written then.</returns>
    public async Task<bool> TryWriteAsync(LoginIdentity identity, LoginBinding? found, string account, bool isBegun, CancellationToken cancellation)
    {
        var row = new TableEntity(PartitionKey(identity), Row) { ["Account"] = account, ["IsBegun"] = isBegun };
        try
        {
            await (found is null
                ? tables.Logins.AddEntityAsync(row, cancellation)
                : tables.Logins.UpdateEntityAsync(row, found.Version, TableUpdateMode.Replace, cancellation));
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == TableErrorCode.EntityAlreadyExists || e.ErrorCode == TableErrorCode.ResourceNotFound)
        {
            return false;
        }
    }

    /// <summary>Binds an identity to an account that has its mark already.</summary>
    /// <returns>The account that the identity is bound to now; another one than given when it was bound to that before.</returns>
    /// <exception cref="InvalidOperationException">Others changed the row each time.</exception>
    public async Task<AccountKey> BindAsync(LoginIdentity identity, AccountKey account, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var found = await FindAsync(identity, cancellation);
            if (found is not null && (found.Account == account || await marks.ExistsAsync(found.Account, identity, cancellation)))
            {
                return found.Account;
            }

            if (await TryWriteAsync(identity, found, account.Account, isBegun: false, cancellation))
            {
                return account;
            }
        }

        throw new InvalidOperationException("The binding of an identity was changed each time it was looked at.");
    }

    /// <summary>Ends the binding of an identity to an account; another binding of it stays. Safe to repeat.</summary>
    public async Task UnbindAsync(LoginIdentity identity, AccountKey account, CancellationToken cancellation)
    {
        // The mark last: it leads whoever deletes the account to the row.
        await RemoveRowAsync(identity, account, cancellation);
        await marks.RemoveAsync(account, identity, cancellation);
    }

    /// <summary>Ends all bindings of an account that is being deleted. Safe to repeat.</summary>
    public async Task RemoveAsync(AccountKey account, CancellationToken cancellation)
    {
        foreach (var (identity, _) in await marks.ListAsync(account, cancellation))
        {
            await UnbindAsync(identity, account, cancellation);
        }
    }

    private async Task RemoveRowAsync(LoginIdentity identity, AccountKey account, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (await FindAsync(identity, cancellation) is not { } found || found.Account != account)
            {
                return;
            }

            try
            {
                await tables.Logins.DeleteEntityAsync(PartitionKey(identity), Row, found.Version, cancellation);
                return;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                // Changed meanwhile: look again whose it is.
            }
        }
    }

    private static string PartitionKey(LoginIdentity identity) => string.Create(CultureInfo.InvariantCulture, $"{identity.SdkAppId}|{identity.Key}");
}

/// <summary>What a row of table <c>logins</c> says.</summary>
/// <param name="IsBegun">The account may not exist yet, or not have the mark yet: a first login is under way, or broke off.</param>
public sealed record LoginBinding(AccountKey Account, bool IsBegun, ETag Version);
