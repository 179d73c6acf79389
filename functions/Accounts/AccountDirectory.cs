using System.Collections.Concurrent;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>Remembers for some minutes which accounts exist, so that a message between known accounts reads nothing.</summary>
/// <remarks>A deletion elsewhere may be seen late here; what is written is asserted by its own transaction all the same.</remarks>
public sealed class AccountDirectory(AccountTable table, TimeProvider time)
{
    private const int MostRemembered = 100_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<AccountKey, long> _known = new();

    /// <summary>Whether the account exists, as known here or in the table.</summary>
    public async ValueTask<bool> ExistsAsync(AccountKey key, CancellationToken cancellation)
    {
        if (_known.TryGetValue(key, out var readAt) && time.GetElapsedTime(readAt) < Freshness)
        {
            return true;
        }

        var asOf = time.GetTimestamp();
        var exists = await table.ExistsAsync(key, cancellation);
        if (exists)
        {
            Remember(key, asOf);
        }

        return exists;
    }

    /// <summary>Creates the account or gives an existing one what is new; see <see cref="AccountTable.ImportAsync"/>.</summary>
    public async Task ImportAsync(AccountKey key, string? nick, string? faceUrl, CancellationToken cancellation)
    {
        var asOf = time.GetTimestamp();
        await table.ImportAsync(key, nick, faceUrl, cancellation);
        Remember(key, asOf);
    }

    private void Remember(AccountKey key, long asOf)
    {
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        _known[key] = asOf;
    }
}
