using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

public sealed class ShardMapTableTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_map_is_read_as_it_was_saved_with_as_many_moves_and_apps_as_it_may_hold()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 1);
        var maps = await MapsAsync(stores);
        var moves = Enumerable.Range(0, ShardBucket.Count).Select(n => new ShardMove(new ShardBucket(4_294_967_295, n), 255, n % 2 == 0 ? MovePhase.Frozen : MovePhase.Leaving, 9_000_000 + n));
        var map = (ShardMap.Empty with { Accounts = ["primary", "second"] }).WithOwnPlaces(4_294_967_295).WithMoves(moves);
        map = Enumerable.Range(1, ShardMap.MostAppsOfTheirOwn - 1).Aggregate(map, (all, n) => all.WithOwnPlaces((uint)n));
        map = map.WithMoved([new ShardMove(new ShardBucket(7, 1_023), 200, MovePhase.Frozen, 1)]);

        var none = await maps.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Null(none.ETag);
        Assert.True(await maps.TrySaveAsync(none, map, TestContext.Current.CancellationToken));
        var read = (await maps.ReadAsync(TestContext.Current.CancellationToken)).Map;

        Assert.Equal(1, read.Version);
        Assert.Equal(map.Accounts, read.Accounts);
        Assert.Equal(map.Moves.Values.OrderBy(move => move.Bucket.Number), read.Moves.Values.OrderBy(move => move.Bucket.Number));
        Assert.Equal(map.Places.Keys.Order(), read.Places.Keys.Order());
        Assert.All(map.Places, place => Assert.Equal(place.Value, read.Places[place.Key]));
        Assert.Equal(200, read.ShardOf(new ShardBucket(7, 1_023)));
    }

    [Fact]
    public async Task Who_saves_a_map_that_another_has_changed_meanwhile_changes_nothing()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 1);
        var maps = await MapsAsync(stores);
        var none = await maps.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(await maps.TrySaveAsync(none, ShardMap.Empty with { Accounts = ["a"] }, TestContext.Current.CancellationToken));
        Assert.False(await maps.TrySaveAsync(none, ShardMap.Empty with { Accounts = ["b"] }, TestContext.Current.CancellationToken));

        var read = await maps.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(await maps.TrySaveAsync(read, read.Map with { Accounts = ["c"] }, TestContext.Current.CancellationToken));
        Assert.False(await maps.TrySaveAsync(read, read.Map with { Accounts = ["d"] }, TestContext.Current.CancellationToken));

        var last = (await maps.ReadAsync(TestContext.Current.CancellationToken)).Map;
        Assert.Equal(("c", 2), (last.Accounts.Single(), last.Version));
    }

    private async Task<ShardMapTable> MapsAsync(ShardedStores stores) =>
        new(new TableClient((await azurite.EndpointsAsync()).ConnectionStringOf(stores.Names[0]), TableNames.Apps));
}
