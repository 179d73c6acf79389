using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Queues;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Jobs in queues of the storage account. It knows no sessions: jobs that belong together may run at once.</summary>
public sealed class StorageWorkQueue(StorageAccess storage, TimeProvider time) : IWorkQueue
{
    // Made at first use: most instances never need one, and a start should be quick.
    private readonly ConcurrentDictionary<string, QueueClient> _queues = new();

    public async Task EnqueueAsync(WorkJob job, CancellationToken cancellation)
    {
        using var span = ParleyTracing.Start($"enqueue {job.Queue}", ActivityKind.Producer)?.SetTag("messaging.destination.name", job.Queue);
        try
        {
            await _queues.GetOrAdd(job.Queue, storage.ConnectQueue).SendMessageAsync(job.ToMessage(time.GetUtcNow()), job.Delay, cancellationToken: cancellation);
        }
        catch (Exception e)
        {
            ParleyTracing.Fail(e);
            throw;
        }
    }
}
