using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Accounts' unread messages as they were when a batch of callbacks began to be sent: an account is counted once for the batch.</summary>
public sealed class UnreadTotals(IUnreadTotal unread)
{
    private readonly Dictionary<AccountKey, long> _counted = [];

    public async ValueTask<long> CountAsync(AccountKey account, CancellationToken cancellation)
    {
        if (!_counted.TryGetValue(account, out var count))
        {
            _counted[account] = count = await unread.CountAsync(account, cancellation);
        }

        return count;
    }
}
