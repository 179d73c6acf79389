using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Local.FunctionsHost;

/// <summary>
/// The host's own paths, for whoever has the master key.
/// <code>
/// GET  /admin/host/status                              → { "id": "parley-local", "state": "Running", "version": "4.1052.0", … }
/// POST /admin/functions/{name}   { "input": "text" }   → 202; runs a queue function for that text, or a timer now
/// </code>
/// </summary>
/// <remarks>Errors: 401 no or wrong key, 404 unknown path or function, 400 no JSON object with a string "input", or an HTTP function.</remarks>
internal sealed partial class AdminApi(
    FunctionApp app, string hostId, HostKeys keys, EnvelopeInvoker invoker, IReadOnlyDictionary<string, TimerListener> timers,
    HandlerSupervisor handler, TimeProvider time, ILogger<AdminApi> logger)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>True for a path that never is a function's.</summary>
    public static bool Owns(PathString path) =>
        FunctionApp.ReservedPaths.Any(reserved => path.StartsWithSegments("/" + reserved, StringComparison.OrdinalIgnoreCase));

    public async Task HandleAsync(HttpContext context, CancellationToken hostStopping)
    {
        if (!keys.Allow(AuthLevel.Admin, context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var segments = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (context.Request.Method, segments)
        {
            case ("GET", [var admin, "host", "status"]) when Is(admin):
                await context.Response.WriteAsJsonAsync(Status(), context.RequestAborted);
                return;
            case ("POST", [var admin, "functions", var name]) when Is(admin):
                context.Response.StatusCode = await RunAsync(name, context.Request, hostStopping);
                return;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        static bool Is(string segment) => string.Equals(segment, "admin", StringComparison.OrdinalIgnoreCase);
    }

    private JsonObject Status() => new()
    {
        ["id"] = hostId,
        ["state"] = handler.Stopped.IsFaulted ? "Error" : "Running",
        ["version"] = HostHeaders.Version,
        ["versionDetails"] = HostHeaders.Version,
        ["processUptime"] = (long)(time.GetUtcNow() - _started).TotalMilliseconds,
    };

    private async Task<int> RunAsync(string name, HttpRequest request, CancellationToken hostStopping)
    {
        if (app.Functions.FirstOrDefault(function => string.Equals(function.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } function)
        {
            return StatusCodes.Status404NotFound;
        }

        if (await ReadInputAsync(request) is not { } input)
        {
            return StatusCodes.Status400BadRequest;
        }

        switch (function.Trigger)
        {
            case QueueTrigger:
                _ = RunAsync(function, EnvelopeValue.Text(input), QueueEnvelope.Metadata(input), hostStopping);
                return StatusCodes.Status202Accepted;
            case TimerTrigger:
                _ = RunAsync(function, timers[function.Name].Payload(isPastDue: false), [], hostStopping);
                return StatusCodes.Status202Accepted;
            default:
                return StatusCodes.Status400BadRequest;
        }
    }

    /// <summary>The run itself, after the caller has its 202: it must not throw.</summary>
    private async Task RunAsync(FunctionDefinition function, JsonNode data, JsonObject metadata, CancellationToken hostStopping)
    {
        try
        {
            await invoker.InvokeAsync(function, data, metadata, hostStopping);
        }
        catch (Exception e) when (e is InvocationFailedException or HandlerUnavailableException or OperationCanceledException)
        {
            ManualRunFailed(logger, function.Name, e.Message);
        }
    }

    private static async Task<string?> ReadInputAsync(HttpRequest request)
    {
        try
        {
            var body = await JsonNode.ParseAsync(request.Body, new JsonNodeOptions { PropertyNameCaseInsensitive = true }, cancellationToken: request.HttpContext.RequestAborted);
            return body is not JsonObject value ? null
                : value["input"] is not { } input ? ""
                : input.GetValueKind() == JsonValueKind.String ? input.GetValue<string>() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(EventId = 9160, Level = LogLevel.Error, Message = "Manual run of function '{Function}' failed: {Reason}")]
    private static partial void ManualRunFailed(ILogger logger, string function, string reason);
}
