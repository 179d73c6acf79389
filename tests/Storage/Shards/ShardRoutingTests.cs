using Azure;
using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Local.Resharding;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

/// <summary>Where rows are written and looked for, by the shard map and not by the number of storage accounts in the settings.</summary>
public sealed class ShardRoutingTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adding_accounts_to_the_settings_moves_nothing()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        var (before, _) = await stores.StartInstanceAsync(names: stores.Names.Take(1).ToList());
        var (after, _) = await stores.StartInstanceAsync();
        await WriteAsync(before, Partitions(50));

        await WriteAsync(after, Partitions(100).Skip(50));

        Assert.Equal([100, 0, 0], await CountsAsync(after));
        Assert.All(await Task.WhenAll(Partitions(100).Select(partition => ReadAsync(before, partition))), Assert.NotNull);
        Assert.All(await Task.WhenAll(Partitions(100).Select(partition => ReadAsync(after, partition))), Assert.NotNull);
    }

    [Fact]
    public async Task Rows_are_written_and_found_where_the_map_says()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1, 2]);
        var (one, _) = await stores.StartInstanceAsync();
        var (other, _) = await stores.StartInstanceAsync();

        await WriteAsync(one, Partitions(90));

        var map = ReshardPlanOf(3);
        var expected = Enumerable.Range(0, 3).Select(shard => Partitions(90).Count(partition => map.ShardOf(map.BucketOf(partition)) == shard)).ToList();
        Assert.Equal(expected, await CountsAsync(one));
        Assert.All(expected, count => Assert.InRange(count, 15, 45));
        Assert.All(await Task.WhenAll(Partitions(90).Select(partition => ReadAsync(other, partition))), Assert.NotNull);
        foreach (var partition in Partitions(90))
        {
            var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
            Assert.Equal(["a", "b"], await other.Accounts.QueryAsync<TableEntity>(partition, filter, maxPerPage: 1, select: ["Value"], Stop).Select(row => row.RowKey).ToListAsync(Stop));
        }
    }

    [Fact]
    public async Task An_instance_whose_settings_name_the_accounts_in_another_order_touches_nothing()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        await stores.ReshardAsync(ShardBucket.AllApps, [1]);
        var (wrong, _) = await stores.StartInstanceAsync(names: [stores.Names[0], stores.Names[2], stores.Names[1]], retry: 0);
        var (lacking, _) = await stores.StartInstanceAsync(names: [stores.Names[0]], retry: 0);

        Assert.Equal(503, (await Assert.ThrowsAsync<RequestFailedException>(() => WriteAsync(wrong, Partitions(1)))).Status);
        Assert.Equal(503, (await Assert.ThrowsAsync<RequestFailedException>(() => ReadAsync(lacking, Partitions(1).First()))).Status);

        var (right, _) = await stores.StartInstanceAsync();
        Assert.Equal([0, 0, 0], await CountsAsync(right));
        await WriteAsync(right, Partitions(1));
        Assert.Equal([0, 1, 0], await CountsAsync(right));
    }

    [Fact]
    public async Task Naming_an_account_twice_stops_the_start()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => stores.StartInstanceAsync(names: [stores.Names[0], stores.Names[1], stores.Names[0]]));
    }

    [Fact]
    public async Task The_sweep_looks_at_the_rows_of_every_account_and_leaves_copies_alone_that_are_not_at_home()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1, 2]);
        await using var app = await StartAppAsync(stores);
        var table = app.Get<TableStore>().Accounts;
        var keys = Enumerable.Range(0, 12).Select(n => app.Key($"swept-{n}").PartitionKey).ToList();
        foreach (var key in keys)
        {
            await (await table.OfAsync(key, Stop)).AddEntityAsync(ExpiredPush(key), Stop);
        }

        var map = ReshardPlanOf(3);
        var home = map.ShardOf(map.BucketOf(keys[0]));
        await table.Shards[(home + 1) % 3].AddEntityAsync(ExpiredPush(keys[0]), Stop);
        Assert.Equal(3, keys.Select(key => map.ShardOf(map.BucketOf(key))).Distinct().Count());

        await app.Get<Sweep>().RunAsync(Stop);

        foreach (var key in keys)
        {
            Assert.False((await table.GetEntityIfExistsAsync<TableEntity>(key, "d|iPhone", cancellationToken: Stop)).HasValue);
        }

        Assert.True((await table.Shards[(home + 1) % 3].GetEntityIfExistsAsync<TableEntity>(keys[0], "d|iPhone", cancellationToken: Stop)).HasValue);
    }

    [Fact]
    public async Task The_accounts_of_an_app_are_counted_in_every_storage_account()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1, 2]);
        await using var app = await StartAppAsync(stores);
        var directory = app.Get<AccountDirectory>();
        foreach (var n in Enumerable.Range(0, 9))
        {
            await app.ImportAsync($"counted-{n}");
        }

        var limited = app.App with { MaxAccounts = 10 };
        var tenth = await directory.TryImportAsync(limited, "counted-9", null, null, Stop);
        var eleventh = await directory.TryImportAsync(limited, "counted-10", null, null, Stop);

        Assert.True(tenth.Value);
        Assert.Equal(70398, eleventh.Error?.Code);
    }

    private static async Task<AppInstance> StartAppAsync(ShardedStores stores) =>
        await AppInstance.StartAsync(stores.Azurite, new Uri("http://127.0.0.1:9"), more: await stores.AppSettingsAsync());

    private static TableEntity ExpiredPush(string partition) => new(partition, "d|iPhone") { ["Until"] = DateTimeOffset.UnixEpoch };

    private static IEnumerable<string> Partitions(int count) => Enumerable.Range(0, count).Select(n => new AccountKey(1400000001, $"routed-{n}").PartitionKey);

    private static ShardMap ReshardPlanOf(int accounts) => ShardMap.Empty.WithMoved(
        ReshardPlan.Spread(ShardMap.Empty, ShardBucket.AllApps, [.. Enumerable.Range(0, accounts)]).Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Frozen, 1)));

    private static Task<bool[]> WriteAsync(TableStore store, IEnumerable<string> partitions) => Task.WhenAll(partitions.Select(partition =>
        store.AccountWriter.ApplyAsync(partition, view => Add(view), CancellationToken.None)));

    private static bool Add(PartitionView view)
    {
        view.Insert(new TableEntity { RowKey = "a", ["Value"] = "1" });
        view.Insert(new TableEntity { RowKey = "b", ["Value"] = "2" });
        return true;
    }

    private static async Task<TableEntity?> ReadAsync(TableStore store, string partition) =>
        (await store.Accounts.GetEntityIfExistsAsync<TableEntity>(partition, "a", cancellationToken: Stop)) is { HasValue: true } row ? row.Value : null;

    private static async Task<List<int>> CountsAsync(TableStore store)
    {
        var counts = new List<int>();
        foreach (var shard in store.Accounts.Shards)
        {
            counts.Add(await shard.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"RowKey eq {"a"}"), cancellationToken: Stop).CountAsync(Stop));
        }

        return counts;
    }
}
