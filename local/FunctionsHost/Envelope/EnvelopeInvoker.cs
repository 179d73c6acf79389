using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Local.FunctionsHost;

/// <summary>An invocation failed; the message says why, for the log.</summary>
internal sealed class InvocationFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Runs one invocation through the envelope: <c>POST /{function}</c> with Data and Metadata, then its outputs.</summary>
/// <remarks>Source: custom handler contract, section 4.</remarks>
internal sealed partial class EnvelopeInvoker(
    HandlerSupervisor handler, InvocationDeadlines deadlines, QueueOutputWriter queues, TimeProvider time, ILogger<EnvelopeInvoker> logger)
    : IDisposable
{
    private readonly HttpMessageInvoker _http = LoopbackHttp.Create(followRedirects: true);

    /// <returns>The handler's answer. Queue outputs are written by then.</returns>
    /// <exception cref="InvocationFailedException">Not a 2xx, not a JSON object, no answer in time, or an output could not be written.</exception>
    /// <exception cref="HandlerUnavailableException">There is no handler.</exception>
    public async Task<HandlerResponse> InvokeAsync(
        FunctionDefinition function, JsonNode data, JsonObject metadata, CancellationToken cancellation)
    {
        var invocation = Guid.NewGuid();
        Executing(logger, function.Name, invocation);
        var process = await handler.WhenReadyAsync(cancellation);
        using var deadline = deadlines.Start(function, process, invocation, cancellation);
        try
        {
            using var request = Request(function, process, invocation, Envelope(function, data, metadata));
            using var answer = await _http.SendAsync(request, deadline.Token);
            var response = await HandlerResponse.ReadAsync(function.Name, answer, deadline.Token);
            LogLines(response);
            await queues.WriteAsync(function, response, deadline.Token);
            return response;
        }
        catch (HttpRequestException e)
        {
            throw new InvocationFailedException($"Function '{function.Name}': the handler did not answer: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (deadline.Exceeded)
        {
            throw new InvocationFailedException($"Function '{function.Name}' ran longer than functionTimeout.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private JsonObject Envelope(FunctionDefinition function, JsonNode data, JsonObject metadata)
    {
        metadata["sys"] = new JsonObject
        {
            ["MethodName"] = function.Name,
            ["UtcNow"] = time.GetUtcNow().UtcDateTime,
            ["RandGuid"] = Guid.NewGuid().ToString(),
        };
        return new JsonObject { ["Data"] = new JsonObject { [function.Trigger.Name] = data }, ["Metadata"] = metadata };
    }

    private static HttpRequestMessage Request(FunctionDefinition function, HandlerProcess process, Guid invocation, JsonObject envelope)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(process.Address, function.Name))
        {
            Content = new StringContent(envelope.ToJsonString(EnvelopeValue.Json), Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add(HostHeaders.InvocationId, invocation.ToString());
        request.Headers.Add(HostHeaders.HostVersion, HostHeaders.Version);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(HostHeaders.UserAgent, HostHeaders.Version));
        return request;
    }

    private void LogLines(HandlerResponse response)
    {
        foreach (var line in response.Logs)
        {
            HandlerLog(logger, line);
        }
    }

    [LoggerMessage(EventId = 9120, Level = LogLevel.Debug, Message = "Executing function '{Function}' ({InvocationId})")]
    private static partial void Executing(ILogger logger, string function, Guid invocationId);

    [LoggerMessage(EventId = 9121, Level = LogLevel.Information, Message = "{Line}")]
    private static partial void HandlerLog(ILogger logger, string line);
}
