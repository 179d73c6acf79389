using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Telemetry;

namespace Parley.Rest;

/// <summary>
/// A call of the Functions host for a queue or timer trigger.
/// <code>POST /{function} { "Data": { "job": "\"{ … }\"" }, "Metadata": { "DequeueCount": "1", … } }</code>
/// </summary>
/// <param name="Payload">The message's text; for a timer the JSON of its object.</param>
/// <param name="Attempt">Which attempt this is, from 1; 1 also where the trigger does not count.</param>
/// <param name="ComesBackAtOnce">Whether the job is tried again without a pause when the call fails: so does Service Bus, not a storage queue.</param>
/// <remarks>
/// Source: the custom-handler contract. Texts and numbers arrive as JSON inside a JSON string, though the documentation shows them plain: both are read.
/// The count is DequeueCount of a storage queue and DeliveryCount of Service Bus. Every answer must be a JSON object, or the host waits for ever.
/// </remarks>
public sealed record FunctionCall(string Payload, int Attempt, bool ComesBackAtOnce)
{
    /// <summary>The span that enqueued the job; nothing if it has no trace.</summary>
    public ActivityContext Origin { get; private init; }

    /// <summary>When the job was due; null if that was not noted.</summary>
    public DateTimeOffset? DueAt { get; private init; }

    private static readonly byte[] Done = """{"Outputs":{},"Logs":[],"ReturnValue":null}"""u8.ToArray();

    /// <exception cref="JsonException">The host sent something else.</exception>
    public static async Task<FunctionCall> ReadAsync(HttpRequest request, string binding, CancellationToken cancellation)
    {
        using var envelope = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
        var payload = envelope.RootElement.GetProperty("Data").GetProperty(binding);
        var fromServiceBus = CountOf(envelope.RootElement, "DeliveryCount");
        var call = new FunctionCall(Plain(payload), fromServiceBus ?? CountOf(envelope.RootElement, "DequeueCount") ?? 1, fromServiceBus is not null);
        return call.WithNotes();
    }

    public static Task SucceedAsync(HttpResponse response) => AnswerAsync(response, StatusCodes.Status200OK);

    /// <summary>Asks the host to try again.</summary>
    public static Task FailAsync(HttpResponse response) => AnswerAsync(response, StatusCodes.Status500InternalServerError);

    // What the work queue has noted in the job; nothing in one that somebody else has put there.
    private FunctionCall WithNotes()
    {
        try
        {
            using var job = JsonDocument.Parse(Payload);
            if (job.RootElement.ValueKind != JsonValueKind.Object)
            {
                return this;
            }

            var trace = job.RootElement.TryGetProperty("TraceParent", out var parent) && parent.ValueKind == JsonValueKind.String ? parent.GetString() : null;
            var isDue = job.RootElement.TryGetProperty("DueAt", out var due) && due.TryGetInt64(out _);
            return this with { Origin = ParleyTracing.Parse(trace), DueAt = isDue ? DateTimeOffset.FromUnixTimeMilliseconds(due.GetInt64()) : null };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return this;
        }
    }

    private static async Task AnswerAsync(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = Done.Length;
        await response.Body.WriteAsync(Done);
    }

    private static int? CountOf(JsonElement envelope, string name) =>
        envelope.TryGetProperty("Metadata", out var metadata) && metadata.TryGetProperty(name, out var value)
        && int.TryParse(Plain(value), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private static string Plain(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return value.GetRawText();
        }

        var text = value.GetString()!;
        try
        {
            using var inner = JsonDocument.Parse(text);
            return inner.RootElement.ValueKind == JsonValueKind.String ? inner.RootElement.GetString()! : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
