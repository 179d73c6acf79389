using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Local;
using Parley.Local.SignalRService;
using Parley.Local.Storage;
using Parley.Tests.Support;

namespace Parley.Bench.Setup;

/// <summary>What a handler needs around it: Azurite in memory with tables and queues, and the SignalR stand-in. Nothing outlives it.</summary>
internal sealed class BenchEnvironment : IAsyncDisposable
{
    private readonly AzuriteProcess _azurite;
    private readonly string _upstreamSecret = RandomNumberGenerator.GetHexString(32, lowercase: true);

    private BenchEnvironment(AzuriteProcess azurite, FaultProxy? tables, SignalRServiceEmulator signalR, ILoggerFactory loggers)
    {
        (_azurite, Tables, SignalR, Loggers) = (azurite, tables, signalR, loggers);
        var endpoints = azurite.Endpoints;
        HandlerStorage = (tables is null ? endpoints : endpoints with { Table = tables.Address }).ConnectionString;
    }

    public DemoApp App { get; } = DemoApp.Create();

    public SignalRServiceEmulator SignalR { get; }

    /// <summary>The proxy that counts requests to the table service, if one was asked for.</summary>
    public FaultProxy? Tables { get; }

    /// <summary>To standard error, warnings only.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Connection string of what the handler is given: Azurite, with the proxy before its tables if there is one.</summary>
    public string HandlerStorage { get; }

    /// <summary>The app settings of a handler.</summary>
    public IReadOnlyDictionary<string, string> AppSettings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AzureWebJobsStorage"] = HandlerStorage,
        ["SignalR__ConnectionString"] = SignalR.ConnectionString,
        ["SignalR__UpstreamSecret"] = _upstreamSecret,
        ["Bootstrap__SdkAppId"] = $"{DemoApp.SdkAppId}",
        ["Bootstrap__Secret"] = App.Secret,
        ["Bootstrap__Admins"] = DemoApp.Admin,
    };

    /// <summary>Starts it on ports that the kernel chooses.</summary>
    /// <param name="countsTables">Whether a counting proxy stands before the table service.</param>
    public static async Task<BenchEnvironment> StartAsync(bool countsTables, CancellationToken cancellation)
    {
        await NodeRuntime.FindAsync(cancellation);
        var installation = new AzuriteInstallation(Repository.AzuriteFolder);
        await installation.EnsureAsync(cancellation);
        var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        var azurite = await AzuriteProcess.StartAsync(installation, new AzuriteOptions(), cancellation);
        await StorageLayout.CreateAsync(azurite.ConnectionString, cancellation);
        var tables = countsTables ? await FaultProxy.StartAsync(azurite.Endpoints.Table) : null;
        var service = new SignalRServiceOptions { AccessKey = RandomNumberGenerator.GetHexString(64) };
        return new BenchEnvironment(azurite, tables, await SignalRServiceEmulator.StartAsync(service, loggers, cancellation), loggers);
    }

    /// <summary>Tells SignalR where the app is that hears of connections.</summary>
    public void SendUpstreamTo(Uri app) => SignalR.Upstream = [new UpstreamTemplate($"{app.GetLeftPart(UriPartial.Authority)}/upstream/{_upstreamSecret}")];

    public async ValueTask DisposeAsync()
    {
        await SignalR.DisposeAsync();
        if (Tables is not null)
        {
            await Tables.DisposeAsync();
        }

        await _azurite.DisposeAsync();
        Loggers.Dispose();
    }
}
