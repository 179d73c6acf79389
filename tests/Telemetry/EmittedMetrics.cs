using System.Diagnostics.Metrics;
using System.Reflection;
using Parley.Telemetry;
using Parley.Tests.Support;

namespace Parley.Tests.Telemetry;

/// <summary>What the app can tell: its instruments and the tags of their values, heard while every method of <see cref="ParleyMetrics"/> measures something.</summary>
internal static class EmittedMetrics
{
    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, EmittedMetric> All { get; } = Hear();

    private static Dictionary<string, EmittedMetric> Hear()
    {
        var (meters, heard) = (FreshMetrics.NewMeters(), new Dictionary<string, EmittedMetric>(StringComparer.Ordinal));
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Other tests have meters of the same name.
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    heard[instrument.Name] = new EmittedMetric(instrument.GetType().Name.Split('`')[0]);
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => heard[instrument.Name].Note(tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => heard[instrument.Name].Note(tags));
        listener.Start();
        var metrics = new ParleyMetrics(meters);
        foreach (var method in typeof(ParleyMetrics).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            foreach (var outcome in Enum.GetValues<CallOutcome>())
            {
                method.Invoke(metrics, [.. method.GetParameters().Select(parameter => Sample(parameter.ParameterType, outcome))]);
            }
        }

        listener.RecordObservableInstruments();
        return heard;
    }

    private static object Sample(Type type, CallOutcome outcome) =>
        type == typeof(string) ? "some"
        : type == typeof(int) ? 1
        : type == typeof(long) ? 1L
        : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(1)
        : type == typeof(CallOutcome) ? outcome
        : type == typeof(Func<long>) ? () => 1L
        : type == typeof(Func<IEnumerable<(string, long)>>) ? () => new[] { ("some", 1L) }
        : throw new NotSupportedException($"A method of {nameof(ParleyMetrics)} takes a {type}: give it one here.");
}

/// <param name="Kind">Counter, Histogram or ObservableGauge.</param>
internal sealed record EmittedMetric(string Kind)
{
    private readonly SortedSet<string> _tags = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Tags => _tags;

    /// <summary>Whether it was measured at all.</summary>
    public bool IsHeard { get; private set; }

    public void Note(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        IsHeard = true;
        foreach (var tag in tags)
        {
            _tags.Add(tag.Key);
        }
    }
}
