using Azure;
using Azure.Data.Tables;
using CsCheck;
using Parley.Accounts;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

/// <summary>Concurrent appends from several instances, with conflicts and faults before and after the commit.</summary>
public sealed class ConversationAppendProperties(AzuriteFixture azurite)
{
    private static readonly Fault[] Faults =
    [
        Fault.Answer(409), Fault.Answer(412), Fault.Answer(429), Fault.Answer(503), Fault.Answer(500), Fault.DropBefore, Fault.DropAfter,
    ];

    // Rare and among transactions only, since each costs its client the whole time-out.
    private static readonly Fault[] TimeOuts = [Fault.TimeOutBefore(TimeSpan.FromSeconds(10)), Fault.TimeOutAfter(TimeSpan.FromSeconds(10))];

    private static int _accounts;

    private sealed record Scenario(int Seed, int Instances, int Peers, int Messages, double FaultRate, int RepeatEvery);

    private static Gen<Scenario> Scenarios =>
        from seed in Gen.Int[0, int.MaxValue]
        from instances in Gen.Int[1, 3]
        from peers in Gen.Int[1, 3]
        from messages in Gen.Int[1, 40]
        from faultRate in Gen.Double[0, 0.3]
        from repeatEvery in Gen.Int[1, 5]
        select new Scenario(seed, instances, peers, messages, faultRate, repeatEvery);

    [Fact]
    public async Task Any_interleaving_gives_dense_numbers_each_accepted_message_once_and_a_head_that_equals_the_entries()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 3);
        await Scenarios.SampleAsync(scenario => CheckAsync(stores, scenario), iter: 40, threads: 1);
        Assert.True(stores.Proxy.FaultCount > 0);
    }

    private static async Task CheckAsync(StoreInstances stores, Scenario scenario)
    {
        stores.Proxy.Plan = FaultPlans.None;
        var owner = new AccountKey(1400000001, $"owner-{Interlocked.Increment(ref _accounts)}");
        var accounts = new AccountTable(stores.Instances[0], new DeletedAccounts(stores.Instances[0]), TimeProvider.System);
        await accounts.ImportAsync(owner, null, null, deletedAt: 0, CancellationToken.None);

        var timeOuts = FaultPlans.Random(~scenario.Seed, 0.04, TimeOuts, request => request.Kind == RequestKind.Batch);
        var faults = FaultPlans.Random(scenario.Seed, scenario.FaultRate, Faults);
        stores.Proxy.Plan = request => timeOuts(request) is { } timeOut && timeOut != Fault.None ? timeOut : faults(request);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, scenario.Messages).Select(n => SendAsync(stores, scenario, owner, n)));
        stores.Proxy.Plan = FaultPlans.None;

        for (var peer = 0; peer < scenario.Peers; peer++)
        {
            var rows = ConversationTable.Rows(Peer(peer));
            var (head, entries) = await ReadAsync(stores.Instances[0], owner, rows);
            var expected = outcomes.Where(outcome => outcome.Number % scenario.Peers == peer).ToList();
            CheckConversation(head, entries, expected);
        }
    }

    private static void CheckConversation(TableEntity? head, IReadOnlyList<TableEntity> entries, IReadOnlyList<Outcome> outcomes)
    {
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(n => (long)n), entries.Select(entry => entry.GetInt64("Seq")!.Value));
        Assert.Equal(entries.Select(entry => entry.GetInt64("Time")), entries.Select(entry => entry.GetInt64("Time")).Order());

        var places = entries.ToLookup(entry => entry.GetInt64("MsgSeq")!.Value, entry => entry.GetInt64("Seq")!.Value);
        foreach (var outcome in outcomes)
        {
            var stored = places[outcome.Number].ToList();
            Assert.True(stored.Count <= 1, $"message {outcome.Number} is stored {stored.Count} times");
            Assert.All(outcome.Accepted, place => Assert.Equal(place, stored.Single()));
        }

        Assert.Equal(entries.Count, outcomes.Count(outcome => places[outcome.Number].Any()));
        Assert.Equal(entries.Count, head?.GetInt64("LastSeq") ?? 0);
        if (head is not null)
        {
            Assert.Equal(entries[^1].GetInt64("Time"), head.GetInt64("LastTime"));
            Assert.Equal(entries[0].GetInt64("Time"), head.GetInt64("FirstTime"));
            Assert.Equal(1, head.GetInt64("FirstSeq"));
            Assert.Equal(entries.Count(entry => entry.GetBoolean("Unread") == true), head.GetInt64("Unread"));
            Assert.Equal(entries[^1].GetInt64("Seq"), head.GetInt64("ShownSeq"));
        }
    }

    // A client that repeats a call which failed, and now and then one which succeeded, on another instance each time.
    private static async Task<Outcome> SendAsync(StoreInstances stores, Scenario scenario, AccountKey owner, int number)
    {
        var content = new MessageContent(new RawJson($$$"""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{number}}}"}}]"""), null, null, false, false);
        var accepted = new List<long>();
        var calls = number % scenario.RepeatEvery == 0 ? 2 : 1;
        for (var call = 0; accepted.Count < calls && call < 10; call++)
        {
            await Task.Yield();
            var table = new ConversationTable(stores.Instances[(number + call) % scenario.Instances]);
            var now = TimeProvider.System.GetUtcNow();
            var message = new NewMessage(
                new MessageKey((uint)number, 7, now.ToUnixTimeSeconds()), number % 2 == 0, content, Guid.NewGuid().ToString("N"), now,
                CountsAsUnread: number % 2 == 1, IsShownLast: true);
            try
            {
                var appended = await table.AppendAsync(owner, Peer(number % scenario.Peers), message, isLikelyNew: number % 3 == 0, CancellationToken.None);
                accepted.Add(appended!.Sequence);
            }
            catch (Exception e) when (e is RequestFailedException or OperationCanceledException or AggregateException)
            {
                // The outcome is unknown; repeat.
            }
        }

        Assert.NotEmpty(accepted);
        return new Outcome(number, accepted);
    }

    private static async Task<(TableEntity? Head, IReadOnlyList<TableEntity> Entries)> ReadAsync(TableStore store, AccountKey owner, TimelineRows rows)
    {
        var head = await store.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, rows.Head);
        var entries = new List<TableEntity>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge {rows.Entry(0)} and RowKey le {rows.Entry(99999)}");
        await foreach (var entry in store.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter))
        {
            entries.Add(entry);
        }

        return (head.HasValue ? head.Value : null, entries);
    }

    private static string Peer(int number) => $"peer {number}/#";

    private sealed record Outcome(int Number, IReadOnlyList<long> Accepted);
}
