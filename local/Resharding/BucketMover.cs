using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Takes buckets that are leaving to their new place: copies what was used since, until that is little, freezes them for some seconds, and ends the move.</summary>
internal sealed class BucketMover(ShardAccounts accounts, MarkedPartitions marked, ShardLease lease, TimeProvider time, Action<string> say)
{
    private const int MostRounds = 10;

    // What was used within a round is copied while nobody can use the buckets.
    private static readonly TimeSpan ShortEnough = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(10);

    /// <summary>Moves them; they are all at their new places afterwards.</summary>
    public async Task MoveAsync(IReadOnlyList<ShardBucket> buckets, CancellationToken cancellation)
    {
        while (await LeftAsync(buckets, cancellation) is { Count: > 0 } left)
        {
            await CatchUpAsync(left, cancellation);
            await TryEndAsync(left, cancellation);
        }
    }

    private async Task<List<ShardBucket>> LeftAsync(IReadOnlyList<ShardBucket> buckets, CancellationToken cancellation)
    {
        var map = await accounts.ReadMapAsync(cancellation);
        return [.. buckets.Where(map.Moves.ContainsKey)];
    }

    private async Task CatchUpAsync(List<ShardBucket> buckets, CancellationToken cancellation)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var map = await EnterAsync(buckets, MovePhase.Leaving, cancellation);
            var began = time.GetTimestamp();
            await marked.CopyAsync(map, buckets, cancellation);
            if (time.GetElapsedTime(began) < ShortEnough)
            {
                return;
            }
        }
    }

    // Not ended when the last copying took too long, or when an instance took the bucket for abandoned: then once more.
    private async Task TryEndAsync(List<ShardBucket> buckets, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var map = await SetPhaseAsync(buckets, MovePhase.Frozen, cancellation);
        try
        {
            await Task.Delay(lease.UntilMovingKnow, time, cancellation);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(LongestFreeze);
            await marked.CopyAsync(map, buckets, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            say($"The last copying took more than {LongestFreeze.TotalSeconds:0} s; the buckets are used at their old place until the next attempt.");
            await SetPhaseAsync(buckets, MovePhase.Leaving, cancellation);
            return;
        }
        catch
        {
            await SetPhaseAsync(buckets, MovePhase.Leaving, CancellationToken.None);
            throw;
        }

        var after = await accounts.ChangeMapAsync(
            now => now.WithMoved(buckets.Select(now.Moves.GetValueOrDefault).OfType<ShardMove>().Where(move => move.Generation == map.Version)), cancellation);
        var moved = buckets.FindAll(bucket => !after.Moves.ContainsKey(bucket));
        say($"{moved.Count} buckets were neither read nor written for {time.GetElapsedTime(began).TotalSeconds:0.0} s and are at their new places now.");
        foreach (var bucket in moved)
        {
            await marked.ForgetAsync(bucket, cancellation);
        }
    }

    private async Task<ShardMap> EnterAsync(List<ShardBucket> buckets, MovePhase phase, CancellationToken cancellation)
    {
        var map = await SetPhaseAsync(buckets, phase, cancellation);
        await Task.Delay(lease.UntilMovingKnow, time, cancellation);
        return map;
    }

    private Task<ShardMap> SetPhaseAsync(List<ShardBucket> buckets, MovePhase phase, CancellationToken cancellation) => accounts.ChangeMapAsync(
        now => now.WithMoves(buckets.Select(bucket => now.Moves[bucket] with { Phase = phase, Generation = now.Version + 1 })), cancellation);
}
