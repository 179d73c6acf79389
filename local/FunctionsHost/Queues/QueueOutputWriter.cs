using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Queues;

namespace Parley.Local.FunctionsHost;

/// <summary>Writes the <c>queue</c> outputs of an answer.</summary>
/// <remarks>
/// A trap is kept on purpose: text that happens to be valid base64 is decoded first, unless the binding says dataType "binary".
/// An array, or text that holds one, becomes one message per element; an object becomes indented JSON.
/// Source: custom handler contract, sections 0 (point 3) and 4.
/// </remarks>
internal sealed class QueueOutputWriter(bool base64)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<(string Connection, string Queue), Task<QueueClient>> _queues = new();

    /// <exception cref="InvocationFailedException">The queue took a message not.</exception>
    public async Task WriteAsync(FunctionDefinition function, HandlerResponse response, CancellationToken cancellation)
    {
        var returnIsBound = function.Outputs.Any(output => output.Name == "$return");
        foreach (var output in function.Outputs.OfType<QueueOutput>())
        {
            if (response.OutputNamed(output.Name, returnIsBound) is not { } value)
            {
                continue;
            }

            try
            {
                var queue = await _queues.GetOrAdd((output.Connection, output.Queue), OpenAsync);
                foreach (var message in Messages(value, output.Binary))
                {
                    await queue.SendMessageAsync(base64 ? Convert.ToBase64String(Encoding.UTF8.GetBytes(message)) : message, cancellation);
                }
            }
            catch (RequestFailedException e)
            {
                _queues.TryRemove((output.Connection, output.Queue), out _);
                throw new InvocationFailedException($"Function '{function.Name}': output '{output.Name}' was not written to '{output.Queue}': {e.Message}", e);
            }
        }
    }

    private static async Task<QueueClient> OpenAsync((string Connection, string Queue) at)
    {
        var queue = new QueueClient(at.Connection, at.Queue);
        await queue.CreateIfNotExistsAsync();
        return queue;
    }

    private static IEnumerable<string> Messages(JsonNode value, bool binary)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            return value is JsonArray items ? items.Select(Element) : [Element(value)];
        }

        var text = value.GetValue<string>();
        return !binary && TryDecode(text) is { } decoded ? [decoded] : TryParseArray(text)?.Select(Element) ?? [text];
    }

    private static string Element(JsonNode? element) =>
        element?.GetValueKind() == JsonValueKind.String ? element.GetValue<string>() : element?.ToJsonString(Indented) ?? "null";

    private static string? TryDecode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static JsonArray? TryParseArray(string text)
    {
        try
        {
            return text.AsSpan().TrimStart().StartsWith("[") ? JsonNode.Parse(text) as JsonArray : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
