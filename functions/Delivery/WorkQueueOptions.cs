using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>Where work waits. Section <c>WorkQueue</c>; the package must have the triggers of the same kind (MSBuild property <c>WorkQueue</c>).</summary>
public sealed class WorkQueueOptions
{
    public WorkQueueKind Kind { get; set; } = WorkQueueKind.StorageQueue;

    /// <summary>How long a failed job waits for its next attempt, in seconds, where the queue itself brings it back at once (Service Bus). As host.json says for the other kind.</summary>
    [Range(0, 60)]
    public int RetrySeconds { get; set; } = 10;
}

public enum WorkQueueKind
{
    /// <summary>Queues of the storage account: simple and cheap, no order.</summary>
    StorageQueue,

    /// <summary>Queues of a Service Bus namespace: sessions in order, duplicates found.</summary>
    ServiceBus,
}

[OptionsValidator]
public sealed partial class WorkQueueOptionsValidator : IValidateOptions<WorkQueueOptions>;
