using System.Collections.Concurrent;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Events;

/// <summary>Stores events of accounts and tells their devices.</summary>
public sealed class AccountEvents(TableStore tables, Outbox outbox, TimeProvider time)
{
    private const int AtOnce = 32;

    /// <summary>Appends an event to the account's timeline, in one transaction, and delivers it; safe to repeat.</summary>
    /// <returns>False when there is no such account; nothing is stored then.</returns>
    public async Task<bool> AppendAsync(AccountKey account, AccountEvent happened, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var stored = await tables.AccountWriter.ApplyAsync(account.PartitionKey, view => EventTimeline.Append(view, happened, now), cancellation);
        await DeliverAsync(account, stored);
        return stored is not null;
    }

    /// <summary>As the other, for many accounts, some at once. All are tried; accounts that do not exist are left out.</summary>
    /// <exception cref="AggregateException">Some could not be stored; repeating the call stores these and nothing twice.</exception>
    public async Task AppendAsync(IEnumerable<(AccountKey Account, AccountEvent Happened)> events, CancellationToken cancellation)
    {
        var failures = new ConcurrentQueue<Exception>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(events, parallel, async (item, token) =>
        {
            try
            {
                await AppendAsync(item.Account, item.Happened, token);
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                failures.Enqueue(e);
            }
        });
        if (!failures.IsEmpty)
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>Tells an account's devices of an event that a change of its partition has appended; nothing for null.</summary>
    public ValueTask DeliverAsync(AccountKey account, StoredEvent? stored) => stored is null ? ValueTask.CompletedTask : outbox.SendAsync(account, stored.ToJson());
}
