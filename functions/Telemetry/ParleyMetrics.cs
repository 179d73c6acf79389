using System.Diagnostics.Metrics;

namespace Parley.Telemetry;

/// <summary>
/// What is counted and measured for operations, under the meter <c>Parley</c>: one method for each thing that happens. Durations are in seconds.
/// What the figures mean, and which tags they have: docs/operations/observability.md.
/// </summary>
/// <remarks>Tags have few values each: never an account, a group, an app or anything else that a caller may choose.</remarks>
public sealed class ParleyMetrics
{
    public const string Name = "Parley";

    private static readonly InstrumentAdvice<double> Short = Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);
    private static readonly InstrumentAdvice<double> Long = Buckets(0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 21600);

    private static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000] };

    private readonly Meter _meter;
    private readonly Counter<long> _messages;
    private readonly Histogram<double> _messageDuration;
    private readonly Counter<long> _commands;
    private readonly Histogram<double> _commandDuration;
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _conflicts;
    private readonly Histogram<double> _storageDuration;
    private readonly Counter<long> _signalRCalls;
    private readonly Histogram<double> _signalRDuration;
    private readonly Histogram<double> _deliveryDuration;
    private readonly Histogram<double> _queueAge;
    private readonly Counter<long> _jobs;
    private readonly Counter<long> _deadLetters;
    private readonly Gauge<long> _poison;
    private readonly Counter<long> _callbacks;
    private readonly Histogram<double> _callbackDuration;
    private readonly Histogram<double> _callbackAge;
    private readonly Histogram<long> _callbacksWaiting;

    public ParleyMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _messages = _meter.CreateCounter<long>("parley.messages", "{message}", "Messages accepted");
        _messageDuration = Seconds("parley.message.duration", "Time to accept a message", Short);
        _commands = _meter.CreateCounter<long>("parley.commands", "{command}", "Commands run, by their answer");
        _commandDuration = Seconds("parley.command.duration", "Time to answer a command", Short);
        _requestDuration = Seconds("parley.request.duration", "Time to answer a call of a function", Short);
        _transactions = _meter.CreateCounter<long>("parley.storage.transactions", "{transaction}", "Requests to Table Storage");
        _conflicts = _meter.CreateCounter<long>("parley.storage.conflicts", "{transaction}", "Requests that lost against another writer");
        _storageDuration = Seconds("parley.storage.duration", "Time of a request to Table Storage", Short);
        _signalRCalls = _meter.CreateCounter<long>("parley.signalr.calls", "{call}", "Calls of the SignalR service");
        _signalRDuration = Seconds("parley.signalr.duration", "Time of a call of the SignalR service", Short);
        _deliveryDuration = Seconds("parley.delivery.duration", "Time from the outbox to the SignalR service, or to the work queue", Short);
        _queueAge = Seconds("parley.queue.age", "How long ago a job was due when it is begun", Long);
        _jobs = _meter.CreateCounter<long>("parley.jobs", "{job}", "Runs of jobs, by how they ended");
        _deadLetters = _meter.CreateCounter<long>("parley.deadletters", "{job}", "Jobs given up");
        _poison = _meter.CreateGauge<long>("parley.queue.poison", "{message}", "Messages that the host has put aside");
        _callbacks = _meter.CreateCounter<long>("parley.callbacks", "{callback}", "Callbacks, by how they ended");
        _callbackDuration = Seconds("parley.callback.duration", "Time of a callback", Short);
        _callbackAge = Seconds("parley.callback.age", "How long the oldest callback of an account or group has waited when its turn comes", Long);
        _callbacksWaiting = _meter.CreateHistogram<long>("parley.callback.waiting", "{callback}", "Callbacks that wait in an account or group when its turn comes", tags: null, Counts);
    }

    /// <param name="kind"><c>c2c</c> or <c>group</c>.</param>
    public void MessagesAccepted(string kind, int count) => _messages.Add(count, Tag("kind", kind));

    /// <summary>As <see cref="MessagesAccepted"/>, of one that was sent by itself, a repeated one too.</summary>
    public void MessageTimed(string kind, TimeSpan duration) => _messageDuration.Record(duration.TotalSeconds, Tag("kind", kind));

    /// <param name="service">Of a registered command; <c>unknown</c> for all others.</param>
    /// <param name="code">The answer's ErrorCode.</param>
    public void CommandRun(string service, string command, int code, TimeSpan duration)
    {
        _commands.Add(1, Tag("service", service), Tag("command", command), Tag("code", code));
        _commandDuration.Record(duration.TotalSeconds, Tag("service", service), Tag("command", command));
    }

    /// <param name="route">As it is mapped, not as it was called.</param>
    public void FunctionCalled(string route, int status, TimeSpan duration) =>
        _requestDuration.Record(duration.TotalSeconds, Tag("route", route), Tag("status", status));

    /// <param name="operation"><c>get</c>, <c>query</c>, <c>insert</c>, <c>update</c>, <c>delete</c> or <c>transaction</c>.</param>
    public void StorageCalled(string table, string operation, CallOutcome outcome, TimeSpan duration)
    {
        _transactions.Add(1, Tag("table", table), Tag("operation", operation), Tag("outcome", outcome.ToTag()));
        _storageDuration.Record(duration.TotalSeconds, Tag("table", table), Tag("operation", operation));
        if (outcome == CallOutcome.Conflict)
        {
            _conflicts.Add(1, Tag("table", table));
        }
    }

    public void SignalRCalled(string operation, CallOutcome outcome, TimeSpan duration)
    {
        _signalRCalls.Add(1, Tag("operation", operation), Tag("outcome", outcome.ToTag()));
        _signalRDuration.Record(duration.TotalSeconds, Tag("operation", operation));
    }

    /// <summary>An event has left the outbox.</summary>
    /// <param name="outcome"><c>sent</c>, <c>queued</c> or <c>lost</c>.</param>
    public void EventDelivered(string target, string outcome, TimeSpan duration) =>
        _deliveryDuration.Record(duration.TotalSeconds, Tag("target", target), Tag("outcome", outcome));

    public void JobBegun(string queue, TimeSpan age) => _queueAge.Record(Math.Max(0, age.TotalSeconds), Tag("queue", queue));

    /// <param name="outcome"><c>done</c>, <c>repeated</c> or <c>givenup</c>.</param>
    public void JobEnded(string queue, string outcome) => _jobs.Add(1, Tag("queue", queue), Tag("outcome", outcome));

    /// <summary>A job is noted among the dead letters.</summary>
    public void JobGivenUp(string kind) => _deadLetters.Add(1, Tag("kind", kind));

    /// <param name="queue">The queue that they were in before.</param>
    public void PoisonMessagesCounted(string queue, int count) => _poison.Record(count, Tag("queue", queue));

    /// <param name="command">Which callback, by the name of the API.</param>
    /// <param name="outcome">How it ended, by the names of the app's statistics.</param>
    public void CallbackEnded(string command, string outcome) => _callbacks.Add(1, Tag("command", command), Tag("outcome", outcome));

    /// <summary>As <see cref="CallbackEnded"/>, of one for which a request was made.</summary>
    public void CallbackTimed(string command, TimeSpan duration) => _callbackDuration.Record(duration.TotalSeconds, Tag("command", command));

    /// <summary>A job has looked at a stream in which callbacks wait.</summary>
    /// <param name="oldest">How long the oldest has waited.</param>
    public void CallbacksFoundWaiting(TimeSpan oldest, long count)
    {
        _callbackAge.Record(Math.Max(0, oldest.TotalSeconds));
        _callbacksWaiting.Record(count);
    }

    /// <summary>Bytes that wait in the outbox are asked for at each collection.</summary>
    public void ObserveOutbox(Func<long> waitingBytes) =>
        _meter.CreateObservableGauge("parley.outbox.waiting", waitingBytes, "By", "Events on their way to clients");

    /// <summary>As <see cref="ObserveOutbox"/>, for the rows that an instance remembers of tables.</summary>
    public void ObserveCachedRows(Func<IEnumerable<(string Table, long Rows)>> rows) => _meter.CreateObservableGauge(
        "parley.partition.cached_rows", () => rows().Select(table => new Measurement<long>(table.Rows, Tag("table", table.Table))), "{row}", "Rows kept in memory");

    private Histogram<double> Seconds(string name, string description, InstrumentAdvice<double> buckets) =>
        _meter.CreateHistogram(name, "s", description, tags: null, buckets);

    private static InstrumentAdvice<double> Buckets(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}
