using Azure;

namespace Parley.Storage.Shards;

/// <summary>Finds the storage account that a partition is in, by the shard map as this instance has read it some seconds ago.</summary>
/// <remarks>How a bucket is moved without anything lost: docs/decisions/0014.</remarks>
/// <param name="accounts">Names of the storage accounts, by number, as the settings have them.</param>
public sealed partial class ShardDirectory(
    ShardMapTable table, ShardMarks marks, IReadOnlyList<string> accounts, ShardLease lease, TimeProvider time, ILogger<ShardDirectory> logger)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private Snapshot? _known;
    private Task<Snapshot>? _reading;
    private (ShardMove Move, long SeenAt)? _frozen;

    /// <summary>Where a partition is, for a request that is sent at once.</summary>
    /// <param name="patience">How long to wait while the partition is at neither place.</param>
    /// <exception cref="RequestFailedException">It was not over by then; the map could not be read; or the settings do not have the account.</exception>
    public async ValueTask<ShardRoute> FindAsync(string partitionKey, TimeSpan patience, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var asked = began;
        while (true)
        {
            var known = await CurrentAsync(cancellation);
            var bucket = known.Map.BucketOf(partitionKey);
            if (!known.Map.Moves.TryGetValue(bucket, out var move))
            {
                return Route(known, bucket, lease.Settled);
            }

            if (known.ReadAt <= asked && time.GetElapsedTime(known.ReadAt) > lease.Moving / 2)
            {
                await ReadAsync(cancellation);
            }
            else if (move.Phase == MovePhase.Leaving)
            {
                await marks.NoteAsync(move, partitionKey);
                return Route(known, bucket, lease.Moving);
            }
            else
            {
                await WaitForEndAsync(known, move, began, patience, cancellation);
                asked = time.GetTimestamp();
            }
        }
    }

    /// <summary>Whether the answer to a request that was sent by a route counts; if not, the map is read again before the next one.</summary>
    public bool IsConfirmed(ShardRoute route, Response answer)
    {
        if (route.IsConfirmedBy(answer, time))
        {
            return true;
        }

        // The clock of this instance may have stood still, so the age of what is known says nothing.
        if (Volatile.Read(ref _known) is { } known && known.ReadAt == route.ReadAt)
        {
            Interlocked.CompareExchange(ref _known, null, known);
        }

        return false;
    }

    /// <summary>Whether a partition belongs to an account; if not, what is there is a copy, of later or of before.</summary>
    public async ValueTask<bool> IsHomeAsync(string partitionKey, int shard, CancellationToken cancellation)
    {
        var map = (await CurrentAsync(cancellation)).Map;
        return map.ShardOf(map.BucketOf(partitionKey)) == shard;
    }

    /// <summary>The version of the map, in which nothing is on the move: for a reader of all accounts, which misses nothing as long as that stays the same.</summary>
    /// <param name="isFresh">Asks the table, and does not rest on what was read some seconds ago.</param>
    /// <exception cref="PartitionsMovedException">Something is.</exception>
    /// <exception cref="RequestFailedException">The map could not be read; or the settings do not have its accounts.</exception>
    public async ValueTask<long> FindSettledAsync(bool isFresh, CancellationToken cancellation)
    {
        var map = (isFresh ? await ReadAsync(cancellation) : await CurrentAsync(cancellation)).Map;
        for (var shard = 0; shard < map.Accounts.Count; shard++)
        {
            CheckAccount(map.Accounts, shard);
        }

        return map.Moves.Count == 0 ? map.Version : throw new PartitionsMovedException();
    }

    private ShardRoute Route(Snapshot known, ShardBucket bucket, TimeSpan until)
    {
        var shard = known.Map.ShardOf(bucket);
        CheckAccount(known.Map.Accounts, shard);
        return new ShardRoute(shard, known.ReadAt, known.ServedAt, until, lease.Skew);
    }

    private void CheckAccount(IReadOnlyList<string> names, int shard)
    {
        if (names.Count > 0 && (shard >= accounts.Count || shard >= names.Count || accounts[shard] != names[shard]))
        {
            AccountMissing(logger, shard, shard < names.Count ? names[shard] : "");
            throw new RequestFailedException(503, $"The settings do not have storage account {shard} of the shard map.");
        }
    }

    // Read again early enough that nobody waits for it as long as there is traffic.
    private ValueTask<Snapshot> CurrentAsync(CancellationToken cancellation)
    {
        var known = Volatile.Read(ref _known);
        var age = known is null ? TimeSpan.MaxValue : time.GetElapsedTime(known.ReadAt);
        if (known is null || age > lease.Settled * 3 / 4)
        {
            return new ValueTask<Snapshot>(ReadAsync(cancellation));
        }

        if (age > lease.Settled / 2)
        {
            _ = ReadAsync(CancellationToken.None).ContinueWith(
                failed => MapNotRead(logger, failed.Exception!.GetBaseException().Message),
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return new ValueTask<Snapshot>(known);
    }

    // One read for all who need it.
    private Task<Snapshot> ReadAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_reading is null or { IsCompleted: true })
            {
                _reading = ReadOnceAsync();
            }

            return _reading.WaitAsync(cancellation);
        }
    }

    private async Task<Snapshot> ReadOnceAsync()
    {
        var readAt = time.GetTimestamp();
        var stored = await table.ReadAsync(CancellationToken.None);
        var read = new Snapshot(stored, readAt);
        Volatile.Write(ref _known, read);
        return read;
    }

    private async Task WaitForEndAsync(Snapshot known, ShardMove move, long began, TimeSpan patience, CancellationToken cancellation)
    {
        if (time.GetElapsedTime(began) >= patience)
        {
            throw new RequestFailedException(503, "The partition is being moved to another storage account.");
        }

        if (IsAbandoned(move))
        {
            // Whoever froze it finds that the map has changed, and does not end the move by what it has copied.
            var thawed = move with { Phase = MovePhase.Leaving, Generation = known.Map.Version + 1 };
            BucketThawed(logger, move.Bucket.App, move.Bucket.Number);
            await table.TrySaveAsync(known.Stored, known.Map.WithMoves([thawed]), cancellation);
            await ReadAsync(cancellation);
            return;
        }

        await Task.Delay(Poll, time, cancellation);
    }

    private bool IsAbandoned(ShardMove move)
    {
        lock (_gate)
        {
            if (_frozen is not { } seen || seen.Move.Generation != move.Generation)
            {
                _frozen = (move, time.GetTimestamp());
                return false;
            }

            return time.GetElapsedTime(seen.SeenAt) > lease.Abandoned;
        }
    }

    private sealed record Snapshot(StoredShardMap Stored, long ReadAt)
    {
        public ShardMap Map => Stored.Map;

        public DateTimeOffset? ServedAt => Stored.ServedAt;
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Error, Message = "The shard map names storage account {Shard} '{Account}', which the settings do not have in this place")]
    private static partial void AccountMissing(ILogger logger, int shard, string account);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "The shard map could not be read: {Reason}")]
    private static partial void MapNotRead(ILogger logger, string reason);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "The move of bucket {Bucket} of app {App} was abandoned while it was frozen; it is used at its old place again")]
    private static partial void BucketThawed(ILogger logger, uint app, int bucket);
}
