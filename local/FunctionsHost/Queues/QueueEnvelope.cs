using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Queues.Models;

namespace Parley.Local.FunctionsHost;

/// <summary>What a queue message looks like to the handler.</summary>
/// <remarks>Source: custom handler contract, section 5, queueTrigger.</remarks>
internal static class QueueEnvelope
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a stored message, or null when it is not base64 of UTF-8 although it should be.</summary>
    public static string? Decode(string stored, bool base64)
    {
        if (!base64)
        {
            return stored;
        }

        try
        {
            return Strict.GetString(Convert.FromBase64String(stored));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    public static JsonObject Metadata(QueueMessage message, string text)
    {
        var metadata = new JsonObject
        {
            ["DequeueCount"] = EnvelopeValue.Number(message.DequeueCount),
            ["Id"] = EnvelopeValue.Text(message.MessageId),
            ["PopReceipt"] = EnvelopeValue.Text(message.PopReceipt),
        };
        AddTime(metadata, "ExpirationTime", message.ExpiresOn);
        AddTime(metadata, "InsertionTime", message.InsertedOn);
        AddTime(metadata, "NextVisibleTime", message.NextVisibleOn);
        EnvelopeValue.AddProperties(metadata, text);
        return metadata;
    }

    /// <summary>Metadata of a manual run, where there is no stored message.</summary>
    public static JsonObject Metadata(string text)
    {
        var metadata = new JsonObject();
        EnvelopeValue.AddProperties(metadata, text);
        return metadata;
    }

    private static void AddTime(JsonObject metadata, string name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            metadata[name] = EnvelopeValue.Time(known);
        }
    }
}
