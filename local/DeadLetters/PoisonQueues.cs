using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Local.DeadLetters;

/// <summary>The queues <c>…-poison</c> of storage: what the Functions host has put aside because the program did not get to the end of it.</summary>
/// <remarks>The host copies the text only, so nothing tells why. What is looked at cannot be seen by others meanwhile, five minutes at most.</remarks>
internal sealed class PoisonQueues(StorageAccess storage, IWorkQueue queue) : IDeadLetterPlace
{
    private const int AtOnce = 32;
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(5);
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async IAsyncEnumerable<DeadLetter> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var name in TableNames.Queues)
        {
            var poison = storage.ConnectQueue(name + PoisonMessages.Suffix, QueueMessageEncoding.None);
            var kept = new Dictionary<string, QueueMessage>(StringComparer.Ordinal);
            try
            {
                while (await ReceiveAsync(poison, cancellation) is { Length: > 0 } messages)
                {
                    foreach (var message in messages)
                    {
                        kept.Add(message.MessageId, message);
                        yield return LetterOf(name, poison, message, kept);
                    }
                }
            }
            finally
            {
                await GiveBackAsync(poison, kept.Values);
            }
        }
    }

    // The host makes such a queue when it needs it first.
    private static async Task<QueueMessage[]> ReceiveAsync(QueueClient poison, CancellationToken cancellation)
    {
        try
        {
            return (await poison.ReceiveMessagesAsync(AtOnce, Hold, cancellation)).Value;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            return [];
        }
    }

    private static async Task GiveBackAsync(QueueClient poison, IEnumerable<QueueMessage> messages)
    {
        foreach (var message in messages)
        {
            try
            {
                await poison.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
            }
            catch (RequestFailedException)
            {
                // It is seen again when its time is over.
            }
        }
    }

    private DeadLetter LetterOf(string name, QueueClient poison, QueueMessage message, Dictionary<string, QueueMessage> kept)
    {
        var text = Decode(message.MessageText);
        var job = DeadJob.Read(name, text);
        return new DeadLetter
        {
            Place = poison.Name,
            Id = message.MessageId,
            Kind = DeadJob.KindOf(name),
            SdkAppId = job.SdkAppId,
            At = message.InsertedOn ?? default,
            Reason = job.Job is null ? "cannot be read" : "the program did not end it, or answered with an error, five times",
            ReadAsync = _ => Task.FromResult(text ?? message.MessageText),
            ResendAsync = async cancellation =>
            {
                if (job.Job is null)
                {
                    return DeadLetter.Unreadable;
                }

                await queue.EnqueueAsync(job.Job, cancellation);
                await DropAsync(cancellation);
                return null;
            },
            DropAsync = DropAsync,
        };

        async Task DropAsync(CancellationToken cancellation)
        {
            await poison.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellation);
            kept.Remove(message.MessageId);
        }
    }

    private static string? Decode(string base64)
    {
        try
        {
            return Strict.GetString(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
