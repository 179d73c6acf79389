using System.Collections.Concurrent;
using System.Diagnostics;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>
/// Events on their way to clients. What waits for one target while a call for it is under way shares the next call,
/// so a quiet one hears at once and a busy one costs few calls. A call that fails is repeated once, then the events go to the work queue.
/// </summary>
/// <remarks>Events are stored or unimportant before they come here: a lost one is a gap that the client finds by its numbers.</remarks>
public sealed partial class Outbox(SignalRClient signalR, IWorkQueue queue, TimeProvider time, ILogger<Outbox> logger) : IHostedService, IDisposable
{
    /// <summary>Of one call, in bytes; must fit into a queue message when it fails.</summary>
    private const int MaxFrameBytes = 32 * 1024;

    /// <summary>Of all that waits, in bytes; beyond it, events take the work queue, which slows their senders down.</summary>
    private const int MaxWaitingBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<DeliveryTarget, OutboxTarget> _targets = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _waitingBytes;

    /// <summary>Sends an event to all devices of an account; returns before it is sent.</summary>
    /// <param name="json">The event, a JSON object.</param>
    public ValueTask SendAsync(AccountKey to, byte[] json) => SendAsync(DeliveryTarget.Account(to), json);

    /// <summary>Sends an event to whoever hears the target; returns before it is sent.</summary>
    public async ValueTask SendAsync(DeliveryTarget to, byte[] json)
    {
        if (Interlocked.Read(ref _waitingBytes) > MaxWaitingBytes)
        {
            await HandOverAsync(to, [json]);
            return;
        }

        Interlocked.Add(ref _waitingBytes, json.Length);
        while (true)
        {
            var target = _targets.GetOrAdd(to, static _ => new OutboxTarget());
            if (target.Add(json) is not { } mustSend)
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
        while (target.Take(MaxFrameBytes) is { Count: > 0 } events)
        {
            try
            {
                await SendOnceOrTwiceAsync(to, events);
            }
            catch (Exception e)
            {
                DeliveryFailed(logger, events.Count, e.Message);
                await HandOverAsync(to, events);
            }

            Interlocked.Add(ref _waitingBytes, -events.Sum(json => json.Length));
        }

        _targets.TryRemove(KeyValuePair.Create(to, target));
    }

    private async Task SendOnceOrTwiceAsync(DeliveryTarget to, IReadOnlyList<byte[]> events)
    {
        var frame = EventFrame.Create(events);
        try
        {
            await signalR.SendAsync(to, frame, _stopping.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Task.Delay(RetryDelay, time, _stopping.Token);
            await signalR.SendAsync(to, frame, _stopping.Token);
        }
    }

    private async Task HandOverAsync(DeliveryTarget to, IReadOnlyList<byte[]> events)
    {
        try
        {
            await queue.EnqueueAsync(new WorkJob(TableNames.DeliverQueue, DeliverJob.Create(to, events).ToJson()), CancellationToken.None);
        }
        catch (Exception e)
        {
            HandOverFailed(logger, events.Count, e);
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "{Events} events could not be delivered and go to the work queue: {Reason}")]
    private static partial void DeliveryFailed(ILogger logger, int events, string reason);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "{Events} events are left for clients to find by their numbers: the work queue did not take them")]
    private static partial void HandOverFailed(ILogger logger, int events, Exception exception);
}
