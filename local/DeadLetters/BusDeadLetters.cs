using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Local.FunctionsHost;
using Parley.Storage;

namespace Parley.Local.DeadLetters;

/// <summary>The queues <c>…/$DeadLetterQueue</c> of Service Bus: what the broker has put aside because it came back too often.</summary>
/// <remarks>They have no sessions, whatever their queues have. What is looked at is locked for as long as the queue says, then the broker has it again.</remarks>
internal sealed class BusDeadLetters(BusAddress address, AppIdentity identity, IWorkQueue queue, TimeProvider time) : IDeadLetterPlace
{
    /// <summary>Of one queue in one run: all of them are held until the end.</summary>
    private const int Most = 1000;

    private const string Suffix = "/$DeadLetterQueue";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    public async IAsyncEnumerable<DeadLetter> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var tokens = new BusTokens(address, identity, time);
        await using var connection = await BusConnection.OpenAsync(address, tokens, time, cancellation);
        foreach (var name in TableNames.Queues)
        {
            var link = await AttachAsync(await connection.AuthorizeAsync(name + Suffix, cancellation), name + Suffix, cancellation);
            var kept = new HashSet<Message>(ReferenceEqualityComparer.Instance);
            try
            {
                link.SetCredit(Most, autoRestore: false);
                while (await link.ReceiveAsync(Silence) is { } message)
                {
                    kept.Add(message);
                    yield return LetterOf(name, link, message, kept);
                }
            }
            finally
            {
                // What is given back must not come again to this link.
                link.SetCredit(0, CreditMode.Drain);
                foreach (var message in kept)
                {
                    link.Release(message);
                }

                await link.CloseAsync(Timeout, null);
            }
        }
    }

    private static async Task<ReceiverLink> AttachAsync(Session session, string name, CancellationToken cancellation)
    {
        var attached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var attach = new Attach { Source = new Source { Address = name }, Target = new Target() };
        var link = new ReceiverLink(session, $"{name}-{Guid.NewGuid():N}", attach, (_, answer) =>
        {
            // A refusal names no source, and a detach with the reason follows.
            if (answer.Source is not null)
            {
                attached.TrySetResult();
            }
        });
        link.AddClosedCallback((_, error) => attached.TrySetException(new AmqpException(error ?? new Error(new Symbol(ErrorCode.DetachForced)))));
        await attached.Task.WaitAsync(Timeout, cancellation);
        return link;
    }

    private DeadLetter LetterOf(string name, ReceiverLink link, Message message, HashSet<Message> kept)
    {
        var text = ServiceBusEnvelope.Text(message);
        var job = DeadJob.Read(name, text);
        return new DeadLetter
        {
            Place = name + Suffix,
            Id = message.Properties?.MessageId ?? "",
            Kind = DeadJob.KindOf(name),
            SdkAppId = job.SdkAppId,
            At = message.MessageAnnotations?[new Symbol("x-opt-enqueued-time")] is DateTime enqueued ? new DateTimeOffset(enqueued.ToUniversalTime(), TimeSpan.Zero) : default,
            Reason = $"{message.ApplicationProperties?["DeadLetterReason"]}{(job.Job is null ? ", cannot be read" : "")}",
            ReadAsync = _ => Task.FromResult(text ?? ""),
            ResendAsync = async cancellation =>
            {
                if (job.Job is null)
                {
                    return DeadLetter.Unreadable;
                }

                await queue.EnqueueAsync(job.Job, cancellation);
                Drop();
                return null;
            },
            DropAsync = _ =>
            {
                Drop();
                return Task.CompletedTask;
            },
        };

        void Drop()
        {
            link.Accept(message);
            kept.Remove(message);
        }
    }
}
