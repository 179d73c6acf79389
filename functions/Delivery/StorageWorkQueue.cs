using System.Collections.Concurrent;
using Azure.Storage.Queues;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>Jobs in queues of the storage account. It knows no sessions: jobs that belong together may run at once.</summary>
public sealed class StorageWorkQueue(StorageAccess storage) : IWorkQueue
{
    // Made at first use: most instances never need one, and a start should be quick.
    private readonly ConcurrentDictionary<string, QueueClient> _queues = new();

    public Task EnqueueAsync(WorkJob job, CancellationToken cancellation) =>
        _queues.GetOrAdd(job.Queue, storage.ConnectQueue).SendMessageAsync(job.Json, job.Delay, cancellationToken: cancellation);
}
