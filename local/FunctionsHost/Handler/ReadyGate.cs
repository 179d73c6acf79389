namespace Parley.Local.FunctionsHost;

/// <summary>Where invocations wait for a process that answers: open while one does, closed between two, failed when none will follow.</summary>
internal sealed class ReadyGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<HandlerProcess> _opened = NewSource();

    /// <exception cref="HandlerUnavailableException">It failed, or did not open in time.</exception>
    public async Task<HandlerProcess> WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            return await _opened.Task.WaitAsync(atMost, cancellation);
        }
        catch (TimeoutException e)
        {
            throw new HandlerUnavailableException("The handler did not become ready in time.", e);
        }
    }

    public void Open(HandlerProcess process)
    {
        lock (_lock)
        {
            _opened.TrySetResult(process);
        }
    }

    /// <summary>From here on invocations wait for the next process.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_opened.Task.IsCompletedSuccessfully)
            {
                _opened = NewSource();
            }
        }
    }

    public void Fail(HandlerUnavailableException error)
    {
        Close();
        _opened.TrySetException(error);
        // Whether anybody waits for it is chance; seen here, it is nobody's unobserved error.
        _ = _opened.Task.Exception;
    }

    private static TaskCompletionSource<HandlerProcess> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
