using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Parley.Local.FunctionsHost;
using Parley.Local.SignalRService;

namespace Parley.Local;

/// <summary>The SignalR stand-in and the Functions-host stand-in, each told of the other's address.</summary>
internal sealed class LocalServers(SignalRServiceEmulator signalr, FunctionsHostEmulator host) : IAsyncDisposable
{
    private const int SignalRPort = 8888;
    private const int PortAttempts = 3;

    public SignalRServiceEmulator SignalR => signalr;

    public FunctionsHostEmulator Host => host;

    /// <summary>Starts both. A port lost to another program between its choice and its use makes it choose again.</summary>
    public static async Task<LocalServers> StartAsync(LocalServersOptions options, RunReport report, ILoggerFactory loggers, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnceAsync(options, report, loggers, cancellation);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException && attempt < PortAttempts)
            {
                // Choose again.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await signalr.DisposeAsync();
    }

    private static async Task<LocalServers> StartOnceAsync(LocalServersOptions options, RunReport report, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var apiPort = LoopbackPort.FreeOr(options.ApiPort);
        var secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var service = new SignalRServiceOptions
        {
            Port = LoopbackPort.FreeOr(SignalRPort),
            AccessKey = RandomNumberGenerator.GetHexString(64),
            Upstream = [new UpstreamTemplate($"http://127.0.0.1:{apiPort}/upstream/{secret}")],
        };
        var signalr = await report.StepAsync(
            "Starting SignalR", () => SignalRServiceEmulator.StartAsync(service, loggers, cancellation), started => $"SignalR on {started.Endpoint.Authority}");
        try
        {
            report.SayIfReplaced("SignalR", SignalRPort, signalr.Endpoint);
            var host = await report.StepAsync(
                "Starting the Functions host and the handler",
                () => FunctionsHostEmulator.StartAsync(HostOptions(options, apiPort, signalr.ConnectionString, secret), loggers, cancellation),
                started => $"API on {started.Endpoint.Authority}");
            report.SayIfReplaced("the API", options.ApiPort, host.Endpoint);
            return new LocalServers(signalr, host);
        }
        catch
        {
            await signalr.DisposeAsync();
            throw;
        }
    }

    private static FunctionsHostOptions HostOptions(LocalServersOptions options, int apiPort, string signalr, string upstreamSecret) => new()
    {
        AppFolder = options.AppFolder,
        Port = apiPort,
        StorageConnectionString = options.Storage,
        MaxErrors = options.MaxCrashes,
        AppSettings = new Dictionary<string, string>(
            options.Shards.Index().Select(shard => KeyValuePair.Create($"Storage__Shards__{shard.Index}__ConnectionString", shard.Item)), StringComparer.Ordinal)
        {
            ["AzureWebJobsStorage"] = options.Storage,
            ["SignalR__ConnectionString"] = signalr,
            ["SignalR__UpstreamSecret"] = upstreamSecret,
            ["Bootstrap__SdkAppId"] = $"{DemoApp.SdkAppId}",
            ["Bootstrap__Secret"] = options.App.Secret,
            ["Bootstrap__Admins"] = DemoApp.Admin,
            ["Callbacks__AllowsPrivateAddresses"] = "true",
        },
    };
}

/// <summary>What the two servers are started with.</summary>
/// <param name="AppFolder">The app to run, as it is deployed.</param>
/// <param name="ApiPort">The wanted port of the API.</param>
/// <param name="MaxCrashes">The host gives up at this many crashes of the handler.</param>
/// <param name="Storage">Connection string.</param>
/// <param name="Shards">Connection strings of further storage accounts.</param>
/// <param name="App">The demo app.</param>
internal sealed record LocalServersOptions(string AppFolder, int ApiPort, int MaxCrashes, string Storage, IReadOnlyList<string> Shards, DemoApp App);
