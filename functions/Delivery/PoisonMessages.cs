using Azure;
using Azure.Storage.Queues.Models;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>The timer's work: measures how many messages the Functions host has put aside into the queues <c>…-poison</c> of storage.</summary>
/// <remarks>Nobody reads these queues, and what is in them is in no table, so this is the only figure that tells of it soon. Also with Service Bus as the work queue: what an earlier kind of queue left behind counts.</remarks>
public sealed class PoisonMessages(StorageAccess storage, ParleyMetrics metrics)
{
    /// <summary>What the host appends to the name of a queue.</summary>
    public const string Suffix = "-poison";

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var queue in TableNames.Queues)
        {
            metrics.PoisonMessagesCounted(queue, await CountAsync(queue + Suffix, cancellation));
        }
    }

    // The host makes such a queue when it needs it first.
    private async Task<int> CountAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            return (await storage.ConnectQueue(queue).GetPropertiesAsync(cancellation)).Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            return 0;
        }
    }
}
