using Azure;
using Azure.Data.Tables;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>Lets one run of the command work at a time: row <c>lock</c> beside the shard map, written again every few seconds.</summary>
internal sealed class ReshardLock : IAsyncDisposable
{
    private const string Row = "lock";

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrustedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(60);

    private readonly TableClient _apps;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _beating;
    private ETag _version;
    private long _writtenAt;

    private ReshardLock(TableClient apps, TimeProvider time, ETag version, long writtenAt)
    {
        (_apps, _time, _version, _writtenAt) = (apps, time, version, writtenAt);
        _beating = BeatAsync();
    }

    /// <summary>Takes the lock, or takes it over from a run that has died.</summary>
    /// <exception cref="StartFailedException">Another run has it.</exception>
    public static async Task<ReshardLock> TakeAsync(TableClient apps, TimeProvider time, CancellationToken cancellation)
    {
        var writtenAt = time.GetTimestamp();
        var known = await apps.GetEntityIfExistsAsync<TableEntity>(ShardMapTable.Partition, Row, cancellationToken: cancellation);
        if (known.HasValue && time.GetUtcNow() - known.Value!.GetDateTimeOffset("SeenAt") < DeadAfter)
        {
            throw new StartFailedException(
                $"Another run is under way, on {known.Value.GetString("Host")}. If it was killed, wait for {DeadAfter.TotalSeconds:0} seconds and repeat the command: it goes on where that one ended.");
        }

        try
        {
            // A write that is called off may have been done all the same, and nobody would let the lock go.
            var answer = known.HasValue
                ? await apps.UpdateEntityAsync(ToRow(time), known.Value!.ETag, TableUpdateMode.Replace, CancellationToken.None)
                : await apps.AddEntityAsync(ToRow(time), CancellationToken.None);
            return new ReshardLock(apps, time, answer.Headers.ETag!.Value, writtenAt);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            throw new StartFailedException("Another run has begun at this moment.", e);
        }
    }

    /// <summary>Demands that the lock is still held; to be called before each change.</summary>
    /// <exception cref="StartFailedException">It may have been taken over.</exception>
    public void Demand()
    {
        if (_time.GetElapsedTime(Interlocked.Read(ref _writtenAt)) > TrustedFor)
        {
            throw new StartFailedException("The lock of this run could not be renewed. Repeat the command: it goes on where this run ended.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _beating;
        _end.Dispose();
        try
        {
            await _apps.DeleteEntityAsync(ShardMapTable.Partition, Row, _version);
        }
        catch (RequestFailedException)
        {
            // It was taken over, or storage is away: then it is let go by its age.
        }
    }

    private static TableEntity ToRow(TimeProvider time) =>
        new(ShardMapTable.Partition, Row) { ["Host"] = Environment.MachineName, ["SeenAt"] = time.GetUtcNow() };

    private async Task BeatAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Beat);
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                await TryRenewAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            var writtenAt = _time.GetTimestamp();
            var answer = await _apps.UpdateEntityAsync(ToRow(_time), _version, TableUpdateMode.Replace, CancellationToken.None);
            _version = answer.Headers.ETag!.Value;
            Interlocked.Exchange(ref _writtenAt, writtenAt);
        }
        catch (RequestFailedException)
        {
            // Tried again at the next beat; after too many of them the run ends itself.
        }
    }
}
