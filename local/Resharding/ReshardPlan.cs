using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Which buckets move so that those of an app are spread evenly over some accounts, and no more than needed.</summary>
public static class ReshardPlan
{
    /// <param name="app">The app, or <see cref="ShardBucket.AllApps"/>.</param>
    /// <param name="targets">Numbers of the accounts that are to have the buckets; all others get rid of theirs.</param>
    /// <returns>Bucket and new account, by number of the bucket. The same map and targets give the same plan.</returns>
    public static IReadOnlyList<(ShardBucket Bucket, int To)> Spread(ShardMap map, uint app, IReadOnlyCollection<int> targets)
    {
        var places = map.WithOwnPlaces(app).Places[app];
        var quotas = Quotas(places, targets);
        var homeless = new Queue<int>();
        var used = targets.ToDictionary(target => target, _ => 0);
        for (var number = 0; number < ShardBucket.Count; number++)
        {
            if (used.TryGetValue(places[number], out var have) && have < quotas[places[number]])
            {
                used[places[number]]++;
            }
            else
            {
                homeless.Enqueue(number);
            }
        }

        // In turns, so that a move that is broken off has filled all new accounts a little.
        var plan = new List<(ShardBucket, int)>();
        while (homeless.Count > 0)
        {
            foreach (var target in targets.Order().Where(target => used[target] < quotas[target] && homeless.Count > 0))
            {
                plan.Add((new ShardBucket(app, homeless.Dequeue()), target));
                used[target]++;
            }
        }

        return plan;
    }

    /// <summary>Moves that take an app's buckets to where those of all apps are.</summary>
    public static IReadOnlyList<(ShardBucket Bucket, int To)> ToCommonPlaces(ShardMap map, uint app)
    {
        var (own, common) = (map.WithOwnPlaces(app).Places[app], map.Places[ShardBucket.AllApps]);
        return [.. Enumerable.Range(0, ShardBucket.Count).Where(number => own[number] != common[number]).Select(number => (new ShardBucket(app, number), (int)common[number]))];
    }

    // What does not divide evenly goes to those that have most already.
    private static Dictionary<int, int> Quotas(byte[] places, IReadOnlyCollection<int> targets)
    {
        var (each, rest) = Math.DivRem(ShardBucket.Count, targets.Count);
        return targets.OrderByDescending(target => places.Count(place => place == target)).ThenBy(target => target)
            .Select((target, index) => (target, quota: each + (index < rest ? 1 : 0))).ToDictionary(entry => entry.target, entry => entry.quota);
    }
}
