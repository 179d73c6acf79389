using Azure;

namespace Parley.Storage.Shards;

/// <summary>Where a partition is, for a request that is about to be sent, and until when its answer counts.</summary>
/// <param name="Shard">Number of the storage account.</param>
/// <param name="ReadAt">A <see cref="TimeProvider.GetTimestamp"/> of just before the map was asked for.</param>
/// <param name="ServedAt">When the server answered with the map, by its own clock.</param>
/// <param name="Until">How long after that the answer of the request counts.</param>
/// <param name="Skew">By how much longer the servers' clocks may say.</param>
public readonly record struct ShardRoute(int Shard, long ReadAt, DateTimeOffset? ServedAt, TimeSpan Until, TimeSpan Skew)
{
    /// <summary>
    /// Whether a request has been answered while the partition was still there for certain. If not, nobody knows: what was read must be read again, and a transaction
    /// may have been carried out at a place that had been left already.
    /// </summary>
    public bool IsConfirmedBy(Response answer, TimeProvider time) =>
        time.GetElapsedTime(ReadAt) <= Until && (ServedAt is null || answer.Headers.Date is not { } date || date - ServedAt <= Until + Skew);
}
