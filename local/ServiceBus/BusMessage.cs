using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Parley.Local.ServiceBus;

/// <summary>A message in a queue of the stand-in.</summary>
public sealed class BusMessage
{
    private static readonly Symbol Scheduled = new("x-opt-scheduled-enqueue-time");

    private readonly Message _message;

    internal BusMessage(Message message, long number, DateTimeOffset now)
    {
        (_message, Number, EnqueuedAt) = (message, number, now);
        Due = message.MessageAnnotations?[Scheduled] is DateTime due ? new DateTimeOffset(due.ToUniversalTime(), TimeSpan.Zero) : null;
    }

    /// <summary>The sequence number.</summary>
    public long Number { get; }

    public DateTimeOffset EnqueuedAt { get; }

    public string? Id => _message.Properties?.MessageId;

    public string? Session => _message.Properties?.GroupId;

    /// <summary>When it may be seen; null for at once.</summary>
    public DateTimeOffset? Due { get; }

    public string Text => System.Text.Encoding.UTF8.GetString(((Data)_message.BodySection).Binary);

    /// <summary>How often it was handed out.</summary>
    public int Deliveries { get; internal set; }

    /// <summary>Why it was put aside; null of one that was not.</summary>
    public string? DeadLetterReason { get; internal set; }

    internal object? Holder { get; set; }

    /// <summary>As it is handed out.</summary>
    internal Message ToDelivery()
    {
        var copy = Message.Decode(_message.Encode());
        copy.Header ??= new Header();
        copy.Header.DeliveryCount = (uint)(Deliveries - 1);
        copy.MessageAnnotations ??= new MessageAnnotations();
        copy.MessageAnnotations[new Symbol("x-opt-sequence-number")] = Number;
        copy.MessageAnnotations[new Symbol("x-opt-enqueued-time")] = EnqueuedAt.UtcDateTime;
        if (DeadLetterReason is not null)
        {
            copy.ApplicationProperties ??= new ApplicationProperties();
            copy.ApplicationProperties["DeadLetterReason"] = DeadLetterReason;
        }

        return copy;
    }
}
