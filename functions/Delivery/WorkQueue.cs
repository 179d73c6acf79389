using Azure.Storage.Queues;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>Jobs for later: a storage queue, whose messages the Functions host brings back to <c>deliver</c>.</summary>
public sealed class WorkQueue(StorageAccess storage)
{
    // Made at first use: most instances never need it, and a start should be quick.
    private readonly Lazy<QueueClient> _deliver = new(() => storage.ConnectQueue(TableNames.DeliverQueue));

    /// <summary>Stores a job; it runs at least once.</summary>
    /// <exception cref="Azure.RequestFailedException">The queue did not take it.</exception>
    public Task EnqueueAsync(DeliverJob job) => _deliver.Value.SendMessageAsync(job.ToJson());
}
