using Amqp;

namespace Parley.Local.ServiceBus;

/// <summary>One queue of the stand-in: order, sessions, schedules, duplicates, deliveries.</summary>
public sealed class BusQueue
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly List<BusMessage> _messages = [];
    private readonly List<BusMessage> _deadLetters = [];
    private readonly List<int> _transfers = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _sessions = new(StringComparer.Ordinal);
    private readonly List<ITimer> _timers = [];
    private readonly TimeProvider _time;
    private long _numbers;
    private Action? _changed;
    private int _senders;

    internal BusQueue(BusQueueOptions options, TimeProvider time) => (Options, _time) = (options, time);

    public BusQueueOptions Options { get; }

    /// <summary>What waits or is being worked on, scheduled ones too.</summary>
    public IReadOnlyList<BusMessage> Messages => Copy(_messages);

    /// <summary>What came back too often.</summary>
    public IReadOnlyList<BusMessage> DeadLetters => Copy(_deadLetters);

    /// <summary>For each transfer that was taken, how many messages it held.</summary>
    public IReadOnlyList<int> Transfers => Copy(_transfers);

    /// <summary>How many links to it are open.</summary>
    public int Senders => Volatile.Read(ref _senders);

    internal void SenderCame() => Interlocked.Increment(ref _senders);

    internal void SenderWent() => Interlocked.Decrement(ref _senders);

    /// <summary>Has somebody told whenever something may be taken that could not be before.</summary>
    internal void Watch(Action changed)
    {
        lock (_gate)
        {
            _changed += changed;
        }
    }

    internal void Unwatch(Action changed)
    {
        lock (_gate)
        {
            _changed -= changed;
        }
    }

    /// <summary>Takes what one transfer holds.</summary>
    internal void Add(IReadOnlyList<Message> messages)
    {
        lock (_gate)
        {
            _transfers.Add(messages.Count);
            foreach (var message in messages.Where(message => !Options.FindsDuplicates || message.Properties?.MessageId is not { } id || _seen.Add(id)))
            {
                var added = new BusMessage(message, ++_numbers, _time.GetUtcNow());
                _messages.Add(added);
                if (added.Due is { } due && due > _time.GetUtcNow())
                {
                    WakeAt(due);
                }
            }
        }

        _changed?.Invoke();
    }

    /// <summary>The next message for a receiver; null when there is none now.</summary>
    /// <param name="session">Its session, of a queue with sessions.</param>
    internal BusMessage? Take(object holder, string? session)
    {
        lock (_gate)
        {
            var next = _messages.Find(message => (session is null || message.Session == session) && IsDue(message) && (session is not null || message.Holder is null));

            // In order: while one of the session is being worked on, the next ones wait.
            if (next is null || next.Holder is not null)
            {
                return null;
            }

            next.Holder = holder;
            next.Deliveries++;
            return next;
        }
    }

    internal void Complete(BusMessage message)
    {
        lock (_gate)
        {
            _messages.Remove(message);
        }

        _changed?.Invoke();
    }

    /// <summary>Gives a message back, or puts it aside when it came too often.</summary>
    internal void Abandon(BusMessage message, bool counts)
    {
        lock (_gate)
        {
            message.Holder = null;
            if (!counts)
            {
                message.Deliveries--;
            }
            else if (message.Deliveries >= Options.MaxDeliveryCount && _messages.Remove(message))
            {
                _deadLetters.Add(message);
            }
        }

        _changed?.Invoke();
    }

    internal void Reject(BusMessage message)
    {
        lock (_gate)
        {
            if (_messages.Remove(message))
            {
                _deadLetters.Add(message);
            }
        }

        _changed?.Invoke();
    }

    /// <summary>Locks a session for a receiver: the wanted one, or any that has messages and is free.</summary>
    internal string? LockSession(object holder, string? wanted)
    {
        lock (_gate)
        {
            var session = wanted ?? _messages.Where(IsDue).Select(message => message.Session).FirstOrDefault(name => name is not null && !_sessions.ContainsKey(name));
            return session is not null && _sessions.TryAdd(session, holder) ? session : null;
        }
    }

    internal void UnlockSession(string session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
        }

        _changed?.Invoke();
    }

    // A timer counts whole milliseconds, by another clock, and may be early: whoever looks then finds nothing yet, and nobody looks again.
    private void WakeAt(DateTimeOffset due)
    {
        lock (_gate)
        {
            var left = due - _time.GetUtcNow();
            _timers.Add(_time.CreateTimer(_ => Wake(due), null, left > ShortestWait ? left : ShortestWait, Timeout.InfiniteTimeSpan));
        }
    }

    private void Wake(DateTimeOffset due)
    {
        if (due > _time.GetUtcNow())
        {
            WakeAt(due);
        }
        else
        {
            _changed?.Invoke();
        }
    }

    private bool IsDue(BusMessage message) => message.Due is not { } due || due <= _time.GetUtcNow();

    private List<T> Copy<T>(List<T> items)
    {
        lock (_gate)
        {
            return [.. items];
        }
    }
}
