using System.Collections.Concurrent;

namespace Parley.Storage;

/// <summary>One partition of a table inside this instance: the changes that wait for it and the rows it remembers.</summary>
/// <remarks>Only the task that drains the partition changes its rows; others may look at them.</remarks>
internal sealed class Partition(string key)
{
    private readonly Lock _gate = new();
    private readonly Queue<PendingChange> _waiting = new();
    private bool _draining;
    private bool _retired;

    public string Key { get; } = key;

    /// <summary>Rows read or written by this instance, by row key. Guarded by their versions, so they may be stale.</summary>
    public ConcurrentDictionary<string, PartitionRow> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>How many of the rows the writer has counted.</summary>
    public int CountedRows { get; set; }

    /// <summary>A <see cref="TimeProvider.GetTimestamp"/> of the last use.</summary>
    public long LastUsed { get; set; }

    /// <summary>Queues a change.</summary>
    /// <returns>Whether the caller must start draining; null when the partition was let go and another must be used.</returns>
    public bool? Enqueue(PendingChange change)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
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
