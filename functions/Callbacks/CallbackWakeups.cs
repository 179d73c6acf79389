using System.Diagnostics;
using Parley.Delivery;
using Parley.Telemetry;

namespace Parley.Callbacks;

/// <summary>
/// Puts jobs for streams that have got callbacks into the work queue, beside the requests. The first at once; what comes to the same stream within half a second
/// shares one more.
/// </summary>
/// <remarks>A lost job costs time, not callbacks: the sweep finds what waits for long.</remarks>
public sealed partial class CallbackWakeups : IHostedService, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<CallbackStream, bool> _woken = [];
    private readonly IWorkQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping;
    private readonly CancellationToken _isStopping;

    public CallbackWakeups(IWorkQueue queue, TimeProvider time, ILogger<CallbackWakeups> logger)
    {
        (_queue, _time, _logger) = (queue, time, logger);
        _stopping = new CancellationTokenSource();
        _isStopping = _stopping.Token;
    }

    /// <summary>Has a stream's callbacks sent; returns at once and never throws.</summary>
    /// <param name="origin">The span of the event; of several that share a job, the job goes on in the trace of the first.</param>
    public void Wake(CallbackStream stream, ActivityContext origin = default)
    {
        lock (_gate)
        {
            if (!_woken.TryAdd(stream, false))
            {
                _woken[stream] = true;
                return;
            }
        }

        _ = Task.Run(() => EnqueueAsync(stream, origin));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Has the jobs that still wait put into the queue.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        var began = Stopwatch.GetTimestamp();
        while (IsBusy() && Stopwatch.GetElapsedTime(began) < FlushTime)
        {
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private bool IsBusy()
    {
        lock (_gate)
        {
            return _woken.Count > 0;
        }
    }

    private async Task EnqueueAsync(CallbackStream stream, ActivityContext origin)
    {
        do
        {
            await EnqueueOnceAsync(stream, origin);
            origin = default;
            await Task.Delay(Pause, _time, _isStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (TakeAgain(stream));
    }

    private async Task EnqueueOnceAsync(CallbackStream stream, ActivityContext origin)
    {
        using var span = ParleyTracing.Start("wake callbacks", ActivityKind.Internal, [origin]);
        try
        {
            await _queue.EnqueueAsync(CallbackJob.Of(stream), CancellationToken.None);
        }
        catch (Exception e)
        {
            NotQueued(_logger, stream.Table, e.Message);
        }
    }

    // Whether it was woken again meanwhile.
    private bool TakeAgain(CallbackStream stream)
    {
        lock (_gate)
        {
            if (_woken.Remove(stream, out var isAgain) && isAgain)
            {
                _woken[stream] = false;
                return true;
            }

            return false;
        }
    }

    [LoggerMessage(EventId = 8110, Level = LogLevel.Warning, Message = "Callbacks of a partition of {Table} wait for the sweep: the work queue did not take their job: {Reason}")]
    private static partial void NotQueued(ILogger logger, string table, string reason);
}
