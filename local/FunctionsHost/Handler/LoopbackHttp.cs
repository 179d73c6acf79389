using System.Net;

namespace Parley.Local.FunctionsHost;

/// <summary>HTTP to the handler: nothing between, nothing remembered, nothing changed on the way.</summary>
internal static class LoopbackHttp
{
    public static HttpMessageInvoker Create(bool followRedirects) => new(Handler(followRedirects));

    public static SocketsHttpHandler Handler(bool followRedirects) => new()
    {
        AllowAutoRedirect = followRedirects,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
    };
}
