namespace Parley.Bench.Capacity;

/// <summary>
/// Draws conversations message by message, each taken by any instance, and counts what instances remember: nothing, what is so, or what another instance has
/// changed since.
/// </summary>
/// <remarks>Each begins unknown to all: what instances may remember of an earlier one is left out, which errs on the dear side.</remarks>
internal sealed class ConversationSimulation(CapacityModel model, Draws draws)
{
    private const int Conversations = 30_000;

    private readonly Workload _work = model.Work;
    private readonly int _instances = (int)model.Instances;
    private readonly double _memorySeconds = model.MemorySeconds;

    private long _messages;
    private long _fresh;
    private long _stale;

    /// <summary>Storage transactions of a message.</summary>
    public double TransactionsPerMessage => CapacityModel.CostOfMessage(((double)_fresh / _messages, (double)_stale / _messages));

    public void Run()
    {
        for (var i = 0; i < Conversations; i++)
        {
            Converse();
        }
    }

    private void Converse()
    {
        var (time, last) = (0.0, -1);
        var seen = new Dictionary<int, double>();
        do
        {
            var instance = draws.Below(_instances);
            var isKnown = seen.TryGetValue(instance, out var at) && time - at < _memorySeconds;
            _messages++;
            _fresh += isKnown && last == instance ? 1 : 0;
            _stale += isKnown && last != instance ? 1 : 0;
            seen[instance] = time;
            last = instance;
            time += draws.Exponential(_work.BurstGap);
        }
        while (draws.Uniform() > 1 / _work.BurstMessages);
    }
}
