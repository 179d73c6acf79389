using Parley.Accounts;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Logins;

/// <summary>Finds the account of a proven identity, and makes one for an identity that has none.</summary>
/// <remarks>
/// A first login writes its row of table <c>logins</c> first, with the name that the account shall have. Whoever meets that row goes on with
/// it, so logins at the same time, and one after a crash, end with one account.
/// </remarks>
public sealed class LoginAccounts(LoginTable logins, IdentityMarks marks, AccountDirectory accounts, AccountTable accountTable)
{
    private const int MostAttempts = 20;
    private const int MostNames = 100;

    /// <summary>The account that the identity logs in as from now on; 70398 when it would be one more than the app may have.</summary>
    /// <param name="readProfile">Asked for nickname and portrait when the account is made.</param>
    /// <exception cref="InvalidOperationException">Others changed the binding each time.</exception>
    public async Task<Result<AccountKey>> FindOrMakeAsync(
        App app, LoginProvider provider, LoginIdentity identity, Func<CancellationToken, Task<LoginProfile>> readProfile, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var found = await logins.FindAsync(identity, cancellation);
            if (found is not null && await marks.ExistsAsync(found.Account, identity, cancellation))
            {
                return found.Account;
            }

            if (found is { IsBegun: true })
            {
                if (await MakeAsync(app, identity, found, await readProfile(cancellation), cancellation) is { } refused)
                {
                    return refused;
                }
            }
            else
            {
                var name = await FreeNameAsync(provider, identity, cancellation);
                await logins.TryWriteAsync(identity, found, name, isBegun: true, cancellation);
            }
        }

        throw new InvalidOperationException("The binding of an identity was changed each time it was looked at.");
    }

    // The row stays marked as begun until the mark is there; a row that was changed meanwhile is looked at again.
    private async Task<ApiError?> MakeAsync(App app, LoginIdentity identity, LoginBinding begun, LoginProfile profile, CancellationToken cancellation)
    {
        if ((await accounts.TryImportAsync(app, begun.Account.Account, profile.Nick, profile.FaceUrl, cancellation)).Error is { } refused)
        {
            return refused;
        }

        if (await marks.AddAsync(begun.Account, identity, cancellation))
        {
            await logins.TryWriteAsync(identity, begun, begun.Account.Account, isBegun: false, cancellation);
        }

        return null;
    }

    // An account of that name without the mark was unbound, or is somebody else's.
    private async Task<string> FreeNameAsync(LoginProvider provider, LoginIdentity identity, CancellationToken cancellation)
    {
        for (var n = 0; n < MostNames; n++)
        {
            var name = identity.AccountName(provider.AccountPrefix, n);
            if (!await accountTable.ExistsAsync(new AccountKey(identity.SdkAppId, name), cancellation))
            {
                return name;
            }
        }

        throw new InvalidOperationException("An identity was unbound from all the accounts that could be made for it.");
    }
}
