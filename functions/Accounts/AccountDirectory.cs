using System.Collections.Concurrent;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Remembers accounts, so that a message between known ones reads nothing: that they exist for some minutes, when they were kicked and
/// until when they are muted for half a minute. What this instance changes it knows at once.
/// </summary>
/// <remarks>A deletion elsewhere may be seen late here; what is written is asserted by its own transaction all the same.</remarks>
public sealed class AccountDirectory(AccountTable table, AccountDeletion deletion, AccountQuota quota, DailyStatistics statistics, TimeProvider time)
    : IRevocations
{
    private const int MostRemembered = 100_000;

    private static readonly TimeSpan FreshnessOfExistence = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FreshnessOfState = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<AccountKey, (AccountState State, long AsOf)> _known = new();

    /// <summary>Whether the account exists, as known here or in the table.</summary>
    public async ValueTask<bool> ExistsAsync(AccountKey key, CancellationToken cancellation) =>
        (_known.TryGetValue(key, out var known) && known.State.Exists && time.GetElapsedTime(known.AsOf) < FreshnessOfExistence)
        || (await ReadAsync(key, cancellation)).Exists;

    /// <summary>Kicks and mutes of the account, not older than half a minute; also for accounts that do not exist.</summary>
    /// <remarks>One call refreshes it, and those that come meanwhile go on with what is known: a busy caller is read once.</remarks>
    public async ValueTask<AccountState> StateAsync(AccountKey key, CancellationToken cancellation)
    {
        var isKnown = _known.TryGetValue(key, out var known);
        if (isKnown && (time.GetElapsedTime(known.AsOf) < FreshnessOfState || !_known.TryUpdate(key, (known.State, time.GetTimestamp()), known)))
        {
            return known.State;
        }

        try
        {
            return await ReadAsync(key, cancellation);
        }
        catch
        {
            _known.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>What the table says now.</summary>
    public async Task<AccountState> ReadAsync(AccountKey key, CancellationToken cancellation)
    {
        var asOf = time.GetTimestamp();
        var state = await table.ReadStateAsync(key, cancellation);
        Remember(key, state, asOf);
        return state;
    }

    /// <summary>Whether a UserSig made at that time, in Unix seconds, was made before the account was kicked or deleted.</summary>
    public async ValueTask<bool> IsRevokedAsync(AccountKey account, long signedAt, CancellationToken cancellation) =>
        signedAt < (await StateAsync(account, cancellation)).KickedAt;

    /// <summary>Changes columns of the account row; see <see cref="AccountTable.ChangeAsync"/>.</summary>
    public async Task<AccountState?> ChangeAsync(AccountKey key, Action<TableEntity> change, CancellationToken cancellation)
    {
        var state = await table.ChangeAsync(key, change, cancellation);
        if (state is not null)
        {
            Remember(key, state, time.GetTimestamp());
        }

        return state;
    }

    /// <summary>The account's nickname as far as it is known here: what was read within minutes, or null. Asks nobody.</summary>
    public string? PeekNick(AccountKey key) => _known.TryGetValue(key, out var known) ? known.State.Nick : null;

    /// <summary>Takes notice of what a change of the account's row, made by another class, has left there.</summary>
    public void Note(AccountKey key, AccountState state) => Remember(key, state, time.GetTimestamp());

    /// <summary>As <see cref="ImportAsync"/>, unless the app has all the accounts that it may have: 70398.</summary>
    /// <returns>Whether the account is new.</returns>
    public async Task<Result<bool>> TryImportAsync(App app, string account, string? nick, string? faceUrl, CancellationToken cancellation)
    {
        var key = new AccountKey(app.SdkAppId, account);
        if (app.MaxAccounts > 0 && !await ExistsAsync(key, cancellation) && !await quota.TryReserveAsync(app, key, cancellation))
        {
            return ApiError.AccountQuotaReached;
        }

        return await ImportAsync(key, nick, faceUrl, cancellation);
    }

    /// <summary>Creates the account or gives an existing one what is new; what a broken deletion has left is deleted first.</summary>
    /// <returns>Whether the account is new.</returns>
    public async Task<bool> ImportAsync(AccountKey key, string? nick, string? faceUrl, CancellationToken cancellation)
    {
        while (true)
        {
            var before = await ReadAsync(key, cancellation);
            if (before.Exists && string.IsNullOrEmpty(nick) && string.IsNullOrEmpty(faceUrl))
            {
                return false;
            }

            // What is sent to the new account must not go with the old one.
            if (!before.Exists)
            {
                await deletion.FinishAsync(key, cancellation);
            }

            var asOf = time.GetTimestamp();
            var created = await table.ImportAsync(key, nick, faceUrl, before.KickedAt, cancellation);
            if (created)
            {
                Remember(key, before with { Exists = true, Nick = string.IsNullOrEmpty(nick) ? null : nick }, asOf);
            }
            else
            {
                // Whatever else has changed meanwhile is read with the nickname.
                _known.TryRemove(key, out _);
            }

            // Looked for after the account row is there: a deletion that begins from now on takes the row with it.
            if (!created)
            {
                return false;
            }

            if (!await deletion.FinishAsync(key, cancellation))
            {
                statistics.AccountImported(key.SdkAppId);
                return true;
            }
        }
    }

    /// <summary>Deletes the account with all that is its own; see <see cref="AccountDeletion"/>.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> DeleteAsync(AccountKey key, CancellationToken cancellation)
    {
        var deleted = await deletion.DeleteAsync(key, cancellation);
        Remember(key, AccountState.Absent(time.GetUtcNow().ToUnixTimeSeconds()), time.GetTimestamp());
        return deleted;
    }

    private void Remember(AccountKey key, AccountState state, long asOf)
    {
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        // A read that began before a change must not hide it.
        _known.AddOrUpdate(key, (state, asOf), (_, known) => known.AsOf > asOf ? known : (state, asOf));
    }
}
