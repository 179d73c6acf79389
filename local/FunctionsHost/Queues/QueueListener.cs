using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Parley.Local.FunctionsHost;

/// <summary>Polls the queue of one function and runs as many messages at a time as host.json allows.</summary>
/// <remarks>
/// A batch is fetched whenever newBatchThreshold messages or fewer are running; after a hit the queue is asked again at once, after an
/// empty answer with growing pauses. Source: custom handler contract, section 5, queueTrigger.
/// </remarks>
internal sealed partial class QueueListener(
    FunctionDefinition function, QueueSettings settings, TimeSpan lockDuration, HandlerSupervisor handler, QueueMessageRunner runner, ILogger<QueueListener> logger)
{
    private readonly QueueTrigger _trigger = (QueueTrigger)function.Trigger;
    private readonly PollingBackoff _backoff = new(settings.MaxPollingInterval);

    /// <summary>Runs until cancelled, then until the running messages have ended.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var queue = new QueueClient(_trigger.Connection, _trigger.Queue);
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await handler.WhenEverReadyAsync(stopping);
                while (running.Count > settings.NewBatchThreshold)
                {
                    await Task.WhenAny(running).WaitAsync(stopping);
                    running.RemoveAll(task => task.IsCompleted);
                }

                var batch = await ReceiveAsync(queue, stopping);
                running.RemoveAll(task => task.IsCompleted);
                running.AddRange(batch.Select(message => runner.RunAsync(function, queue, message, stopping)));
                if (batch.Length == 0)
                {
                    await Task.Delay(_backoff.Next(), stopping);
                }
                else
                {
                    _backoff.Reset();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is being disposed.
        }
        catch (HandlerUnavailableException e)
        {
            NoHandler(logger, function.Name, e);
        }

        await Task.WhenAll(running);
    }

    private async Task<QueueMessage[]> ReceiveAsync(QueueClient queue, CancellationToken cancellation)
    {
        try
        {
            var messages = await queue.ReceiveMessagesAsync(settings.BatchSize, lockDuration, cancellation);
            return messages.Value;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellation);
            return [];
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            StorageFailed(logger, _trigger.Queue, e.Message);
            return [];
        }
    }

    [LoggerMessage(EventId = 9130, Level = LogLevel.Error, Message = "Function '{Function}' listens no more: no handler")]
    private static partial void NoHandler(ILogger logger, string function, Exception exception);

    [LoggerMessage(EventId = 9131, Level = LogLevel.Warning, Message = "Queue '{Queue}' could not be read: {Reason}")]
    private static partial void StorageFailed(ILogger logger, string queue, string reason);
}
