namespace Parley.Local.FunctionsHost;

/// <summary>Answers a matched HTTP request: checks the key, then hands it to the handler in the way that host.json and the bindings ask for.</summary>
/// <remarks>
/// Statuses of the host itself: 401 without a body for a missing or wrong key, 500 when the handler broke, ran too long or gave no proper
/// answer, 503 when there is no handler. Source: custom handler contract, section 3.
/// </remarks>
internal sealed partial class HttpInvoker(
    FunctionApp app, HostKeys keys, HandlerSupervisor handler, InvocationDeadlines deadlines, RequestProxy proxy, RequestForwarder forwarder,
    RequestEnvelope envelope, ILogger<HttpInvoker> logger)
{
    public async Task HandleAsync(FunctionDefinition function, HttpContext context)
    {
        if (!keys.Allow(((HttpTrigger)function.Trigger).Level, context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        try
        {
            await InvokeAsync(function, context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; nobody reads an answer.
        }
        catch (HandlerUnavailableException e)
        {
            Fail(function, context, StatusCodes.Status503ServiceUnavailable, e);
        }
        catch (InvocationFailedException e)
        {
            Fail(function, context, StatusCodes.Status500InternalServerError, e);
        }
    }

    private async Task InvokeAsync(FunctionDefinition function, HttpContext context)
    {
        var settings = app.Host.CustomHandler;
        if (!function.IsPureHttp || (!settings.Proxying && !settings.Forwarding))
        {
            await envelope.InvokeAsync(function, context);
            return;
        }

        var invocation = Guid.NewGuid();
        var process = await handler.WhenReadyAsync(context.RequestAborted);
        using var deadline = deadlines.Start(function, process, invocation, context.RequestAborted);
        try
        {
            await (settings.Proxying
                ? proxy.SendAsync(function, context, process, invocation, deadline.Token)
                : forwarder.SendAsync(function, context, process, invocation, deadline.Token));
        }
        catch (Exception e) when (deadline.Exceeded && e is (OperationCanceledException or InvocationFailedException))
        {
            throw new InvocationFailedException($"function '{function.Name}' ran longer than functionTimeout", e);
        }
    }

    private void Fail(FunctionDefinition function, HttpContext context, int status, Exception exception)
    {
        RequestFailed(logger, function.Name, status, exception.Message);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
    }

    [LoggerMessage(EventId = 9170, Level = LogLevel.Error, Message = "Function '{Function}' answered {Status} by the host: {Reason}")]
    private static partial void RequestFailed(ILogger logger, string function, int status, string reason);
}
