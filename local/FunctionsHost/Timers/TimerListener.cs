using System.Text.Json.Nodes;
using Azure;

namespace Parley.Local.FunctionsHost;

/// <summary>Runs one timer function on its schedule.</summary>
/// <remarks>
/// A monitored timer that missed its time while the host was away runs at once with IsPastDue; runOnStartup runs otherwise. Schedules below
/// one minute are never monitored. One instance only is assumed, so there is no lease. Source: custom handler contract, section 5.
/// </remarks>
internal sealed partial class TimerListener(
    FunctionDefinition function, TimerStatusBlobs blobs, EnvelopeInvoker invoker, TimeProvider time, ILogger<TimerListener> logger)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(24);

    private readonly TimerTrigger _trigger = (TimerTrigger)function.Trigger;
    private readonly bool _monitored = ((TimerTrigger)function.Trigger).UseMonitor
        && !((TimerTrigger)function.Trigger).Schedule.IsBelowOneMinute(time.GetUtcNow());

    private TimerStatus _status = new(default, default, default);
    private bool _missedOne;

    /// <summary>Finds out when to run next, and whether an occurrence was missed.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var known = _monitored ? await ReadAsync(cancellation) : null;
        if (known is null)
        {
            _status = new TimerStatus(default, _trigger.Schedule.Next(now), default);
            await RememberAsync(_status with { LastUpdated = now }, cancellation);
            return;
        }

        // The schedule may have been edited since: what counts is its next time after the last run, or after it was first seen.
        var next = _trigger.Schedule.Next(known.Last == default ? known.LastUpdated : known.Last);
        _status = known with { Next = next };
        _missedOne = now > next;
    }

    /// <summary>Runs until cancelled. Start it first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            if (_missedOne)
            {
                await InvokeAsync(isPastDue: true, stopping);
            }
            else if (_trigger.RunOnStartup)
            {
                await InvokeAsync(isPastDue: false, stopping);
            }

            while (true)
            {
                await WaitUntilAsync(_status.Next, stopping);
                await InvokeAsync(isPastDue: false, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is being disposed.
        }
    }

    /// <summary>The trigger's value: an object, not text in JSON.</summary>
    public JsonObject Payload(bool isPastDue) => new()
    {
        ["Schedule"] = new JsonObject { ["AdjustForDST"] = _trigger.Schedule.AdjustForDst },
        ["ScheduleStatus"] = _monitored
            ? new JsonObject { ["Last"] = _status.Last, ["Next"] = _status.Next, ["LastUpdated"] = _status.LastUpdated }
            : null,
        ["IsPastDue"] = isPastDue,
    };

    private async Task InvokeAsync(bool isPastDue, CancellationToken cancellation)
    {
        var started = time.GetUtcNow();
        try
        {
            await invoker.InvokeAsync(function, Payload(isPastDue), [], cancellation);
        }
        catch (Exception e) when (e is InvocationFailedException or HandlerUnavailableException)
        {
            Failed(logger, function.Name, e.Message);
        }

        _status = new TimerStatus(started, _trigger.Schedule.Next(started), started);
        await RememberAsync(_status, cancellation);
    }

    private async Task WaitUntilAsync(DateTimeOffset due, CancellationToken cancellation)
    {
        while (due - time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left < LongestDelay ? left : LongestDelay, time, cancellation);
        }
    }

    private async Task<TimerStatus?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await blobs.ReadAsync(function.Name, cancellation);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            NotStored(logger, function.Name, e.Message);
            return null;
        }
    }

    private async Task RememberAsync(TimerStatus status, CancellationToken cancellation)
    {
        if (!_monitored)
        {
            return;
        }

        try
        {
            await blobs.WriteAsync(function.Name, status, cancellation);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            NotStored(logger, function.Name, e.Message);
        }
    }

    [LoggerMessage(EventId = 9145, Level = LogLevel.Error, Message = "Timer function '{Function}' failed: {Reason}")]
    private static partial void Failed(ILogger logger, string function, string reason);

    [LoggerMessage(EventId = 9146, Level = LogLevel.Warning, Message = "The last run of timer function '{Function}' could not be read or stored: {Reason}")]
    private static partial void NotStored(ILogger logger, string function, string reason);
}
