using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

public sealed class ReshardingTests(AzuriteFixture azurite)
{
    private const int Everything = ShardBucket.Count;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Moving_accounts_under_senders_and_a_machine_that_stands_still_now_and_then_loses_doubles_and_reorders_nothing()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        var (first, _) = await stores.StartInstanceAsync();
        var (faulty, faults) = await stores.StartInstanceAsync();
        var clock = new PausableTime();
        var (pausing, holds) = await stores.StartInstanceAsync(clock, requestTimeout: 15_000);
        var owners = await ConcurrentSenders.ImportAsync(first, 24);
        faults.Plan = FaultPlans.Random(17, 0.05, [Fault.DropAfter, Fault.DropBefore, Fault.Answer(503)]);
        var senders = new ConcurrentSenders([first, faulty, pausing], owners);

        using var end = new CancellationTokenSource();
        var sending = senders.RunAsync(9, end.Token);
        var pauses = PauseAsync(clock, holds, end.Token);
        await Eventually.HoldsAsync(() => senders.AcceptedCount > 20);
        await stores.ReshardAsync(ShardBucket.AllApps, [1, 2, 0], together: 400);
        await stores.ReshardAsync(ShardBucket.AllApps, [2], together: Everything);
        await end.CancelAsync();
        await Task.WhenAll(sending, pauses);

        var (fresh, _) = await stores.StartInstanceAsync();
        await senders.CheckAsync(fresh);
        Assert.Equal([0, 0, 24], await ShardedStores.AccountsInAsync(fresh));
        Assert.True(await pauses > 0);
        Assert.True(faults.FaultCount > 0);
    }

    [Fact]
    public async Task A_transaction_that_comes_after_its_partition_has_moved_is_not_taken_for_stored()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var clock = new PausableTime();
        var (paused, holds) = await stores.StartInstanceAsync(clock, requestTimeout: 60_000);
        var owner = new AccountKey(1400000001, "late");
        var accounts = new AccountTable(paused, new DeletedAccounts(paused), TimeProvider.System);
        Assert.False(await accounts.ExistsAsync(owner, Stop));
        var (come, until) = (new TaskCompletionSource(), new TaskCompletionSource());
        holds.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.HoldRequest(come, until.Task));

        // The machine stops when the transaction has left it, and goes on when everything is elsewhere and the old place is cleared.
        var importing = accounts.ImportAsync(owner, "Late", null, deletedAt: 0, CancellationToken.None);
        await come.Task.WaitAsync(Eventually.Deadline, Stop);
        clock.Pause();
        await stores.ReshardAsync(ShardBucket.AllApps, [1]);
        until.SetResult();
        await importing.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        clock.Resume();

        var (fresh, _) = await stores.StartInstanceAsync();
        Assert.True(await new AccountTable(fresh, new DeletedAccounts(fresh), TimeProvider.System).ExistsAsync(owner, Stop));
        Assert.True((await fresh.Accounts.Shards[0].GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, "a", cancellationToken: Stop)).HasValue, "it did arrive late at the old place");
        Assert.True((await fresh.Accounts.Shards[1].GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, "a", cancellationToken: Stop)).HasValue);
    }

    [Fact]
    public async Task A_query_that_was_begun_before_the_move_goes_on_behind_its_last_row_at_the_new_place()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var (instance, _) = await stores.StartInstanceAsync();
        var partition = new AccountKey(1400000001, "paged").PartitionKey;
        await instance.AccountWriter.ApplyAsync(partition, view => Enumerable.Range(0, 90).Count(n => Add(view, $"row{n:D2}")), Stop);
        var found = new List<string>();

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        await foreach (var page in instance.Accounts.QueryAsync<TableEntity>(partition, filter, maxPerPage: 20, select: ["Value"], Stop).AsPages())
        {
            found.AddRange(page.Values.Select(row => row.RowKey));
            if (found.Count == 40)
            {
                await stores.ReshardAsync(ShardBucket.AllApps, [1]);
                await instance.AccountWriter.ApplyAsync(partition, view => Add(view, "row99"), Stop);
            }
        }

        Assert.Equal([.. Enumerable.Range(0, 90).Select(n => $"row{n:D2}"), "row99"], found);
    }

    private static bool Add(PartitionView view, string rowKey)
    {
        view.Insert(new TableEntity { RowKey = rowKey, ["Value"] = "1" });
        return true;
    }

    // The machine stands still for longer than a bucket is frozen; what it has sent arrives afterwards.
    private static async Task<int> PauseAsync(PausableTime clock, FaultProxy proxy, CancellationToken end)
    {
        var held = 0;
        while (!end.IsCancellationRequested)
        {
            var until = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            proxy.Plan = request =>
            {
                if (request.Kind != RequestKind.Batch)
                {
                    return Fault.None;
                }

                Interlocked.Increment(ref held);
                return Fault.HoldRequest(new TaskCompletionSource(), until.Task);
            };
            clock.Pause();
            await Task.Delay(TimeSpan.FromSeconds(7), CancellationToken.None);
            proxy.Plan = FaultPlans.None;
            clock.Resume();
            until.SetResult();
            await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
        }

        return held;
    }
}
