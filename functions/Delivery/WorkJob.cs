using System.Globalization;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Something to do later.</summary>
/// <param name="Queue">The queue it waits in, one of <see cref="Storage.TableNames.Queues"/>.</param>
/// <param name="Json">What is to be done: a JSON object of at most 48 KB.</param>
/// <param name="Delay">How long it waits at least.</param>
/// <param name="Session">Jobs of the same session run one after another, in order, where the queue can do that.</param>
public sealed record WorkJob(string Queue, string Json, TimeSpan? Delay = null, string? Session = null)
{
    /// <summary>
    /// The job as it is put into a queue, of whatever kind: with when it is due, and the trace that it belongs to.
    /// <code>{ "DueAt": 1700000000123, "TraceParent": "00-…-…-01", … }</code>
    /// </summary>
    /// <remarks>Written by <see cref="TracedWorkQueue"/>, read back by <see cref="Rest.FunctionCall"/>; what runs the job need not know of it. The names are none of the host's metadata, which a job's own properties would replace.</remarks>
    public string ToMessage(DateTimeOffset now)
    {
        var due = (now + (Delay ?? TimeSpan.Zero)).ToUnixTimeMilliseconds();
        var trace = ParleyTracing.TraceParent is { } parent ? $"\"TraceParent\":\"{parent}\"," : "";
        var rest = Json.AsSpan().Trim()[1..].TrimStart();
        var more = rest is "}" ? "" : ",";
        return string.Create(CultureInfo.InvariantCulture, $"{{{trace}\"DueAt\":{due}{more}{rest}");
    }
}
