using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Tests.Storage.Shards;

/// <summary>Clients that send messages to some accounts through several instances and repeat each call until it is accepted; and what they were told.</summary>
internal sealed class ConcurrentSenders(IReadOnlyList<TableStore> instances, IReadOnlyList<AccountKey> owners)
{
    private const string Peer = "peer";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentQueue<Accepted> _accepted = new();
    private int _numbers;

    public int AcceptedCount => _accepted.Count;

    public static async Task<List<AccountKey>> ImportAsync(TableStore store, int count)
    {
        var accounts = new AccountTable(store, new DeletedAccounts(store), TimeProvider.System);
        var owners = Enumerable.Range(0, count).Select(n => new AccountKey(1400000001, $"owner-{n}")).ToList();
        foreach (var owner in owners)
        {
            await accounts.ImportAsync(owner, null, null, deletedAt: 0, CancellationToken.None);
        }

        return owners;
    }

    /// <summary>Sends until told to stop; each sender at most one message at a time.</summary>
    public Task RunAsync(int senders, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, senders).Select(sender => SendAllAsync(sender, stop)));

    /// <summary>Sends one message to each account.</summary>
    public Task SendOnceAsync(int sender) => Task.WhenAll(owners.Select(owner => SendAsync(sender, owner, Interlocked.Increment(ref _numbers))));

    /// <summary>Looks whether all that was accepted is stored: once, where it was said to be, in the order of each sender's calls, and nothing is left elsewhere.</summary>
    public async Task CheckAsync(TableStore fresh)
    {
        foreach (var owner in owners)
        {
            var entries = await EntriesAsync(fresh, owner);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(n => (long)n), entries.Select(entry => entry.GetInt64("Seq")!.Value));
            var places = entries.ToLookup(entry => entry.GetInt64("MsgSeq")!.Value, entry => entry.GetInt64("Seq")!.Value);
            Assert.All(places, place => Assert.Single(place));
            var accepted = _accepted.Where(one => one.Owner == owner).ToList();
            Assert.All(accepted, one => Assert.Equal([one.Place], places[one.Number]));
            Assert.All(accepted.GroupBy(one => one.Sender), sent => Assert.Equal(sent.OrderBy(one => one.Number).Select(one => one.Place), sent.Select(one => one.Place).Order()));
            var head = await fresh.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, ConversationTable.Rows(Peer).Head);
            Assert.Equal(entries.Count, head.HasValue ? head.Value!.GetInt64("LastSeq") : 0);
        }
    }

    private async Task SendAllAsync(int sender, CancellationToken stop)
    {
        for (var turn = sender; !stop.IsCancellationRequested; turn++)
        {
            await SendAsync(sender, owners[turn % owners.Count], Interlocked.Increment(ref _numbers));
            await Task.Delay(Pace, CancellationToken.None);
        }
    }

    private async Task SendAsync(int sender, AccountKey owner, int number)
    {
        var content = new MessageContent(new RawJson($$$"""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{number}}}"}}]"""), null, null, false, false);
        for (var call = 0; call < 30; call++)
        {
            var table = new ConversationTable(instances[(sender + call) % instances.Count]);
            var now = TimeProvider.System.GetUtcNow();
            var message = new NewMessage(
                new MessageKey((uint)number, 7, now.ToUnixTimeSeconds()), false, content, Guid.NewGuid().ToString("N"), now, CountsAsUnread: true, IsShownLast: true);
            try
            {
                var appended = await table.AppendAsync(owner, Peer, message, isLikelyNew: false, CancellationToken.None);
                _accepted.Enqueue(new Accepted(sender, owner, number, appended!.Sequence));
                return;
            }
            catch (Exception e) when (e is RequestFailedException or OperationCanceledException or AggregateException)
            {
                // The outcome is unknown; repeat, at another instance.
            }
        }

        Assert.Fail($"Message {number} was never accepted.");
    }

    private static async Task<List<TableEntity>> EntriesAsync(TableStore store, AccountKey owner)
    {
        var rows = ConversationTable.Rows(Peer);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {rows.Entry(0)} and RowKey le {rows.Entry(999999)}");
        return await store.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter).ToListAsync();
    }

    private sealed record Accepted(int Sender, AccountKey Owner, int Number, long Place);
}
