using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Parley.Tests.Support;

/// <summary>A real HTTP server on loopback ports that the kernel chose. When it ends it waits for no request.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app) => _app = app;

    /// <summary>One for each of the protocols.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Urls];

    /// <param name="handle">Answers every request.</param>
    /// <param name="protocols">What is spoken at each port; HTTP/1.1 at a single one if not given.</param>
    public static async Task<LoopbackServer> StartAsync(RequestDelegate handle, params HttpProtocols[] protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var protocol in protocols.DefaultIfEmpty(HttpProtocols.Http1))
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol);
            }
        });
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new LoopbackServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
