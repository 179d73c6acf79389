using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Parley.Connections;
using Parley.Local.SignalRService;

namespace Parley.Tests.Support;

/// <summary>The upstream end of an <see cref="AppInstance"/> on a loopback port, so that a SignalR stand-in can tell it of its connections.</summary>
internal sealed class UpstreamHost : IAsyncDisposable
{
    private readonly WebApplication _host;

    private UpstreamHost(WebApplication host) => _host = host;

    public UpstreamTemplate Template => new($"{_host.Urls.Single()}/upstream/{AppInstance.UpstreamSecret}");

    public static async Task<UpstreamHost> StartAsync(AppInstance app)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = builder.Build();
        host.MapPost("/upstream/{secret}", (RequestDelegate)(http => app.Get<Upstream>().HandleAsync(http)));
        await host.StartAsync();
        return new UpstreamHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
    }
}
