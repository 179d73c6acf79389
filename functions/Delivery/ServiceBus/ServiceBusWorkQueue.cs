using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Storage;

namespace Parley.Delivery.ServiceBus;

/// <summary>Jobs in queues of Service Bus, sent over AMQP 1.0 on one connection that is made at first use. Sessions keep order.</summary>
/// <remarks>
/// Every job of a queue with sessions needs one; whoever names none gets one of its own. A broker that is not Service Bus knows no schedules
/// and no batches: a job with a delay is refused there, and each job is a transfer of its own.
/// </remarks>
public sealed class ServiceBusWorkQueue : IWorkQueue, IAsyncDisposable
{
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IReadOnlyCollection<string> _sessionQueues;
    private readonly Lazy<BusLinks> _links;
    private readonly ConcurrentDictionary<string, QueueSender> _senders = new(StringComparer.Ordinal);

    public ServiceBusWorkQueue(IOptions<ServiceBusOptions> options, AppIdentity identity, TimeProvider time, ILogger<ServiceBusWorkQueue> logger)
        : this(options.Value, identity, time, logger, TableNames.SessionQueues)
    {
    }

    /// <param name="sessionQueues">The queues that require a session of every message.</param>
    internal ServiceBusWorkQueue(ServiceBusOptions options, AppIdentity identity, TimeProvider time, ILogger logger, IReadOnlyCollection<string> sessionQueues)
    {
        (_options, _time, _logger, _sessionQueues) = (options, time, logger, sessionQueues);
        _links = new(() => BusAddress.TryParse(options, out var address)
            ? new BusLinks(address, identity, time, logger)
            : throw new InvalidOperationException("Set ServiceBus:Namespace or ServiceBus:ConnectionString."));
    }

    public Task EnqueueAsync(WorkJob job, CancellationToken cancellation)
    {
        var due = job.Delay is { } delay && delay > TimeSpan.Zero ? _time.GetUtcNow() + delay : (DateTimeOffset?)null;
        if (due is not null && !_links.Value.Address.IsServiceBus)
        {
            throw new NotSupportedException("This broker cannot hold a job back.");
        }

        var session = !_sessionQueues.Contains(job.Queue) ? null : JobMessage.SessionName(job.Session ?? Guid.NewGuid().ToString("N"));
        var sender = _senders.GetOrAdd(job.Queue, queue => new QueueSender(queue, _links.Value, TimeSpan.FromMilliseconds(_options.RetryMilliseconds), _logger));
        return sender.SendAsync(new JobMessage(job.Json, session, due)).WaitAsync(cancellation);
    }

    public ValueTask DisposeAsync() => _links.IsValueCreated ? _links.Value.DisposeAsync() : ValueTask.CompletedTask;
}
