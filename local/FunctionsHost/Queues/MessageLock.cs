using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Parley.Local.FunctionsHost;

/// <summary>Keeps a received message invisible while its function runs, and knows its newest pop receipt.</summary>
internal sealed class MessageLock : IAsyncDisposable
{
    private readonly QueueClient _queue;
    private readonly string _messageId;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewing;

    public MessageLock(QueueClient queue, QueueMessage message, TimeSpan duration)
    {
        _queue = queue;
        _messageId = message.MessageId;
        PopReceipt = message.PopReceipt;
        _renewing = RenewAsync(duration);
    }

    public string PopReceipt { get; private set; }

    /// <summary>Stops renewing. The message stays invisible until the last renewal runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _renewing;
        _done.Dispose();
    }

    private async Task RenewAsync(TimeSpan duration)
    {
        using var timer = new PeriodicTimer(duration / 2);
        try
        {
            while (await timer.WaitForNextTickAsync(_done.Token))
            {
                // Not cancelled half-way: the answer holds the receipt that the message is deleted with.
                var receipt = await _queue.UpdateMessageAsync(_messageId, PopReceipt, visibilityTimeout: duration, cancellationToken: CancellationToken.None);
                PopReceipt = receipt.Value.PopReceipt;
            }
        }
        catch (OperationCanceledException)
        {
            // The function has ended.
        }
        catch (RequestFailedException)
        {
            // Lost: the message will be seen again, and deleting it will say so.
        }
    }
}
