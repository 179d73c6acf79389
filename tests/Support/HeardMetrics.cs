using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Parley.Tests.Support;

/// <summary>What one instance measures by some of its instruments, from now on.</summary>
internal sealed class HeardMetrics : IDisposable
{
    private readonly ConcurrentQueue<HeardMetric> _values = new();
    private readonly MeterListener _listener;

    /// <param name="meters">The instance's: others have meters of the same name.</param>
    public HeardMetrics(IMeterFactory meters, params string[] instruments)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instruments.Contains(instrument.Name))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyCollection<HeardMetric> Values => _values;

    public IEnumerable<double> Of(string instrument) => _values.Where(value => value.Instrument == instrument).Select(value => value.Value);

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _values.Enqueue(new HeardMetric(instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}", StringComparer.Ordinal)));
}

internal sealed record HeardMetric(string Instrument, double Value, IReadOnlyDictionary<string, string> Tags);
