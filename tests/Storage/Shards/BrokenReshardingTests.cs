using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Local;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

/// <summary>Runs of the command that were broken off, died, or met.</summary>
public sealed class BrokenReshardingTests(AzuriteFixture azurite)
{
    private const int Everything = ShardBucket.Count;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Broken_off_anywhere_it_goes_on_there_and_nothing_is_lost()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        var (instance, _) = await stores.StartInstanceAsync();
        var owners = await ConcurrentSenders.ImportAsync(instance, 8);
        var senders = new ConcurrentSenders([instance], owners);
        await senders.SendOnceAsync(0);

        var interruptions = 0;
        foreach (var after in new[] { 8, 40, 90, 200 })
        {
            interruptions += await TryReshardAsync(stores, requests: after) ? 0 : 1;
            await senders.SendOnceAsync(interruptions);
        }

        await stores.ReshardAsync(ShardBucket.AllApps, [1, 2]);
        await senders.SendOnceAsync(99);

        Assert.InRange(interruptions, 3, 4);
        var (fresh, _) = await stores.StartInstanceAsync();
        await senders.CheckAsync(fresh);
        var counts = await ShardedStores.AccountsInAsync(fresh);
        Assert.Equal((0, 8), (counts[0], counts[1] + counts[2]));
        Assert.Empty(await RowsOfMovesAsync(stores));
    }

    [Fact]
    public async Task Buckets_that_a_dead_run_has_frozen_are_used_again_after_a_while_and_moved_by_the_next_run()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var (before, _) = await stores.StartInstanceAsync();
        var owners = await ConcurrentSenders.ImportAsync(before, 4);
        var (operators, _) = await stores.ConnectOperatorAsync();
        await operators.ChangeMapAsync(
            map => map.WithMoves(Enumerable.Range(0, Everything).Select(n => new ShardMove(new ShardBucket(ShardBucket.AllApps, n), 1, MovePhase.Frozen, map.Version + 1))), Stop);

        await operators.Apps.UpsertEntityAsync(new TableEntity(ShardMapTable.Partition, "left-0"), TableUpdateMode.Replace, Stop);

        var (instance, _) = await stores.StartInstanceAsync(retry: 3_000);
        var senders = new ConcurrentSenders([instance], owners);
        await senders.SendOnceAsync(0);

        var phases = (await operators.ReadMapAsync(Stop)).Moves.Values.ToLookup(move => move.Phase);
        Assert.InRange(phases[MovePhase.Leaving].Count(), 1, 4);
        await stores.ReshardAsync(ShardBucket.AllApps, [1]);
        await senders.SendOnceAsync(1);
        var (fresh, _) = await stores.StartInstanceAsync();
        await senders.CheckAsync(fresh);
        Assert.Equal([0, 4], await ShardedStores.AccountsInAsync(fresh));
    }

    [Fact]
    public async Task An_app_is_moved_to_accounts_of_its_own_and_back()
    {
        const uint Own = 1400000077;
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var (instance, _) = await stores.StartInstanceAsync();
        var table = new AccountTable(instance, new DeletedAccounts(instance), TimeProvider.System);
        foreach (var n in Enumerable.Range(0, 6))
        {
            await table.ImportAsync(new AccountKey(1400000001, $"common-{n}"), null, null, 0, Stop);
            await table.ImportAsync(new AccountKey(Own, $"own-{n}"), null, null, 0, Stop);
        }

        await stores.ReshardAsync(Own, [1]);
        Assert.Equal([6, 6], await ShardedStores.AccountsInAsync(instance));
        Assert.Equal(6, await instance.Accounts.Shards[1].QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey ge '1400000077|' and RowKey eq 'a'"), cancellationToken: Stop).CountAsync(Stop));

        await stores.ReshardAsync(Own, targets: null);
        Assert.Equal([12, 0], await ShardedStores.AccountsInAsync(instance));
        var (operators, _) = await stores.ConnectOperatorAsync();
        Assert.Equal([ShardBucket.AllApps], (await operators.ReadMapAsync(Stop)).Places.Keys);
    }

    [Fact]
    public async Task Two_runs_at_once_are_refused_until_the_first_has_been_dead_for_a_minute()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var (operators, _) = await stores.ConnectOperatorAsync();
        var row = new TableEntity(ShardMapTable.Partition, "lock") { ["Host"] = "elsewhere", ["SeenAt"] = TimeProvider.System.GetUtcNow() };
        await operators.Apps.UpsertEntityAsync(row, TableUpdateMode.Replace, Stop);
        var refused = await Assert.ThrowsAsync<StartFailedException>(() => stores.ReshardAsync(ShardBucket.AllApps, [1]));
        Assert.Contains("elsewhere", refused.Message, StringComparison.Ordinal);

        row["SeenAt"] = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(2);
        await operators.Apps.UpsertEntityAsync(row, TableUpdateMode.Replace, Stop);
        await stores.ReshardAsync(ShardBucket.AllApps, [1]);

        var map = await operators.ReadMapAsync(Stop);
        Assert.All(map.Places[ShardBucket.AllApps], place => Assert.Equal(1, place));
    }

    // False when it was broken off after so many requests to storage.
    private static async Task<bool> TryReshardAsync(ShardedStores stores, int requests)
    {
        var (accounts, proxy) = await stores.ConnectOperatorAsync();
        using var kill = new CancellationTokenSource();
        proxy.Plan = _ =>
        {
            if (proxy.Requests.Count > requests)
            {
                kill.Cancel();
            }

            return Fault.None;
        };
        try
        {
            await ShardedStores.Resharder(accounts).ApplyAsync(ShardBucket.AllApps, [1, 2], isResumeOnly: false, Everything, kill.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<List<string>> RowsOfMovesAsync(ShardedStores stores)
    {
        var (operators, _) = await stores.ConnectOperatorAsync();
        return await operators.Apps.QueryAsync<TableEntity>(cancellationToken: Stop).Select(row => $"{row.PartitionKey} {row.RowKey}").Where(row => row != "shards map").ToListAsync(Stop);
    }
}
