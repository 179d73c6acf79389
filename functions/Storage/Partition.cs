using System.Collections.Concurrent;
using Azure;

namespace Parley.Storage;

/// <summary>One partition of a table inside this instance: the changes that wait for it and the rows it remembers.</summary>
/// <remarks>Only the task that drains the partition changes its rows; others may look at them.</remarks>
internal sealed class Partition(string table, string key)
{
    private const int MostWaiting = 5_000;

    private readonly Lock _gate = new();
    private readonly Queue<PendingChange> _waiting = new();
    private bool _draining;
    private bool _retired;

    public string Table { get; } = table;

    public string Key { get; } = key;

    /// <summary>Rows read or written by this instance, by row key. Guarded by their versions, so they may be stale.</summary>
    public ConcurrentDictionary<string, PartitionRow> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>The storage account that the rows were read from or written to.</summary>
    public int Shard { get; set; } = -1;

    /// <summary>How many of the rows the writer has counted.</summary>
    public int CountedRows { get; set; }

    /// <summary>A <see cref="TimeProvider.GetTimestamp"/> of the last use.</summary>
    public long LastUsed { get; set; }

    /// <summary>Queues a change.</summary>
    /// <exception cref="RequestFailedException">503: too much waits already.</exception>
    /// <returns>Whether the caller must start draining; null when the partition was let go and another must be used.</returns>
    public bool? Enqueue(PendingChange change)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            if (_waiting.Count >= MostWaiting)
            {
                throw new RequestFailedException(503, "Too many changes wait for this partition.");
            }

            _waiting.Enqueue(change);
            var start = !_draining;
            _draining = true;
            return start;
        }
    }

    /// <summary>Moves waiting changes to the end of a list of at most <paramref name="most"/>.</summary>
    /// <returns>False when the list is empty and nothing waits: draining is over.</returns>
    public bool TakeInto(List<PendingChange> changes, int most)
    {
        lock (_gate)
        {
            while (changes.Count < most && _waiting.TryDequeue(out var change))
            {
                changes.Add(change);
            }

            _draining = changes.Count > 0;
            return _draining;
        }
    }

    /// <summary>Takes out of the queue what has waited for too long.</summary>
    public List<PendingChange> TakeOverdue(Predicate<PendingChange> isOverdue)
    {
        lock (_gate)
        {
            var overdue = new List<PendingChange>();
            while (_waiting.TryPeek(out var oldest) && isOverdue(oldest))
            {
                overdue.Add(_waiting.Dequeue());
            }

            return overdue;
        }
    }

    /// <summary>Lets the partition go unless it is in use.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _retired = !_draining;
            return _retired;
        }
    }
}
