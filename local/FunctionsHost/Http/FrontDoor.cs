using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Parley.Local.FunctionsHost;

/// <summary>The web server of the host: CORS, its own paths, then the functions by route and method.</summary>
/// <remarks>What matches no function is 404, a wrong method too.</remarks>
internal sealed class FrontDoor : IAsyncDisposable
{
    private const long MaxBodyBytes = 100 * 1024 * 1024;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly WebApplication _web;

    private FrontDoor(WebApplication web) => _web = web;

    public Uri Endpoint => new(_web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FrontDoor> StartAsync(
        FunctionApp app, int port, AdminApi admin, HttpInvoker http, ILoggerFactory loggers, CancellationToken hostStopping, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var web = builder.Build();
        web.Use(next => context => CrossOrigin.Apply(context, next));
        web.Use(next => context => AdminApi.Owns(context.Request.Path) ? admin.HandleAsync(context, hostStopping) : next(context));
        web.UseRouting();
        web.Use(next => context => IsFunction(context) ? next(context) : NotFound(context));
        foreach (var function in app.Functions.Where(function => function.Trigger is HttpTrigger))
        {
            Map(web, app.Host.RoutePrefix, function, http);
        }

        await web.StartAsync(cancellation);
        return new FrontDoor(web);
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(StopGrace);
        await _web.StopAsync(deadline.Token);
        await _web.DisposeAsync();
    }

    private static void Map(WebApplication web, string prefix, FunctionDefinition function, HttpInvoker http)
    {
        var trigger = (HttpTrigger)function.Trigger;
        var template = RoutePatternFactory.Parse(prefix.Length == 0 ? trigger.Route : $"{prefix}/{trigger.Route}");
        RequestDelegate handle = context => http.HandleAsync(function, context);
        var endpoint = trigger.Methods.Count == 0 ? web.Map(template, handle) : web.Map(template, handle).WithMetadata(new HttpMethodMetadata(trigger.Methods));
        endpoint.WithMetadata(function);
    }

    // Routing answers a known path with a wrong method by an endpoint of its own, which is not a function.
    private static bool IsFunction(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<FunctionDefinition>() is not null;

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
