using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Local.FunctionsHost;

/// <summary>A handler's answer to an envelope: <c>{"Outputs":{…},"Logs":["…"],"ReturnValue":…}</c>, names without regard to case.</summary>
/// <remarks>
/// A 2xx must carry a JSON object with a JSON content type. The real host never completes an invocation that answered with nothing and
/// fails on any other type; here both are failures with a message that says so.
/// </remarks>
internal sealed record HandlerResponse(JsonObject Outputs, IReadOnlyList<string> Logs, JsonNode? ReturnValue)
{
    private const int QuotedLength = 200;
    private static readonly string[] JsonTypes = ["application/json", "text/json"];
    private static readonly JsonNodeOptions IgnoreCase = new() { PropertyNameCaseInsensitive = true };

    /// <exception cref="InvocationFailedException">It is no success, or no JSON object.</exception>
    public static async Task<HandlerResponse> ReadAsync(string function, HttpResponseMessage answer, CancellationToken cancellation)
    {
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        var status = $"Function '{function}': the handler answered {(int)answer.StatusCode}";
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvocationFailedException($"{status}: {Quote(body)}");
        }

        const string Wanted = "A success must be a JSON object such as {\"Outputs\":{},\"Logs\":[],\"ReturnValue\":null} with Content-Type application/json.";
        if (body.Length == 0)
        {
            throw new InvocationFailedException($"{status} with an empty body; the real host would wait for it until functionTimeout. {Wanted}");
        }

        if (answer.Content.Headers.ContentType?.MediaType is not { } type || !JsonTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvocationFailedException($"{status} with content type '{answer.Content.Headers.ContentType}'. {Wanted}");
        }

        return TryParse(body) ?? throw new InvocationFailedException($"{status} with a body that is no JSON object: {Quote(body)} {Wanted}");
    }

    /// <summary>The value of an output binding; null when the handler gave none.</summary>
    public JsonNode? OutputNamed(string name, bool returnValueIsBound)
    {
        if (name == "$return")
        {
            return ReturnValue;
        }

        return Outputs[name] ?? (!returnValueIsBound && ReturnValue is JsonObject values ? values[name] : null);
    }

    private static HandlerResponse? TryParse(string body)
    {
        try
        {
            if (JsonNode.Parse(body, IgnoreCase) is not JsonObject value)
            {
                return null;
            }

            var outputs = value[nameof(Outputs)];
            var logs = value[nameof(Logs)];
            return (outputs, logs) is (null or JsonObject, null or JsonArray)
                ? new HandlerResponse(outputs as JsonObject ?? [], Lines(logs), value[nameof(ReturnValue)])
                : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static List<string> Lines(JsonNode? logs) => [.. (logs as JsonArray ?? []).Select(line => line?.ToString() ?? "")];

    private static string Quote(string text) => text.Length <= QuotedLength ? text : text[..QuotedLength] + "…";
}
