using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Spreads buckets over storage accounts while the app is running. Broken off at any point, it goes on there when it is run again.</summary>
/// <param name="say">Told what happens, for people.</param>
public sealed class Resharder(ShardAccounts accounts, ShardLease lease, TimeProvider time, Action<string> say)
{
    /// <summary>What would move.</summary>
    /// <param name="targets">Accounts that are to have the buckets; null for where those of all apps are.</param>
    public async Task<IReadOnlyList<(ShardBucket Bucket, int To)>> PlanAsync(uint app, IReadOnlyCollection<int>? targets, CancellationToken cancellation) =>
        Plan(await accounts.ReadMapAsync(cancellation), app, targets);

    /// <summary>Ends what another run has begun, then moves what is to move, then deletes what stayed behind.</summary>
    /// <param name="targets">As for <see cref="PlanAsync"/>; no moves are begun if <paramref name="isResumeOnly"/>.</param>
    /// <param name="together">How many buckets are frozen at once.</param>
    public async Task ApplyAsync(uint app, IReadOnlyCollection<int>? targets, bool isResumeOnly, int together, CancellationToken cancellation)
    {
        await using var held = await ReshardLock.TakeAsync(accounts.Apps, time, cancellation);
        var run = new Run(accounts, held, lease, time, say, together);
        await run.EndMovesAsync(cancellation);
        if (!isResumeOnly && Plan(await accounts.ReadMapAsync(cancellation), app, targets) is { Count: > 0 } plan)
        {
            await run.BeginMovesAsync(app, plan, cancellation);
            await run.EndMovesAsync(cancellation);
        }

        if (!isResumeOnly && app != ShardBucket.AllApps && targets is null)
        {
            await accounts.ChangeMapAsync(map => map.WithoutOwnPlaces(app), cancellation);
        }
    }

    private static IReadOnlyList<(ShardBucket Bucket, int To)> Plan(ShardMap map, uint app, IReadOnlyCollection<int>? targets) =>
        targets is null ? ReshardPlan.ToCommonPlaces(map, app) : ReshardPlan.Spread(map, app, targets);

    private sealed class Run(ShardAccounts accounts, ReshardLock held, ShardLease lease, TimeProvider time, Action<string> say, int together)
    {
        private readonly PartitionCopy _copy = new(held);

        public async Task BeginMovesAsync(uint app, IReadOnlyList<(ShardBucket Bucket, int To)> plan, CancellationToken cancellation)
        {
            var map = await accounts.ReadMapAsync(cancellation);
            if (map.Places.Count > ShardMap.MostAppsOfTheirOwn && !map.Places.ContainsKey(app))
            {
                throw new StartFailedException($"{ShardMap.MostAppsOfTheirOwn} apps have places of their own already; the map has no room for more.");
            }

            await new BulkCopy(accounts, _copy, say).ResetAsync(cancellation);
            var leftovers = new Leftovers(accounts, _copy, say);
            var places = map.WithOwnPlaces(app);
            foreach (var shard in plan.Select(move => places.ShardOf(move.Bucket)).Distinct())
            {
                await leftovers.NoteAsync(shard, cancellation);
            }

            await accounts.ChangeMapAsync(
                now => now.WithOwnPlaces(app).WithMoves(plan.Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Leaving, now.Version + 1))), cancellation);
            say($"{plan.Count} buckets are announced to move.");
        }

        public async Task EndMovesAsync(CancellationToken cancellation)
        {
            var map = await accounts.ReadMapAsync(cancellation);
            if (map.Moves.Count > 0)
            {
                await ThawAsync(cancellation);
                say($"Waiting for {lease.UntilAllKnow.TotalSeconds:0} s, until every instance knows.");
                await Task.Delay(lease.UntilAllKnow, time, cancellation);
                map = await accounts.ReadMapAsync(cancellation);
                var bulk = new BulkCopy(accounts, _copy, say);
                await bulk.RunAsync(map, cancellation);
                var mover = new BucketMover(accounts, new MarkedPartitions(accounts, _copy), lease, time, say);
                foreach (var some in map.Moves.Keys.OrderBy(bucket => bucket.Number).Chunk(together))
                {
                    await mover.MoveAsync(some, cancellation);
                }

                await bulk.ResetAsync(cancellation);
            }

            // Whoever still reads by the map as it was before the last change.
            await Task.Delay(lease.UntilMovingKnow, time, cancellation);
            await new Leftovers(accounts, _copy, say).RemoveAsync(cancellation);
        }

        // Buckets that a run has frozen before it died are used again while all is copied.
        private async Task ThawAsync(CancellationToken cancellation)
        {
            await accounts.ChangeMapAsync(
                now => now.WithMoves(now.Moves.Values.Where(move => move.Phase == MovePhase.Frozen)
                    .Select(move => move with { Phase = MovePhase.Leaving, Generation = now.Version + 1 })),
                cancellation);
        }
    }
}
