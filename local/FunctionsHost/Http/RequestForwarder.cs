using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace Parley.Local.FunctionsHost;

/// <summary>enableForwardingHttpRequest without proxying: a rebuilt copy of the request, and a response that is read whole first.</summary>
/// <remarks>
/// A body without Content-Length is answered 500 and never reaches the handler; repeated query keys are joined by commas; the client's Host
/// stays; User-Agent is extended. Source: custom handler contract, sections 3b and 10.
/// </remarks>
internal sealed class RequestForwarder : IDisposable
{
    private readonly HttpMessageInvoker _http = LoopbackHttp.Create(followRedirects: false);

    public async Task SendAsync(FunctionDefinition function, HttpContext context, HandlerProcess process, Guid invocation, CancellationToken cancellation)
    {
        if (context.Request.Headers.TransferEncoding.Count > 0)
        {
            throw new InvocationFailedException($"function '{function.Name}': in forwarding mode a request body needs a Content-Length");
        }

        try
        {
            using var request = Copy(context, process, invocation);
            using var answer = await _http.SendAsync(request, cancellation);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
            await WriteAsync(context, answer, body, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new InvocationFailedException($"function '{function.Name}' could not be forwarded: {e.Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Copy(HttpContext context, HandlerProcess process, Guid invocation)
    {
        var source = context.Request;
        var rawPath = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        var path = rawPath.StartsWith('/') ? rawPath : UriHelper.BuildRelative(path: source.Path);
        var address = process.Address.GetLeftPart(UriPartial.Authority) + path + JoinRepeated(source.QueryString.Value);
        var request = new HttpRequestMessage(
            new HttpMethod(source.Method), new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (source.ContentLength > 0)
        {
            request.Content = new StreamContent(source.Body);
        }

        foreach (var (name, values) in source.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        var agent = $"{source.Headers.UserAgent} {HostHeaders.UserAgent}/{HostHeaders.Version}".Trim();
        Set("User-Agent", agent);
        Set(HostHeaders.InvocationId, invocation.ToString());
        Set(HostHeaders.HostVersion, HostHeaders.Version);
        return request;

        void Set(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary><c>?a=1&amp;b=2&amp;a=3</c> becomes <c>?a=1,3&amp;b=2</c>; the encoding stays.</summary>
    private static string JoinRepeated(string? query)
    {
        if (string.IsNullOrEmpty(query))
        {
            return "";
        }

        var pairs = query[1..].Split('&')
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => pair[0])
            .Select(group => group.Any(pair => pair.Length > 1)
                ? $"{group.Key}={string.Join(',', group.Select(pair => pair.ElementAtOrDefault(1) ?? ""))}"
                : group.Key);
        return "?" + string.Join('&', pairs);
    }

    private static async Task WriteAsync(HttpContext context, HttpResponseMessage answer, byte[] body, CancellationToken cancellation)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        if (body.Length > 0)
        {
            await response.Body.WriteAsync(body, cancellation);
        }
    }
}
