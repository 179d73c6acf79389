using Azure.Core;
using Azure.Identity;
using Azure.Storage.Queues;
using Microsoft.Extensions.Options;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>Jobs for later: a storage queue, whose messages the Functions host brings back to <c>deliver</c>.</summary>
public sealed class WorkQueue(IOptions<StorageOptions> options, IConfiguration configuration)
{
    // Made at first use: most instances never need it, and a start should be quick.
    private readonly Lazy<QueueClient> _deliver = new(() => Connect(options.Value, configuration, TableNames.DeliverQueue));

    /// <summary>Stores a job; it runs at least once.</summary>
    /// <exception cref="Azure.RequestFailedException">The queue did not take it.</exception>
    public Task EnqueueAsync(DeliverJob job) => _deliver.Value.SendMessageAsync(job.ToJson());

    private static QueueClient Connect(StorageOptions options, IConfiguration configuration, string name)
    {
        // As host.json says; the host would take a plain text for poison.
        var clientOptions = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        clientOptions.Retry.Mode = RetryMode.Exponential;
        clientOptions.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMilliseconds);
        return options.ConnectionStringOr(configuration) is { } connectionString
            ? new QueueClient(connectionString, name, clientOptions)
            : new QueueClient(new Uri($"{options.QueueEndpoint!.AbsoluteUri.TrimEnd('/')}/{name}"), new DefaultAzureCredential(), clientOptions);
    }
}
