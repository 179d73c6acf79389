using System.Globalization;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>A span as it arrived.</summary>
internal sealed record ReceivedSpan(
    string TraceId, string SpanId, string ParentId, string Name, int Kind, bool IsError, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<(string TraceId, string SpanId)> Links)
{
    public const int Internal = 1;
    public const int Server = 2;
    public const int Client = 3;
    public const int Producer = 4;
    public const int Consumer = 5;

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    public bool IsLinkedTo(string traceId) => Links.Any(link => link.TraceId == traceId);

    public static ReceivedSpan Read(ProtobufMessage span) => new(
        span.One(1).Hex,
        span.One(2).Hex,
        span.One(4).Hex,
        span.One(5).Text,
        (int)span.One(6).Value,
        span.One(15).Message.One(3).Value == 2,
        Otlp.Attributes(span, 9),
        [.. span.All(13).Select(link => (link.Message.One(1).Hex, link.Message.One(2).Hex))]);
}

/// <summary>A point of a metric as it arrived: since the start of the instance, as the exporter sends it by default.</summary>
/// <param name="Value">The sum, or the value of a gauge.</param>
/// <param name="Count">How many values a histogram has; 0 for others.</param>
internal sealed record ReceivedPoint(
    string Instance, string Name, IReadOnlyDictionary<string, string> Attributes, double Value, ulong Count, IReadOnlyList<double> Bounds)
{
    /// <summary>Which series of numbers it continues.</summary>
    public string Series => $"{Instance} {Name} {string.Join(',', Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}";

    public static IEnumerable<ReceivedPoint> ReadAll(string instance, ProtobufMessage metric)
    {
        var name = metric.One(1).Text;
        var numbers = metric.All(5).Concat(metric.All(7)).SelectMany(data => data.Message.All(1)).Select(point => new ReceivedPoint(
            instance, name, Otlp.Attributes(point.Message, 7), point.Message.Has(4) ? point.Message.One(4).Double : (long)point.Message.One(6).Value, 0, []));
        var histograms = metric.All(9).SelectMany(data => data.Message.All(1)).Select(point => new ReceivedPoint(
            instance, name, Otlp.Attributes(point.Message, 9), point.Message.One(5).Double, point.Message.One(4).Value, point.Message.One(7).Doubles));
        return numbers.Concat(histograms);
    }
}

/// <summary>A log record as it arrived.</summary>
internal sealed record ReceivedLog(string Category, string Body, string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes)
{
    public static ReceivedLog Read(string category, ProtobufMessage log) =>
        new(category, Otlp.Value(log.One(5).Message), log.One(9).Hex, log.One(10).Hex, Otlp.Attributes(log, 6));
}

/// <summary>What all signals of the OpenTelemetry protocol have in common.</summary>
internal static class Otlp
{
    public static Dictionary<string, string> Attributes(ProtobufMessage owner, int number) =>
        owner.All(number).ToDictionary(pair => pair.Message.One(1).Text, pair => Value(pair.Message.One(2).Message), StringComparer.Ordinal);

    public static string Value(ProtobufMessage value) =>
        value.Has(1) ? value.One(1).Text
        : value.Has(3) ? ((long)value.One(3).Value).ToString(CultureInfo.InvariantCulture)
        : value.Has(4) ? value.One(4).Double.ToString(CultureInfo.InvariantCulture)
        : value.One(2).Value == 1 ? "true" : "";
}
