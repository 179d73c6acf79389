using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Parley.Tests.Support;

/// <summary>
/// A reverse proxy on a free loopback port that counts requests and injects faults, to stand before Azurite's table service or
/// any HTTP/1.1 server. Bodies are buffered whole; upgrades (WebSockets) are not forwarded.
/// </summary>
/// <remarks>Shared-key signatures cover the path, not the host, so signed storage requests pass unchanged.</remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Host", "Content-Length", "Expect",
    };

    private readonly HttpMessageInvoker _server;
    private readonly string _target;
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private LoopbackServer _own = null!;
    private long _number;
    private long _faults;

    private FaultProxy(Uri target, FaultPlan plan)
    {
        _target = target.GetLeftPart(UriPartial.Authority);
        Plan = plan;
        _server = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,

            // Node closes idle connections after five seconds; reusing one just then would be a fault that nobody planned.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
        });
    }

    /// <summary>The proxy's own <c>http://127.0.0.1:port</c>.</summary>
    public Uri Address => new(_own.Addresses[0]);

    /// <summary>May be changed while requests are running; each request asks the plan once.</summary>
    public FaultPlan Plan { get; set; }

    /// <summary>All requests so far, in order of arrival.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => _requests;

    /// <summary>How many requests got another fault than none.</summary>
    public long FaultCount => Interlocked.Read(ref _faults);

    public static async Task<FaultProxy> StartAsync(Uri target, FaultPlan? plan = null)
    {
        var proxy = new FaultProxy(target, plan ?? FaultPlans.None);
        proxy._own = await LoopbackServer.StartAsync(proxy.HandleAsync);
        return proxy;
    }

    public int Count(RequestKind kind) => _requests.Count(request => request.Kind == kind);

    public int Count(Func<ProxiedRequest, bool> matches) => _requests.Count(matches);

    /// <summary>Forgets the requests counted so far; numbers go on.</summary>
    public void ResetCounts() => _requests.Clear();

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync();
        _server.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = new ProxiedRequest(
            Interlocked.Increment(ref _number), context.Request.Method, target, ProxiedRequest.KindOf(context.Request.Method, target));
        _requests.Enqueue(request);
        var fault = Plan(request);
        if (fault is not Fault.NoFault)
        {
            Interlocked.Increment(ref _faults);
        }

        try
        {
            await ApplyAsync(fault, request, context);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // The client left, or the server did: either way the client sees a broken connection.
            context.Abort();
        }
    }

    private async Task ApplyAsync(Fault fault, ProxiedRequest request, HttpContext context)
    {
        switch (fault)
        {
            case Fault.Answered(var status):
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                await TableErrors.WriteAsync(context, request, status);
                break;
            case Fault.Silence(var forward, var hold):
                if (forward)
                {
                    // Not bound to the client: the server must see all of the request even if the client leaves.
                    using var unused = await SendAsync(request, context, CancellationToken.None);
                }

                await HoldAsync(hold, context.RequestAborted);
                context.Abort();
                break;
            case Fault.Delayed(var time):
                await HoldAsync(time, context.RequestAborted);
                await ForwardAsync(request, context);
                break;
            case Fault.Late(var come, var until):
                using (var body = new MemoryStream())
                {
                    await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                    come.TrySetResult();
                    await until;
                    await ForwardAsync(request, context, body: body.ToArray());
                }

                break;
            case Fault.Held(var answered, var until):
                await ForwardAsync(request, context, () =>
                {
                    answered.TrySetResult();
                    return until;
                });
                break;
            default:
                await ForwardAsync(request, context);
                break;
        }
    }

    private static Task HoldAsync(TimeSpan time, CancellationToken clientGone) =>
        time == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(time, clientGone);

    private async Task ForwardAsync(ProxiedRequest request, HttpContext context, Func<Task>? beforeAnswer = null, byte[]? body = null)
    {
        using var answer = await SendAsync(request, context, body is null ? context.RequestAborted : CancellationToken.None, body);
        await (beforeAnswer?.Invoke() ?? Task.CompletedTask);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !HopByHop.Contains(header.Key)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        var content = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (content.Length > 0)
        {
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(ProxiedRequest request, HttpContext context, CancellationToken cancellation, byte[]? read = null)
    {
        using var body = new MemoryStream();
        await (read is null ? context.Request.Body.CopyToAsync(body, context.RequestAborted) : body.WriteAsync(read, cancellation).AsTask());
        var asIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_target + request.Target, asIs));
        // Tokens of the SignalR service name the host that the client called.
        message.Headers.Host = context.Request.Host.Value;
        if (body.Length > 0 || context.Request.ContentLength is not null)
        {
            message.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !HopByHop.Contains(header.Key)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        var answer = await _server.SendAsync(message, cancellation);
        await answer.Content.LoadIntoBufferAsync(cancellation);
        return answer;
    }
}
