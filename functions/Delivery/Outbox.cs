using System.Collections.Concurrent;
using System.Diagnostics;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>
/// Events on their way to clients. What waits for one target while a call for it is under way shares the next call,
/// so a quiet one hears at once and a busy one costs few calls. A call that fails is repeated once, then the events go to the work queue.
/// </summary>
/// <remarks>Events are stored or unimportant before they come here: a lost one is a gap that the client finds by its numbers.</remarks>
public sealed partial class Outbox : IHostedService, IDisposable
{
    /// <summary>Of one call, in bytes; must fit into a queue message when it fails.</summary>
    private const int MaxFrameBytes = 32 * 1024;

    /// <summary>Of all that waits, in bytes; beyond it, events take the work queue, which slows their senders down.</summary>
    private const int MaxWaitingBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly SignalRClient _signalR;
    private readonly IWorkQueue _queue;
    private readonly ParleyMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<Outbox> _logger;
    private readonly ConcurrentDictionary<DeliveryTarget, OutboxTarget> _targets = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _waitingBytes;

    public Outbox(SignalRClient signalR, IWorkQueue queue, ParleyMetrics metrics, TimeProvider time, ILogger<Outbox> logger)
    {
        (_signalR, _queue, _metrics, _time, _logger) = (signalR, queue, metrics, time, logger);
        metrics.ObserveOutbox(() => Interlocked.Read(ref _waitingBytes));
    }

    /// <summary>Sends an event to all devices of an account; returns before it is sent.</summary>
    /// <param name="json">The event, a JSON object.</param>
    public ValueTask SendAsync(AccountKey to, byte[] json) => SendAsync(DeliveryTarget.Account(to), json);

    /// <summary>Sends an event to whoever hears the target; returns before it is sent.</summary>
    public async ValueTask SendAsync(DeliveryTarget to, byte[] json)
    {
        var waiting = new OutboxEvent(json, ParleyTracing.Here, Stopwatch.GetTimestamp());
        if (Interlocked.Read(ref _waitingBytes) > MaxWaitingBytes)
        {
            await HandOverAsync(to, [waiting]);
            return;
        }

        Interlocked.Add(ref _waitingBytes, json.Length);
        while (true)
        {
            var target = _targets.GetOrAdd(to, static _ => new OutboxTarget());
            if (target.Add(waiting) is not { } mustSend)
            {
                _targets.TryRemove(KeyValuePair.Create(to, target));
                continue;
            }

            if (mustSend)
            {
                _ = SendAllAsync(to, target);
            }

            return;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gives what still waits some time to get out, and then the work queue.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!await IsEmptyWithinAsync(FlushTime, cancellationToken))
        {
            await _stopping.CancelAsync();
            await IsEmptyWithinAsync(FlushTime, cancellationToken);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task<bool> IsEmptyWithinAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (Interlocked.Read(ref _waitingBytes) > 0)
        {
            if (Stopwatch.GetElapsedTime(began) > limit || cancellation.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return true;
    }

    private async Task SendAllAsync(DeliveryTarget to, OutboxTarget target)
    {
        // It works for all who send to the target, not for the one that happened to start it.
        Activity.Current = null;
        while (target.Take(MaxFrameBytes) is { Count: > 0 } events)
        {
            await DeliverAsync(to, events);
            Interlocked.Add(ref _waitingBytes, -events.Sum(waiting => waiting.Json.Length));
        }

        _targets.TryRemove(KeyValuePair.Create(to, target));
    }

    private async Task DeliverAsync(DeliveryTarget to, IReadOnlyList<OutboxEvent> events)
    {
        using var span = ParleyTracing.Start($"deliver {to.Kind}", ActivityKind.Internal, events.Select(waiting => waiting.Origin))?.SetTag("parley.events", events.Count);
        try
        {
            await SendOnceOrTwiceAsync(to, EventFrame.Create(JsonOf(events)));
            Note(to, events, "sent");
        }
        catch (Exception e)
        {
            DeliveryFailed(_logger, events.Count, e.Message);
            await HandOverAsync(to, events);
        }
    }

    private async Task SendOnceOrTwiceAsync(DeliveryTarget to, byte[] frame)
    {
        try
        {
            await _signalR.SendAsync(to, frame, _stopping.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Task.Delay(RetryDelay, _time, _stopping.Token);
            await _signalR.SendAsync(to, frame, _stopping.Token);
        }
    }

    private async Task HandOverAsync(DeliveryTarget to, IReadOnlyList<OutboxEvent> events)
    {
        try
        {
            await _queue.EnqueueAsync(new WorkJob(TableNames.DeliverQueue, DeliverJob.Create(to, JsonOf(events)).ToJson()), CancellationToken.None);
            Note(to, events, "queued");
        }
        catch (Exception e)
        {
            ParleyTracing.Fail(e);
            Note(to, events, "lost");
            HandOverFailed(_logger, events.Count, e);
        }
    }

    private void Note(DeliveryTarget to, IReadOnlyList<OutboxEvent> events, string outcome)
    {
        foreach (var waiting in events)
        {
            _metrics.EventDelivered(to.Kind, outcome, Stopwatch.GetElapsedTime(waiting.Since));
        }
    }

    private static List<byte[]> JsonOf(IReadOnlyList<OutboxEvent> events) => [.. events.Select(waiting => waiting.Json)];

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Events} events could not be delivered and go to the work queue: {Reason}")]
    private static partial void DeliveryFailed(ILogger logger, int events, string reason);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "{Events} events are left for clients to find by their numbers: the work queue did not take them")]
    private static partial void HandOverFailed(ILogger logger, int events, Exception exception);
}
