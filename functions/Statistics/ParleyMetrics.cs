using System.Diagnostics.Metrics;

namespace Parley.Statistics;

/// <summary>Measurements for whoever listens to the meter <c>Parley</c>, such as an exporter of OpenTelemetry; tags have few values.</summary>
public sealed class ParleyMetrics
{
    private readonly Counter<long> _callbacks;
    private readonly Histogram<double> _callbackDuration;

    public ParleyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Parley");
        _callbacks = meter.CreateCounter<long>("parley.callbacks", "{callback}", "Callbacks, by command and by how they ended.");
        _callbackDuration = meter.CreateHistogram<double>("parley.callback.duration", "s", "How long requests to receivers of callbacks took, by command.");
    }

    public void Callback(string command, CallbackCount ended) => _callbacks.Add(1, new("command", command), new("outcome", ended.ToString()));

    public void CallbackTook(string command, TimeSpan duration) => _callbackDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("command", command));
}
