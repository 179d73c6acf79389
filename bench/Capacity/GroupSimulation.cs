namespace Parley.Bench.Capacity;

/// <summary>
/// Draws messages to groups in the busiest time, each taken by any instance, which commits what has come to a group while its last transaction was under way as one.
/// </summary>
/// <remarks>Of many groups it draws some: those whose number falls to its share. A group's messages are drawn all or not at all.</remarks>
internal sealed class GroupSimulation(CapacityModel model, Draws draws)
{
    private const double MostMessages = 300_000;
    private const double LongestWarmUp = 1_200;
    private const double MeasuredSeconds = 30;

    private readonly Workload _work = model.Work;
    private readonly Dictionary<(long Group, int Instance), Seen> _seen = [];
    private readonly Dictionary<long, int> _lastInstance = [];

    private double _cost;
    private long _messages;

    /// <summary>Storage transactions of a message.</summary>
    public double TransactionsPerMessage => _cost / Math.Max(1, _messages);

    public void Run()
    {
        var warmUp = Math.Min(LongestWarmUp, 2 * model.GroupMemorySeconds);
        var end = warmUp + MeasuredSeconds;
        var share = Math.Min(1, MostMessages / (model.GroupMessageRate * end));
        var salt = draws.Uniform();
        for (var time = draws.Exponential(1 / model.GroupMessageRate); time < end; time += draws.Exponential(1 / model.GroupMessageRate))
        {
            var group = draws.Rank(_work.Groups, _work.Skew);
            if (share >= 1 || IsDrawn(group, salt, share))
            {
                Take(group, time, isMeasured: time >= warmUp || share >= 1);
            }
        }
    }

    private void Take(long group, double time, bool isMeasured)
    {
        var instance = draws.Below((int)model.Instances);
        _seen.TryGetValue((group, instance), out var seen);
        var isKnown = seen is not null && time - seen.At < model.GroupMemorySeconds;
        var isShared = isKnown && time < seen!.BusyUntil;
        var isFresh = isKnown && _lastInstance.GetValueOrDefault(group, -1) == instance;
        if (isMeasured)
        {
            _messages++;
            _cost += isShared && seen!.IsNextBegun ? 0 : CapacityModel.CostOfGroupMessage(isFresh ? 1 : 0, isKnown && !isFresh ? 1 : 0, 1);
        }

        // What comes while a transaction is under way goes with the next; the first of these begins it.
        var busyUntil = isShared ? seen!.IsNextBegun ? seen.BusyUntil : seen.BusyUntil + _work.TransactionSeconds : time + _work.TransactionSeconds;
        _seen[(group, instance)] = new Seen(time, busyUntil, isShared);
        _lastInstance[group] = instance;
    }

    // Splits the groups by a number that has nothing to do with how busy they are.
    private static bool IsDrawn(long group, double salt, double share)
    {
        var hash = System.IO.Hashing.XxHash3.HashToUInt64(BitConverter.GetBytes(group), BitConverter.DoubleToInt64Bits(salt));
        return (hash >> 11) * (1.0 / (1UL << 53)) < share;
    }

    private sealed record Seen(double At, double BusyUntil, bool IsNextBegun);
}
