using Azure;
using Parley.Local.Commands;
using Parley.Local.FunctionsHost;
using Parley.Local.Storage;

namespace Parley.Local;

/// <summary>The parts of one environment: storage, SignalR, the Functions host with the handler. Started in this order, ended in the other.</summary>
internal sealed class RunningEnvironment(CommandLine line, DataFolder folder, RunReport report, ILoggerFactory loggers, TimeProvider time) : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private AzuriteProcess? _azurite;
    private LocalServers? _servers;
    private LocalSettings? _settings;

    /// <summary>Completes with the reason when a part dies that nothing restarts.</summary>
    public Task<string> WhenBrokenAsync(CancellationToken cancellation) => _broken.Task.WaitAsync(cancellation);

    /// <summary>Starts all parts, seeds the demo app, writes <c>local.json</c> and prints how to go on.</summary>
    /// <exception cref="StartFailedException">A part did not start; the message says which and why.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var appFolder = FindAppFolder();
        var app = folder.FindOrCreateApp();
        try
        {
            _azurite = await new LocalStorage(folder.Azurite, line.Shards, report).StartAsync(cancellation);
            ChildRecord.WriteAll(folder, [_azurite.ProcessId]);
            WatchAzurite(_azurite);
            await StorageLayout.CreateAsync(_azurite.ConnectionString, cancellation);
            var shards = LocalStorage.FurtherAccounts(line.Shards).Select(_azurite.Endpoints.ConnectionStringOf).ToList();
            foreach (var shard in shards)
            {
                await StorageLayout.CreateShardAsync(shard, cancellation);
            }

            var options = new LocalServersOptions(appFolder, line.ApiPort, line.MaxCrashes, _azurite.ConnectionString, shards, app);
            _servers = await LocalServers.StartAsync(options, report, loggers, cancellation);
            WatchHandler(_servers.Host);

            var api = new DemoApi(_servers.Host.Endpoint, app, time);
            await report.StepAsync("Importing the demo accounts", () => api.ImportAccountsAsync(cancellation), names => $"Demo accounts: {names}");
            Announce(_azurite, shards, _servers, app);
            Invite(_servers.Host.Endpoint, app, api);
        }
        catch (Exception e) when (e is InvalidFunctionAppException or HandlerUnavailableException or RequestFailedException or IOException)
        {
            throw new StartFailedException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _settings = null;
            folder.RemoveSettings();
        }

        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }

        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }
    }

    private string FindAppFolder()
    {
        var appFolder = Path.GetFullPath(line.AppFolder ?? Repository.DefaultAppFolder);
        return File.Exists(Path.Combine(appFolder, "host.json"))
            ? appFolder
            : throw new StartFailedException($"{appFolder} holds no host.json. Build the app ('dotnet build functions'), or name a published folder with --app.");
    }

    private void WatchAzurite(AzuriteProcess azurite) => _ = azurite.WaitForExitAsync(CancellationToken.None).ContinueWith(
        ended => _broken.TrySetResult($"Azurite, the storage emulator, ended with code {ended.Result}. {azurite.LastErrors}".TrimEnd()),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion,
        TaskScheduler.Default);

    private void WatchHandler(FunctionsHostEmulator host)
    {
        host.HandlerExited += (_, exit) =>
        {
            if (exit.Reaction != HandlerExitReaction.Restart)
            {
                _broken.TrySetResult(exit.Reason);
            }
            else
            {
                report.Note($"{exit.Reason} It is started again.");
            }
        };
        host.HandlerReady += (_, start) => WriteHandler(start.ProcessId);
        _ = host.Stopped.ContinueWith(
            stopped => _broken.TrySetResult(stopped.Exception!.GetBaseException().Message),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    private void Announce(AzuriteProcess azurite, List<string> shards, LocalServers servers, DemoApp app)
    {
        var (api, signalr) = (Address(servers.Host.Endpoint), Address(servers.SignalR.Endpoint));
        lock (_lock)
        {
            _settings = new LocalSettings(api, DemoApp.SdkAppId, app.Secret, DemoApp.Admin, signalr, azurite.ConnectionString, 0, shards.Count > 0 ? shards : null);
        }

        WriteHandler(servers.Host.HandlerProcessId);
    }

    /// <summary>Does nothing before everything answers, and after the end has begun.</summary>
    private void WriteHandler(int? processId)
    {
        lock (_lock)
        {
            if (_settings is not null && processId is { } pid && pid != _settings.HandlerPid)
            {
                _settings = _settings with { HandlerPid = pid };
                ChildRecord.WriteAll(folder, [_azurite!.ProcessId, pid]);
                _settings.Write(folder.Settings);
            }
        }
    }

    private void Invite(Uri endpoint, DemoApp app, DemoApi api)
    {
        var data = line.DataFolder is null ? "" : $" --data '{folder.Path}'";
        report.Heading("Parley is running. Ctrl+C stops it.");
        RunReport.Verbatim($"API        {Address(endpoint)}/v4/  sdkappid {DemoApp.SdkAppId}, administrator '{DemoApp.Admin}'");
        RunReport.Verbatim($"Settings   {folder.Settings}");
        RunReport.Verbatim($"Log        {folder.Log}");
        RunReport.Verbatim($"UserSig    {app.Sign(DemoApp.Admin, time)}");
        report.Heading("Watch what Alice receives, in another terminal:");
        RunReport.Verbatim($"dotnet run --project local -- watch alice{data}");
        report.Heading("Send her a message:");
        RunReport.Verbatim(api.SendCommand());
    }

    private static string Address(Uri uri) => uri.GetLeftPart(UriPartial.Authority);
}
