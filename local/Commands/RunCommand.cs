using Spectre.Console;

namespace Parley.Local.Commands;

/// <summary>Starts an environment, keeps it until it is told to stop or breaks, and ends all of it.</summary>
/// <remarks>Exit code: 0 after a signal, 1 when something could not start or died.</remarks>
internal sealed class RunCommand(CommandLine line, DataFolder folder, TimeProvider time)
{
    // A terminal's Ctrl+C reaches the children as well; their ends may be seen before the signal is.
    private static readonly TimeSpan SignalLag = TimeSpan.FromMilliseconds(500);
    private readonly RunReport _report = new(AnsiConsole.Console);

    public async Task<int> RunAsync(CancellationToken stop)
    {
        using var exclusive = folder.Lock();
        try
        {
            folder.RemoveSettings();
            await ChildRecord.EndLeftoversAsync(folder, stop);
            DropIfFresh();
            await RunEnvironmentAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop: the one good end.
        }
        catch (StartFailedException e) when (!IsToldToStop(stop))
        {
            _report.Failure(e.Message);
            _report.Note($"Everything else was stopped. The log is {folder.Log}");
            return 1;
        }
        catch (StartFailedException)
        {
            // A child that heard the signal first.
        }

        _report.Note("Stopped.");
        return 0;
    }

    private static bool IsToldToStop(CancellationToken stop) => stop.WaitHandle.WaitOne(SignalLag);

    private async Task RunEnvironmentAsync(CancellationToken stop)
    {
        using var loggers = CreateLoggers();
        var environment = new RunningEnvironment(line, folder, _report, loggers, time);
        try
        {
            await KeepAsync(environment, stop);
        }
        finally
        {
            folder.RemoveSettings();
            await environment.DisposeAsync();
            ChildRecord.Forget(folder);
        }
    }

    /// <summary>Starts the environment and waits: ends with the reason why it broke, or as cancelled.</summary>
    private static async Task KeepAsync(RunningEnvironment environment, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var breakage = environment.WhenBrokenAsync(ending.Token);
        var start = environment.StartAsync(ending.Token);
        if (await Task.WhenAny(start, breakage) == start)
        {
            await start;
        }

        var reason = await breakage;
        await ending.CancelAsync();
        await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new StartFailedException(reason);
    }

    private void DropIfFresh()
    {
        if (line.IsFresh)
        {
            folder.Drop();
            _report.Note($"Dropped the data in {folder.Path}");
        }
    }

    private ILoggerFactory CreateLoggers() => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Warning);
        logging.AddProvider(new FileLoggerProvider(folder.Log, time));
    });
}
