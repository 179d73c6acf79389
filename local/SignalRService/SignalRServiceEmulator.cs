using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Parley.Local.SignalRService.Clients;
using Parley.Local.SignalRService.Hubs;
using Parley.Local.SignalRService.Rest;
using Parley.Local.SignalRService.Tokens;
using Parley.Local.SignalRService.Upstream;

namespace Parley.Local.SignalRService;

/// <summary>
/// A stand-in for Azure SignalR Service in serverless mode on a loopback port: client endpoint for the official clients (WebSockets,
/// server-sent events, long polling; JSON and MessagePack), REST data plane 2022-06-01, upstream calls.
/// <code>
/// await using var service = await SignalRServiceEmulator.StartAsync(new() { AccessKey = key, Upstream = [new(url)] }, loggers, stop);
/// service.ConnectionString   // Endpoint=http://127.0.0.1:40123;AccessKey=…;Version=1.0;
/// </code>
/// </summary>
/// <remarks>
/// It checks audiences, expiry, api-version, names and sizes, which Microsoft's emulator does not, so that tests find such mistakes.
/// Several can run in one process; nothing is shared and nothing is stored. Known differences to the service: no throttling, no message
/// quota, no server connections; Entra tokens count only where the options say whose.
/// Source: swagger V20220601 and emulator of repository Azure/azure-signalr, documents "Upstream endpoints" and "REST API reference".
/// </remarks>
public sealed class SignalRServiceEmulator : IAsyncDisposable
{
    private const int LongestHeaders = 16 * 1024;

    private readonly WebApplication _app;
    private readonly UpstreamRules _rules;

    private SignalRServiceEmulator(WebApplication app, SignalRServiceOptions options)
    {
        _app = app;
        _rules = app.Services.GetRequiredService<UpstreamRules>();
        Counters = app.Services.GetRequiredService<ServiceCounters>();
        Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        ConnectionString = $"Endpoint={Endpoint.GetLeftPart(UriPartial.Authority)};AccessKey={options.AccessKey};Version=1.0;";
    }

    public Uri Endpoint { get; }

    public string ConnectionString { get; }

    public ServiceCounters Counters { get; }

    /// <summary>All keys that were lent to identities.</summary>
    internal IEnumerable<string> LentKeys => _app.Services.GetRequiredService<AccessKeys>().Lent;

    /// <summary>The upstream rules; a new list takes effect with the next event.</summary>
    public IReadOnlyList<UpstreamTemplate> Upstream
    {
        get => _rules.Templates;
        set => _rules.Templates = value;
    }

    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<SignalRServiceEmulator> StartAsync(
        SignalRServiceOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var app = Build(options, loggers);
        try
        {
            await app.StartAsync(cancellation);
            return new SignalRServiceEmulator(app, options);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all connections and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(SignalRServiceOptions options, ILoggerFactory loggers)
    {
        // Empty: neither settings files nor the environment of the surrounding program may change it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.Limits.MaxRequestHeadersTotalSize = LongestHeaders;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRouting().AddCors();
        builder.Services.AddConnections(connections => connections.DisconnectTimeout = options.ClientTimeout);
        AddService(builder.Services, options);

        var app = builder.Build();
        app.UseCors(cors => cors.SetIsOriginAllowed(_ => true).AllowCredentials().AllowAnyHeader().AllowAnyMethod());
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/client", StringComparison.OrdinalIgnoreCase),
            client => client.Use(app.Services.GetRequiredService<ClientGate>().InvokeAsync));
        app.UseRouting();
        app.MapConnectionHandler<ClientConnectionHandler>("/client", transport => transport.TransportSendTimeout = options.ClientTimeout);
        app.MapGet("/_local/counters", CountersAsync);
        app.MapGet("/api/v1/auth/accessKey", context => app.Services.GetRequiredService<KeyLending>().InvokeAsync(context));
        app.Map("/api/{**path}", context => app.Services.GetRequiredService<RestApi>().InvokeAsync(context));
        return app;
    }

    private static void AddService(IServiceCollection services, SignalRServiceOptions options) => services
        .AddSingleton(options)
        .AddSingleton(new AccessKeys(options))
        .AddSingleton(new UpstreamRules(options.Upstream))
        .AddSingleton(options.Time)
        .AddSingleton<ServiceCounters>()
        .AddSingleton<TokenReader>()
        .AddSingleton<EstablishedConnections>()
        .AddSingleton<HubRegistry>()
        .AddSingleton<UpstreamCaller>()
        .AddSingleton<ClientGate>()
        .AddSingleton<ClientMessageLoop>()
        .AddSingleton<RestCheck>()
        .AddSingleton<KeyLending>()
        .AddSingleton<RestApi>();

    private static Task CountersAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(context.RequestServices.GetRequiredService<ServiceCounters>().ToJson(), context.RequestAborted);
    }
}
