using Yarp.ReverseProxy.Forwarder;

namespace Parley.Local.FunctionsHost;

/// <summary>enableProxyingHttpRequest: the request goes to the handler as it is, both bodies streamed.</summary>
/// <remarks>
/// The proxy is the real host's, with its default transforms: Host is the handler's, X-Forwarded-* are set, path and query stay.
/// Source: custom handler contract, section 3a.
/// </remarks>
internal sealed class RequestProxy(IHttpForwarder forwarder, HandlerSupervisor handler, ILogger<RetryingHandler> logger) : IDisposable
{
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker _http = new(new RetryingHandler(LoopbackHttp.Handler(followRedirects: false), handler, logger));

    /// <exception cref="InvocationFailedException">The handler did not answer properly; the response may have started.</exception>
    public async Task SendAsync(FunctionDefinition function, HttpContext context, HandlerProcess process, Guid invocation, CancellationToken cancellation)
    {
        var id = invocation.ToString();
        context.Request.Headers[HostHeaders.HostVersion] = HostHeaders.Version;
        context.Request.Headers[HostHeaders.InvocationId] = id;
        context.Request.Headers[HostHeaders.CorrelationId] = id;
        var error = await forwarder.SendAsync(context, process.Address.ToString(), _http, Config, HttpTransformer.Default, cancellation);
        if (error != ForwarderError.None && !context.RequestAborted.IsCancellationRequested)
        {
            var cause = context.GetForwarderErrorFeature()?.Exception;
            throw new InvocationFailedException($"function '{function.Name}' could not be proxied ({error}): {cause?.Message}", cause);
        }
    }

    public void Dispose() => _http.Dispose();
}
