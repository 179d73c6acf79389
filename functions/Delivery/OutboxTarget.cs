namespace Parley.Delivery;

/// <summary>The events that wait for one target, in order.</summary>
internal sealed class OutboxTarget
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _events = new();
    private bool _sending;
    private bool _retired;

    /// <summary>Adds an event.</summary>
    /// <returns>Whether the caller must start sending; null when the target is done with and another must be used.</returns>
    public bool? Add(byte[] json)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            _events.Enqueue(json);
            var start = !_sending;
            _sending = true;
            return start;
        }
    }

    /// <summary>Takes the next events, at least one and at most so many bytes; none when nothing waits, and then the target is done with.</summary>
    public IReadOnlyList<byte[]> Take(int mostBytes)
    {
        lock (_gate)
        {
            var taken = new List<byte[]>();
            var bytes = 0;
            while (_events.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Length <= mostBytes))
            {
                taken.Add(_events.Dequeue());
                bytes += next.Length;
            }

            _retired = taken.Count == 0;
            return taken;
        }
    }
}
