using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Parley.Local.FunctionsHost;

/// <summary>What a Service Bus message looks like to the handler.</summary>
/// <remarks>Source: custom handler contract, section 5, serviceBusTrigger. The objects of the SDK that the real host adds are left out: no handler can use them.</remarks>
internal static class ServiceBusEnvelope
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a message; null for a body that the real host would refuse.</summary>
    public static string? Text(Message message)
    {
        try
        {
            return message.BodySection switch
            {
                Data data => Strict.GetString(data.Binary),
                AmqpValue { Value: string text } => text,
                _ => null,
            };
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    public static JsonObject Metadata(Message message, string text)
    {
        var metadata = new JsonObject { ["DeliveryCount"] = EnvelopeValue.Number((message.Header?.DeliveryCount ?? 0) + 1) };
        AddText(metadata, "MessageId", message.Properties?.MessageId);
        AddText(metadata, "SessionId", message.Properties?.GroupId);
        AddText(metadata, "ContentType", message.Properties?.ContentType);
        AddText(metadata, "CorrelationId", message.Properties?.CorrelationId);
        AddText(metadata, "Subject", message.Properties?.Subject);
        if (Annotation(message, "x-opt-sequence-number") is long number)
        {
            metadata["SequenceNumber"] = EnvelopeValue.Number(number);
        }

        if (Annotation(message, "x-opt-enqueued-time") is DateTime time)
        {
            metadata["EnqueuedTimeUtc"] = EnvelopeValue.Time(new DateTimeOffset(time.ToUniversalTime(), TimeSpan.Zero));
        }

        var properties = Properties(message);
        (metadata["ApplicationProperties"], metadata["UserProperties"]) = (properties, properties.DeepClone());
        EnvelopeValue.AddProperties(metadata, text);
        return metadata;
    }

    private static object? Annotation(Message message, string name) => message.MessageAnnotations?[new Symbol(name)];

    private static JsonObject Properties(Message message)
    {
        var properties = new JsonObject();
        foreach (var (name, value) in message.ApplicationProperties?.Map ?? [])
        {
            properties[name.ToString()!] = Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        return properties;
    }

    private static void AddText(JsonObject metadata, string name, string? text)
    {
        if (text is not null)
        {
            metadata[name] = EnvelopeValue.Text(text);
        }
    }
}
