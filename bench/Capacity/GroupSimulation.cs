using System.IO.Hashing;

namespace Parley.Bench.Capacity;

/// <summary>
/// Draws messages to groups in the busiest time, each taken by any instance, which commits what has come to a group while its last transaction was under way as one.
/// </summary>
/// <remarks>Of many groups it looks at some: those whose number falls to its share. A group's messages are looked at all or not at all.</remarks>
internal sealed class GroupSimulation(CapacityModel model, Draws draws)
{
    private const double MostMessages = 400_000;
    private const double MeasuredMessages = 40_000;
    private const double LeastSeconds = 20;

    private readonly Workload _work = model.Work;
    private readonly int _instances = (int)model.Instances;
    private readonly double _memorySeconds = model.GroupMemorySeconds;
    private readonly double _between = 1 / model.GroupMessageRate;
    private readonly Dictionary<(long Group, int Instance), Seen> _seen = [];
    private readonly Dictionary<long, int> _lastInstance = [];

    private double _cost;
    private long _messages;

    /// <summary>Storage transactions of a message.</summary>
    public double TransactionsPerMessage => _cost / Math.Max(1, _messages);

    public void Run()
    {
        // Until each instance remembers as much as it ever will.
        var warmUp = 2 * _memorySeconds;
        var end = warmUp + Math.Max(LeastSeconds, MeasuredMessages * _between);
        var share = Math.Min(1, MostMessages * _between / end);
        var salt = draws.Below(int.MaxValue);
        for (var time = draws.Exponential(_between); time < end; time += draws.Exponential(_between))
        {
            var group = draws.Rank(_work.Groups, _work.Skew);
            if (share >= 1 || IsLookedAt(group, salt, share))
            {
                Take(group, time, isMeasured: time >= warmUp);
            }
        }
    }

    private void Take(long group, double time, bool isMeasured)
    {
        var instance = draws.Below(_instances);
        if (!_seen.TryGetValue((group, instance), out var seen))
        {
            _seen[(group, instance)] = seen = new Seen();
        }

        var isKnown = time - seen.At < _memorySeconds;
        var isFresh = isKnown && _lastInstance.GetValueOrDefault(group, -1) == instance;
        var begins = seen.BeginsTransaction(time, _work.TransactionSeconds);
        if (isMeasured)
        {
            _messages++;
            _cost += begins ? CapacityModel.CostOfGroupMessage(isFresh ? 1 : 0, isKnown && !isFresh ? 1 : 0, 1) : 0;
        }

        _lastInstance[group] = instance;
    }

    // By a number that has nothing to do with how busy a group is.
    private static bool IsLookedAt(long group, long salt, double share)
    {
        var hash = XxHash3.HashToUInt64(BitConverter.GetBytes(group), salt);
        return (hash >> 11) * (1.0 / (1UL << 53)) < share;
    }

    /// <summary>What an instance has to do with a group.</summary>
    private sealed class Seen
    {
        private double _busyUntil = double.NegativeInfinity;
        private bool _hasNext;

        /// <summary>When a message last came.</summary>
        public double At { get; private set; } = double.NegativeInfinity;

        /// <summary>Takes a message: it goes at once, begins the next transaction, or goes with that.</summary>
        public bool BeginsTransaction(double time, double duration)
        {
            At = time;
            if (_hasNext && time >= _busyUntil)
            {
                (_busyUntil, _hasNext) = (_busyUntil + duration, false);
            }

            var begins = time >= _busyUntil || !_hasNext;
            (_busyUntil, _hasNext) = time >= _busyUntil ? (time + duration, false) : (_busyUntil, true);
            return begins;
        }
    }
}
