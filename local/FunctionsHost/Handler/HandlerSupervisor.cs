using System.ComponentModel;

namespace Parley.Local.FunctionsHost;

/// <summary>Keeps one handler process running: starts it, waits until it answers, and starts it again by the rules of the real host.</summary>
/// <remarks>
/// Exit code 0 is a normal end and nothing follows; 200 asks for a restart; any other code, a start that fails and a process that does
/// not answer within initializationTimeout are errors, which count (<see cref="ErrorBudget"/>). A restart after functionTimeout does not.
/// Source: custom handler contract, sections 0 (point 4), 2 and 6.
/// </remarks>
internal sealed partial class HandlerSupervisor : IAsyncDisposable
{
    private const int RestartExitCode = 200;

    private readonly FunctionApp _app;
    private readonly FunctionsHostOptions _options;
    private readonly HandlerCommand _command;
    private readonly ErrorBudget _errors;
    private readonly ILogger _logger;
    private readonly ILogger _console;
    private readonly HttpMessageInvoker _http = LoopbackHttp.Create(followRedirects: false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReadyGate _gate = new();

    private HandlerProcess? _process;
    private HandlerProcess? _restartWanted;
    private Task _running = Task.CompletedTask;

    public HandlerSupervisor(FunctionApp app, FunctionsHostOptions options, ILoggerFactory loggers)
    {
        _app = app;
        _options = options;
        _command = new HandlerCommand(app);
        _errors = new ErrorBudget(options.MaxErrors, options.Time);
        _logger = loggers.CreateLogger<HandlerSupervisor>();
        _console = loggers.CreateLogger("Parley.Local.FunctionsHost.Handler");
    }

    /// <summary>A process answers. Raised from the supervising task: be brief.</summary>
    public event EventHandler<HandlerReadyEventArgs>? Ready;

    /// <summary>A process ended without being told to.</summary>
    public event EventHandler<HandlerExitedEventArgs>? Exited;

    public int? ProcessId => _process?.Id;

    /// <summary>Completes when nothing will be started any more: successfully on dispose, with an error when the host gave up.</summary>
    public Task Stopped => _stopped.Task;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>The running process, waiting while it starts, at most four times initializationTimeout.</summary>
    /// <exception cref="HandlerUnavailableException">It does not run and will not, or not in time.</exception>
    public Task<HandlerProcess> WhenReadyAsync(CancellationToken cancellation) =>
        _gate.WaitAsync(_app.Host.CustomHandler.InitializationTimeout * 4, cancellation);

    /// <summary>The running process, however long it takes: for those who have nothing to fail.</summary>
    /// <exception cref="HandlerUnavailableException">It does not run and will not.</exception>
    public Task<HandlerProcess> WhenEverReadyAsync(CancellationToken cancellation) => _gate.WaitAsync(Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Ends that process and starts another, because an invocation in it ran too long. Nothing happens if it is gone already.</summary>
    public void Restart(HandlerProcess process)
    {
        if (_process != process || Interlocked.Exchange(ref _restartWanted, process) == process)
        {
            return;
        }

        _gate.Close();
        // Its end is what the supervising task waits for.
        _ = process.StopAsync(TimeSpan.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _gate.Fail(new HandlerUnavailableException("The host has stopped."));
        _stopped.TrySetResult();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            HandlerExitedEventArgs exit;
            try
            {
                exit = await RunOnceAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }

            Log(exit);
            Exited?.Invoke(this, exit);
            if (exit.Reaction != HandlerExitReaction.Restart)
            {
                GiveUp(exit);
                return;
            }

            await PauseAsync();
        }
    }

    /// <summary>Runs one process to its end and judges it.</summary>
    private async Task<HandlerExitedEventArgs> RunOnceAsync()
    {
        HandlerProcess process;
        try
        {
            var port = _app.Host.CustomHandler.Port ?? LoopbackPort.AnyFree();
            process = HandlerProcess.Start(_command.OnPort(port), port, _app.Host.CustomHandler.UseStdErrorForErrorsOnly, _console);
        }
        catch (Win32Exception e)
        {
            return Error(null, null, $"The handler could not be started: {e.Message}");
        }

        await using (process)
        {
            try
            {
                return await SuperviseAsync(process);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(_options.StopGrace);
                throw;
            }
            finally
            {
                _gate.Close();
                _process = null;
            }
        }
    }

    private async Task<HandlerExitedEventArgs> SuperviseAsync(HandlerProcess process)
    {
        _process = process;
        var timeout = _app.Host.CustomHandler.InitializationTimeout;
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
        {
            deadline.CancelAfter(timeout);
            try
            {
                if (await process.AnswersAsync(_http, deadline.Token))
                {
                    Announce(process);
                }
            }
            catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
            {
                return Error(process, null, $"The handler did not answer on {process.Address} within {timeout}.");
            }
        }

        return Judge(process, await process.Exited.WaitAsync(_stopping.Token));
    }

    private HandlerExitedEventArgs Judge(HandlerProcess process, int exitCode)
    {
        if (_restartWanted == process)
        {
            return new HandlerExitedEventArgs(process.Id, null, HandlerExitReaction.Restart, "Ended because an invocation exceeded functionTimeout.");
        }

        return exitCode switch
        {
            0 => new HandlerExitedEventArgs(process.Id, 0, HandlerExitReaction.LeaveStopped, "The handler ended with code 0, after which the host does not start it again."),
            RestartExitCode => new HandlerExitedEventArgs(process.Id, exitCode, HandlerExitReaction.Restart, "The handler asked for a restart."),
            _ => Error(process, exitCode, $"The handler ended with code {exitCode}. {process.LastErrors}".TrimEnd()),
        };
    }

    private HandlerExitedEventArgs Error(HandlerProcess? process, int? exitCode, string reason) =>
        new(process?.Id, exitCode, _errors.TrySpend() ? HandlerExitReaction.Restart : HandlerExitReaction.GiveUp, reason);

    private void Announce(HandlerProcess process)
    {
        _gate.Open(process);
        HandlerReady(_logger, process.Id, process.Address);
        Ready?.Invoke(this, new HandlerReadyEventArgs(process.Id, process.Address));
    }

    private void GiveUp(HandlerExitedEventArgs exit)
    {
        var error = new HandlerUnavailableException(exit.Reason);
        _gate.Fail(error);
        if (exit.Reaction == HandlerExitReaction.GiveUp)
        {
            _stopped.TrySetException(error);
            // The local program may watch it or not.
            _ = _stopped.Task.Exception;
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(_errors.Pause(_options.RestartBackoff), _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposed: the loop ends by itself.
        }
    }

    private void Log(HandlerExitedEventArgs exit)
    {
        if (exit.Reaction == HandlerExitReaction.Restart)
        {
            HandlerRestarts(_logger, exit.ProcessId, exit.Reason);
        }
        else
        {
            HandlerStaysDown(_logger, exit.ProcessId, exit.Reason);
        }
    }

    [LoggerMessage(EventId = 9100, Level = LogLevel.Information, Message = "Handler process {ProcessId} answers on {Address}")]
    private static partial void HandlerReady(ILogger logger, int processId, Uri address);

    [LoggerMessage(EventId = 9101, Level = LogLevel.Warning, Message = "Handler process {ProcessId} is started again: {Reason}")]
    private static partial void HandlerRestarts(ILogger logger, int? processId, string reason);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Error, Message = "Handler process {ProcessId} is not started again: {Reason}")]
    private static partial void HandlerStaysDown(ILogger logger, int? processId, string reason);
}
