namespace Parley.Bench.Capacity;

/// <summary>
/// Draws conversations in the busiest time, message by message, each taken by any instance, and counts what instances remember: nothing, what is so, or what
/// another instance has changed since.
/// </summary>
/// <remarks>Of many conversations it draws some; they do not touch one another but through the time for which instances remember, which is the model's.</remarks>
internal sealed class ConversationSimulation(CapacityModel model, Draws draws)
{
    private const double MostMessages = 300_000;
    private const double MeasuredSeconds = 60;

    private readonly Workload _work = model.Work;
    private readonly PriorityQueue<Conversation, double> _next = new();

    private long _messages;
    private long _fresh;
    private long _stale;

    /// <summary>Storage transactions of a message.</summary>
    public double TransactionsPerMessage => CapacityModel.CostOfMessage(((double)_fresh / _messages, (double)_stale / _messages));

    public void Run()
    {
        // As long as it takes until there are as many conversations under way as ever.
        var warmUp = 4 * _work.BurstMessages * _work.BurstGap;
        var rate = Math.Min(model.MessageRate, MostMessages / (warmUp + MeasuredSeconds));
        var between = _work.BurstMessages / rate;
        for (var begin = draws.Exponential(between); begin < warmUp + MeasuredSeconds; begin += draws.Exponential(between))
        {
            _next.Enqueue(new Conversation(), begin);
        }

        while (_next.TryDequeue(out var conversation, out var time) && time < warmUp + MeasuredSeconds)
        {
            Take(conversation, time, isMeasured: time >= warmUp || rate < 10);
            if (draws.Uniform() > 1 / _work.BurstMessages)
            {
                _next.Enqueue(conversation, time + draws.Exponential(_work.BurstGap));
            }
        }
    }

    private void Take(Conversation conversation, double time, bool isMeasured)
    {
        var instance = draws.Below((int)model.Instances);
        if (isMeasured)
        {
            _messages++;
            var isKnown = conversation.KnownBy.TryGetValue(instance, out var since) && time - since < model.MemorySeconds;
            _fresh += isKnown && conversation.LastInstance == instance ? 1 : 0;
            _stale += isKnown && conversation.LastInstance != instance ? 1 : 0;
        }

        conversation.KnownBy[instance] = time;
        conversation.LastInstance = instance;
    }

    private sealed class Conversation
    {
        public Dictionary<int, double> KnownBy { get; } = [];

        public int LastInstance { get; set; } = -1;
    }
}
