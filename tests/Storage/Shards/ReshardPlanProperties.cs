using CsCheck;
using Parley.Local.Resharding;
using Parley.Storage.Shards;

namespace Parley.Tests.Storage.Shards;

public sealed class ReshardPlanProperties
{
    private sealed record Scenario(byte[] Places, int[] Targets);

    private static Gen<Scenario> Scenarios =>
        from accounts in Gen.Int[1, 12]
        from places in Gen.Int[0, accounts - 1].Array[ShardBucket.Count]
        from targets in Gen.Int[0, 14].Array[1, 10]
        select new Scenario([.. places.Select(place => (byte)place)], [.. targets.Distinct()]);

    [Fact]
    public void Any_plan_spreads_evenly_and_moves_no_more_than_it_must() => Scenarios.Sample(scenario =>
    {
        var map = ShardMap.Empty with { Places = new Dictionary<uint, byte[]> { [ShardBucket.AllApps] = scenario.Places } };

        var plan = ReshardPlan.Spread(map, ShardBucket.AllApps, scenario.Targets);

        var after = scenario.Places.Select(place => (int)place).ToArray();
        foreach (var (bucket, to) in plan)
        {
            Assert.NotEqual(after[bucket.Number], to);
            after[bucket.Number] = to;
        }

        Assert.Equal(plan.Count, plan.Select(move => move.Bucket).Distinct().Count());
        var counts = scenario.Targets.Select(target => after.Count(place => place == target)).ToList();
        Assert.Equal(ShardBucket.Count, counts.Sum());
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);

        // What each account has above its share must go, and the larger shares go to those that have most.
        var (each, rest) = Math.DivRem(ShardBucket.Count, scenario.Targets.Length);
        var kept = scenario.Targets.Select(target => scenario.Places.Count(place => place == target)).OrderDescending()
            .Select((have, index) => Math.Min(have, each + (index < rest ? 1 : 0))).Sum();
        Assert.Equal(ShardBucket.Count - kept, plan.Count);
        Assert.Equal(plan, ReshardPlan.Spread(map, ShardBucket.AllApps, scenario.Targets));
    });

    [Fact]
    public void An_account_more_takes_its_share_from_each_of_the_others_and_nothing_else_moves()
    {
        var map = Moved(ShardMap.Empty, [0, 1, 2]);

        var plan = ReshardPlan.Spread(map, ShardBucket.AllApps, [0, 1, 2, 3]);

        Assert.Equal(256, plan.Count);
        Assert.All(plan, move => Assert.Equal(3, move.To));
        Assert.Equal([85, 85, 86], plan.GroupBy(move => map.ShardOf(move.Bucket)).Select(group => group.Count()).Order());
    }

    [Fact]
    public void What_is_spread_already_does_not_move() =>
        Assert.Empty(ReshardPlan.Spread(Moved(ShardMap.Empty, [0, 1, 2, 3, 4]), ShardBucket.AllApps, [4, 3, 2, 1, 0]));

    [Fact]
    public void An_app_of_its_own_goes_elsewhere_and_comes_back()
    {
        const uint App = 1400000002;
        var common = Moved(ShardMap.Empty, [0, 1]);

        var away = ReshardPlan.Spread(common, App, [2]);
        Assert.Equal(ShardBucket.Count, away.Count);
        Assert.All(away, move => Assert.Equal((App, 2), (move.Bucket.App, move.To)));

        var own = common.WithOwnPlaces(App);
        own = own.WithMoved(away.Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Frozen, 1)));
        Assert.Equal(2, own.ShardOf(own.BucketOf($"{App}|mia")));
        Assert.NotEqual(2, own.ShardOf(own.BucketOf("1400000001|mia")));
        var back = own.WithMoved(ReshardPlan.ToCommonPlaces(own, App).Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Frozen, 2)));
        Assert.Equal(back.Places[ShardBucket.AllApps], back.Places[App]);
        Assert.Empty(ReshardPlan.ToCommonPlaces(back, App));
    }

    private static ShardMap Moved(ShardMap map, int[] targets) =>
        map.WithMoved(ReshardPlan.Spread(map, ShardBucket.AllApps, targets).Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Frozen, 1)));
}
