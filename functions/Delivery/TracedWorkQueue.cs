using System.Diagnostics;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Makes the enqueuing of jobs a span, and has each carry its trace and when it is due: alike for every kind of queue.</summary>
/// <param name="queue">Where the jobs wait.</param>
public sealed class TracedWorkQueue(IWorkQueue queue, TimeProvider time) : IWorkQueue
{
    public async Task EnqueueAsync(WorkJob job, CancellationToken cancellation)
    {
        using var span = ParleyTracing.Start($"enqueue {job.Queue}", ActivityKind.Producer)?.SetTag("messaging.destination.name", job.Queue);
        try
        {
            await queue.EnqueueAsync(job with { Json = job.ToMessage(time.GetUtcNow()) }, cancellation);
        }
        catch (Exception e)
        {
            ParleyTracing.Fail(e);
            throw;
        }
    }
}
