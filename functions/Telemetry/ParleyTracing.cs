using System.Diagnostics;

namespace Parley.Telemetry;

/// <summary>
/// The spans of a trace, under the source <c>Parley</c>: function → command → storage and delivery → SignalR, and by way of the work queue a job of another process.
/// </summary>
/// <remarks>
/// All spans are our own, since those of libraries carry addresses: names of accounts, signatures, the secret of the upstream address. Their attributes are numbers
/// and words of the program, never what a caller chose. Without an exporter nothing listens, and every method does nothing.
/// A call of another service has a span only below another one: the timer of the statistics or a health check makes no traces.
/// </remarks>
public static class ParleyTracing
{
    public const string SourceName = ParleyMetrics.Name;

    private const string Route = "http.route";
    private const string CommandNames = "{service}/{command}";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The span that is under way here, for what goes on later or elsewhere; nothing if there is none.</summary>
    public static ActivityContext Here => Ours?.Context ?? default;

    /// <summary>The same as a <c>traceparent</c>, for what goes on in another process; null if there is none.</summary>
    public static string? TraceParent => Ours?.Id;

    private static Activity? Ours => Activity.Current is { } current && current.Source == Source ? current : null;

    /// <summary>A call of a function, in the trace of whoever calls. The caller's <c>tracestate</c> and baggage are not taken on.</summary>
    /// <param name="route">As it is mapped.</param>
    /// <param name="traceParent">The header of the request.</param>
    public static Activity? StartFunction(string route, string? traceParent)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // The web server's own activity is exported by nobody; below it, spans would have a parent that nobody finds.
        Activity.Current = null;
        // Without an attribute for the method, or the Azure Monitor exporter would make up an address, by which the host's own requests are known.
        var span = Source.StartActivity("POST", ActivityKind.Server, Parse(traceParent));
        if (span is not null)
        {
            Name(span, route);
        }

        return span;
    }

    /// <summary>Reads a <c>traceparent</c>; nothing if it is none.</summary>
    public static ActivityContext Parse(string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var context) ? context : default;

    /// <summary>A command that is run. Both names are those of a registered one; a function whose route holds them is named for it too.</summary>
    public static Activity? StartCommand(string service, string command)
    {
        if (Ours is not { } function)
        {
            return null;
        }

        if (function.GetTagItem(Route) is string route && route.EndsWith(CommandNames, StringComparison.Ordinal))
        {
            Name(function, $"{route[..^CommandNames.Length]}{service}/{command}");
        }

        return Source.StartActivity($"{service}/{command}")?.SetTag("parley.service", service).SetTag("parley.command", command);
    }

    /// <summary>A job that is run, in the trace of whoever enqueued it, and linked to the call of the host that brought it.</summary>
    public static Activity? StartJob(string queue, ActivityContext origin)
    {
        var here = Here;
        ActivityLink[]? links = origin != default && here != default ? [new ActivityLink(here)] : null;
        return (origin == default ? Start($"job {queue}", ActivityKind.Consumer) : Source.StartActivity($"job {queue}", ActivityKind.Consumer, origin, links: links))
            ?.SetTag("messaging.destination.name", queue);
    }

    /// <summary>A callback, in the trace of what it tells of, and linked to the job that sends it if that is another one's.</summary>
    /// <param name="command">Its name in the API.</param>
    /// <param name="origin">Nothing for what is under way here.</param>
    public static Activity? StartCallback(string command, ActivityContext origin)
    {
        var here = Here;
        return origin == default || origin.TraceId == here.TraceId
            ? Start($"callback {command}", ActivityKind.Client)
            : Source.StartActivity($"callback {command}", ActivityKind.Client, origin, links: here == default ? null : [new ActivityLink(here)]);
    }

    /// <summary>A part of what is under way here; null when nothing is.</summary>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => Ours is null ? null : Source.StartActivity(name, kind);

    /// <summary>What is done for several at once: a part of the first of them, linked to the others. Null when none of them is recorded.</summary>
    public static Activity? Start(string name, ActivityKind kind, IEnumerable<ActivityContext> origins)
    {
        var recorded = origins.Where(origin => origin.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)).Distinct().ToList();
        return recorded.Count == 0 ? null : Source.StartActivity(name, kind, recorded[0], links: recorded.Skip(1).Select(origin => new ActivityLink(origin)));
    }

    /// <summary>Tells whoever gets a request which span it belongs to. Left to itself the HTTP client would name one of its own, which nobody exports.</summary>
    public static void HandOn(this Activity? span, HttpRequestMessage request)
    {
        if (span is not null)
        {
            request.Headers.Add("traceparent", span.Id);
        }
    }

    /// <summary>How a call of another service ended.</summary>
    public static void End(this Activity? span, CallOutcome outcome)
    {
        span?.SetTag("parley.outcome", outcome.ToTag());
        if (outcome.IsError())
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>What is under way here has failed, and all that it is part of. Of a trace that was not chosen to be recorded, the outermost spans are all the same.</summary>
    /// <param name="exception">Its type is noted; its message may hold what must not be here, and goes to the log if anywhere.</param>
    public static void Fail(Exception exception)
    {
        for (var span = Ours; span is not null; span = span.Parent)
        {
            span.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
            span.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        }
    }

    private static void Name(Activity function, string route)
    {
        function.DisplayName = $"POST {route}";
        function.SetTag(Route, route);
    }
}
