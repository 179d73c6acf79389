using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Parley.Local.FunctionsHost;

/// <summary>Runs a function for one queue message, and deletes the message, gives it back, or moves it to the poison queue.</summary>
/// <remarks>
/// At least once: a message whose lock was lost stays. Moving copies the body only, under a new id.
/// Source: custom handler contract, section 5, queueTrigger.
/// </remarks>
internal sealed partial class QueueMessageRunner(
    QueueSettings settings, TimeSpan lockDuration, EnvelopeInvoker invoker, ILogger<QueueMessageRunner> logger)
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Never throws for what the message or the function did; that is logged.</summary>
    public async Task RunAsync(FunctionDefinition function, QueueClient queue, QueueMessage message, CancellationToken stopping)
    {
        try
        {
            await SettleAsync(function, queue, message, stopping);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException)
        {
            NotSettled(logger, message.MessageId, queue.Name, e.Message);
        }
    }

    private async Task SettleAsync(FunctionDefinition function, QueueClient queue, QueueMessage message, CancellationToken stopping)
    {
        if (message.DequeueCount > settings.MaxDequeueCount)
        {
            await PoisonAsync(function, queue, message, message.PopReceipt);
            return;
        }

        if (QueueEnvelope.Decode(message.MessageText, settings.Base64) is not { } text)
        {
            NotDecoded(logger, message.MessageId, queue.Name, function.Name);
            await PoisonAsync(function, queue, message, message.PopReceipt);
            return;
        }

        var (succeeded, receipt) = await InvokeAsync(function, queue, message, text, stopping);
        if (succeeded)
        {
            await queue.DeleteMessageAsync(message.MessageId, receipt, CancellationToken.None);
        }
        else if (message.DequeueCount >= settings.MaxDequeueCount && !stopping.IsCancellationRequested)
        {
            await PoisonAsync(function, queue, message, receipt);
        }
        else
        {
            using var deadline = new CancellationTokenSource(ReleaseTimeout);
            await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: settings.VisibilityTimeout, cancellationToken: deadline.Token);
        }
    }

    private async Task<(bool Succeeded, string PopReceipt)> InvokeAsync(
        FunctionDefinition function, QueueClient queue, QueueMessage message, string text, CancellationToken stopping)
    {
        var succeeded = false;
        var held = new MessageLock(queue, message, lockDuration);
        await using (held)
        {
            try
            {
                await invoker.InvokeAsync(function, EnvelopeValue.Text(text), QueueEnvelope.Metadata(message, text), stopping);
                succeeded = true;
            }
            catch (Exception e) when (e is InvocationFailedException or HandlerUnavailableException)
            {
                Failed(logger, function.Name, message.MessageId, message.DequeueCount, settings.MaxDequeueCount, e.Message);
            }
            catch (OperationCanceledException)
            {
                // The host is being disposed: the message goes back for the next start.
            }
        }

        return (succeeded, held.PopReceipt);
    }

    private async Task PoisonAsync(FunctionDefinition function, QueueClient queue, QueueMessage message, string popReceipt)
    {
        var poison = new QueueClient(((QueueTrigger)function.Trigger).Connection, queue.Name + "-poison");
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(message.MessageText);
        await queue.DeleteMessageAsync(message.MessageId, popReceipt);
        Poisoned(logger, message.MessageId, poison.Name, message.DequeueCount);
    }

    [LoggerMessage(EventId = 9140, Level = LogLevel.Error, Message = "Function '{Function}' failed for message {MessageId}, attempt {Attempt} of {MaxAttempts}: {Reason}")]
    private static partial void Failed(ILogger logger, string function, string messageId, long attempt, int maxAttempts, string reason);

    [LoggerMessage(EventId = 9141, Level = LogLevel.Error, Message = "Message {MessageId} in '{Queue}' is not base64 of UTF-8 text, which messageEncoding asks for; function '{Function}' does not see it")]
    private static partial void NotDecoded(ILogger logger, string messageId, string queue, string function);

    [LoggerMessage(EventId = 9142, Level = LogLevel.Error, Message = "Message {MessageId} moved to '{PoisonQueue}' after {Attempts} attempts")]
    private static partial void Poisoned(ILogger logger, string messageId, string poisonQueue, long attempts);

    [LoggerMessage(EventId = 9143, Level = LogLevel.Warning, Message = "Message {MessageId} of '{Queue}' could not be settled and will be seen again: {Reason}")]
    private static partial void NotSettled(ILogger logger, string messageId, string queue, string reason);
}
