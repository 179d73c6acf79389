using System.Diagnostics;

namespace Parley.Delivery;

/// <summary>An event that waits.</summary>
/// <param name="Json">A JSON object.</param>
/// <param name="Origin">The span that it came from.</param>
/// <param name="Since">A <see cref="Stopwatch.GetTimestamp"/> of when it came.</param>
internal readonly record struct OutboxEvent(byte[] Json, ActivityContext Origin, long Since);

/// <summary>The events that wait for one target, in order.</summary>
internal sealed class OutboxTarget
{
    private readonly Lock _gate = new();
    private readonly Queue<OutboxEvent> _events = new();
    private bool _sending;
    private bool _retired;

    /// <summary>Adds an event.</summary>
    /// <returns>Whether the caller must start sending; null when the target is done with and another must be used.</returns>
    public bool? Add(OutboxEvent waiting)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            _events.Enqueue(waiting);
            var start = !_sending;
            _sending = true;
            return start;
        }
    }

    /// <summary>Takes the next events, at least one and at most so many bytes; none when nothing waits, and then the target is done with.</summary>
    public IReadOnlyList<OutboxEvent> Take(int mostBytes)
    {
        lock (_gate)
        {
            var taken = new List<OutboxEvent>();
            var bytes = 0;
            while (_events.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Json.Length <= mostBytes))
            {
                taken.Add(_events.Dequeue());
                bytes += next.Json.Length;
            }

            _retired = taken.Count == 0;
            return taken;
        }
    }
}
