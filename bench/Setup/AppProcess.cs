using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Parley.Local;
using Parley.Local.FunctionsHost;

namespace Parley.Bench.Setup;

/// <summary>The handler that is measured: started like the Functions host starts it, alone or behind the host's stand-in.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly IAsyncDisposable _owner;

    private AppProcess(IAsyncDisposable owner, Uri address, int processId) => (_owner, Address, ProcessId) = (owner, address, processId);

    /// <summary>Where the API is.</summary>
    public Uri Address { get; }

    public int ProcessId { get; }

    /// <summary>A <see cref="Stopwatch.GetTimestamp"/> of just before the process was started; 0 behind the host stand-in.</summary>
    public long LaunchedAt { get; private init; }

    /// <summary>Starts the executable without waiting for anything. It ends with this process, however that ends.</summary>
    public static AppProcess Launch(string folder, BenchEnvironment environment)
    {
        var app = FunctionApp.Read(folder, new AppSettings(environment.AppSettings, environment.HandlerStorage));
        var port = LoopbackPort.AnyFree();
        var command = new HandlerCommand(app).OnPort(port);
        var logger = environment.Loggers.CreateLogger<AppProcess>();
        var launchedAt = Stopwatch.GetTimestamp();
        var process = HandlerProcess.Start(command, port, stdErrorIsErrors: true, logger);
        return new AppProcess(process, process.Address, process.Id) { LaunchedAt = launchedAt };
    }

    /// <summary>Starts the executable and waits until it answers.</summary>
    public static async Task<AppProcess> StartAsync(string folder, BenchEnvironment environment, CancellationToken cancellation)
    {
        var process = Launch(folder, environment);
        using var http = new HttpClient();
        await process.WhenAnswersAsync(http, ReadyPoll, cancellation);
        environment.SendUpstreamTo(process.Address);
        return process;
    }

    /// <summary>Starts the executable behind the Functions host stand-in, which also runs the timer and the queue trigger.</summary>
    public static async Task<AppProcess> StartHostedAsync(string folder, BenchEnvironment environment, CancellationToken cancellation)
    {
        var options = new FunctionsHostOptions { AppFolder = folder, StorageConnectionString = environment.HandlerStorage, AppSettings = environment.AppSettings };
        var host = await FunctionsHostEmulator.StartAsync(options, environment.Loggers, cancellation);
        environment.SendUpstreamTo(host.Endpoint);
        return new AppProcess(host, host.Endpoint, host.HandlerProcessId!.Value);
    }

    /// <summary>The app folder that the command line names, else the ordinary build.</summary>
    public static string Folder(string? named)
    {
        var folder = Path.GetFullPath(named ?? Repository.DefaultAppFolder);
        return File.Exists(Path.Combine(folder, "host.json"))
            ? folder
            : throw new BenchException($"{folder} holds no host.json. Name a published app folder with --app.");
    }

    /// <summary>Asks for <c>/</c> until there is an answer, of whatever status: what the host does.</summary>
    public async Task WhenAnswersAsync(HttpClient http, TimeSpan poll, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(Address, deadline.Token);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(poll, deadline.Token);
            }
        }
    }

    public ProcessFigures Figures() => ProcessFigures.Of(ProcessId);

    public ValueTask DisposeAsync() => _owner.DisposeAsync();
}
