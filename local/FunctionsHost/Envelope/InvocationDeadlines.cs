namespace Parley.Local.FunctionsHost;

/// <summary>Enforces functionTimeout as the real host does: by ending the handler process and starting another.</summary>
internal sealed partial class InvocationDeadlines(
    HandlerSupervisor handler, TimeSpan functionTimeout, TimeProvider time, ILogger<InvocationDeadlines> logger)
{
    public InvocationDeadline Start(FunctionDefinition function, HandlerProcess process, Guid invocation, CancellationToken cancellation) =>
        new(functionTimeout, time, () =>
        {
            TimedOut(logger, functionTimeout, function.Name, invocation);
            handler.Restart(process);
        }, cancellation);

    [LoggerMessage(EventId = 9122, Level = LogLevel.Error,
        Message = "Function '{Function}' ({InvocationId}) exceeded functionTimeout {Timeout}; the handler is restarted and every invocation in it is lost")]
    private static partial void TimedOut(ILogger logger, TimeSpan timeout, string function, Guid invocationId);
}

/// <summary>The time that one invocation has left.</summary>
internal sealed class InvocationDeadline : IDisposable
{
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenRegistration _registration;

    public InvocationDeadline(TimeSpan timeout, TimeProvider time, Action onExceeded, CancellationToken cancellation)
    {
        _timeout = new CancellationTokenSource(timeout, time);
        _registration = _timeout.Token.Register(onExceeded);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _timeout.Token);
    }

    /// <summary>Cancelled by the caller or by time.</summary>
    public CancellationToken Token => _either.Token;

    public bool Exceeded => _timeout.IsCancellationRequested;

    public void Dispose()
    {
        _registration.Dispose();
        _either.Dispose();
        _timeout.Dispose();
    }
}
