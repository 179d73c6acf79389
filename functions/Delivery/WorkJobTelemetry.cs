using System.Diagnostics;
using Parley.Rest;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Measures and traces the runs of jobs: whoever is triggered by a work queue begins one, and says how it ended.</summary>
public sealed class WorkJobTelemetry(ParleyMetrics metrics, TimeProvider time)
{
    /// <summary>A job is about to be run. Its span is that of the trace in which it was enqueued; dispose what comes back when it is over.</summary>
    public WorkJobRun Begin(string queue, FunctionCall call)
    {
        if (call.DueAt is { } due)
        {
            metrics.JobBegun(queue, time.GetUtcNow() - due);
        }

        return new WorkJobRun(queue, ParleyTracing.StartJob(queue, call.Origin)?.SetTag("parley.attempt", call.Attempt), metrics);
    }
}

/// <summary>One run of a job.</summary>
public sealed class WorkJobRun : IDisposable
{
    private readonly string _queue;
    private readonly Activity? _span;
    private readonly ParleyMetrics _metrics;

    internal WorkJobRun(string queue, Activity? span, ParleyMetrics metrics) => (_queue, _span, _metrics) = (queue, span, metrics);

    public void Succeed() => _metrics.JobEnded(_queue, "done");

    /// <summary>The host will bring it again.</summary>
    public void Repeat(Exception reason) => Fail("repeated", reason);

    /// <summary>It is noted among the dead letters.</summary>
    public void GiveUp(Exception reason) => Fail("givenup", reason);

    public void Dispose() => _span?.Dispose();

    private void Fail(string outcome, Exception reason)
    {
        ParleyTracing.Fail(reason);
        _metrics.JobEnded(_queue, outcome);
    }
}
