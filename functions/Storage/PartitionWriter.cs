using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// Changes the partitions of one table. Concurrent changes of a partition are collected and committed together as one
/// entity-group transaction; versions (ETags) decide between instances; a change that lost runs again on fresh rows.
/// </summary>
/// <remarks>
/// A transaction whose outcome is unknown (a timeout, a 5xx) counts as lost too: its changes run again on what the store
/// then holds and recognise by their own rows that they were stored. If the first attempt arrives late, the versions refuse it.
/// The table clients must not retry by itself, or a change could meet its own rows as a stranger's.
/// </remarks>
public sealed class PartitionWriter(ShardedTable table, StorageOptions options, TimeProvider time, ILogger<PartitionWriter> logger)
{
    private readonly ConcurrentDictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    private readonly TimeSpan _retryFor = TimeSpan.FromMilliseconds(options.RetryMilliseconds);
    private readonly PartitionStore _store = new(table, TimeSpan.FromMilliseconds(options.RetryMilliseconds), time);
    private int _rows;
    private int _trimming;

    /// <summary>Runs a change and commits what it writes.</summary>
    /// <param name="partitionKey">The partition; the change may touch nothing else.</param>
    /// <param name="change">A pure function of the view; it may run several times. What its last run returned is the result.</param>
    /// <param name="cancellation">Stops waiting, not the change.</param>
    /// <exception cref="RequestFailedException">Storage refused the change; or it stayed out of reach, and whether the change was stored is unknown.</exception>
    /// <exception cref="Exception">Whatever else the client throws when storage cannot be reached, with the same meaning.</exception>
    public async Task<T> ApplyAsync<T>(string partitionKey, Func<PartitionView, T> change, CancellationToken cancellation)
    {
        var pending = new PendingChange<T>(change, time.GetTimestamp());
        while (true)
        {
            var partition = _partitions.GetOrAdd(partitionKey, static (key, name) => new Partition(name, key), table.Name);
            if (partition.Enqueue(pending) is not { } mustDrain)
            {
                _partitions.TryRemove(KeyValuePair.Create(partitionKey, partition));
                continue;
            }

            if (mustDrain)
            {
                _ = DrainAsync(partition);
            }

            return await pending.Completion.WaitAsync(cancellation);
        }
    }

    /// <summary>What this instance remembers of a row; null when it knows nothing or the row does not exist. Asks nobody and may be stale.</summary>
    public TableEntity? Peek(string partitionKey, string rowKey) =>
        _partitions.TryGetValue(partitionKey, out var partition) && partition.Rows.TryGetValue(rowKey, out var row) ? row.Entity : null;

    /// <summary>What this instance remembers of a row, if that is not older than said. Asks nobody.</summary>
    /// <param name="row">Null when the row does not exist, or nothing is known of it.</param>
    /// <returns>Whether it is known.</returns>
    public bool TryPeek(string partitionKey, string rowKey, TimeSpan maxAge, out TableEntity? row)
    {
        var known = _partitions.TryGetValue(partitionKey, out var partition) && partition.Rows.TryGetValue(rowKey, out var found) && time.GetElapsedTime(found.AsOf) <= maxAge
            ? found
            : null;
        row = known?.Entity;
        return known is not null;
    }

    private async Task DrainAsync(Partition partition)
    {
        var drain = new PartitionDrain(partition, _store, _retryFor, time, logger);
        while (await drain.StepAsync())
        {
            Count(partition);
        }

        Trim();
    }

    private void Count(Partition partition)
    {
        partition.LastUsed = time.GetTimestamp();
        if (partition.Rows.Count > options.CachedRows / 2)
        {
            partition.Rows.Clear();
        }

        // The partition itself takes room too, even if nothing of it is remembered.
        var rows = partition.Rows.Count + 1;
        Interlocked.Add(ref _rows, rows - partition.CountedRows);
        partition.CountedRows = rows;
    }

    // Lets the partitions go that were idle longest, a fifth of the rows at a time.
    private void Trim()
    {
        if (_rows <= options.CachedRows || Interlocked.Exchange(ref _trimming, 1) == 1)
        {
            return;
        }

        try
        {
            // The dictionary's own copy first: sorting it directly would race with additions.
            foreach (var (key, partition) in _partitions.ToArray().OrderBy(entry => entry.Value.LastUsed))
            {
                if (_rows <= options.CachedRows * 4 / 5)
                {
                    break;
                }

                if (partition.TryRetire())
                {
                    _partitions.TryRemove(KeyValuePair.Create(key, partition));
                    Interlocked.Add(ref _rows, -partition.CountedRows);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _trimming, 0);
        }
    }
}
