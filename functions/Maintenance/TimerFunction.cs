using Parley.Delivery;
using Parley.History;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Maintenance;

/// <summary>The timer-triggered function <c>timer</c>.</summary>
/// <remarks>Whatever fails is left to the next run, and does not keep the rest from being done.</remarks>
public sealed partial class TimerFunction(
    TableLayouts layouts, LayoutMigrator migrator, Sweep sweep, StatisticsSweep statistics, HistorySweep history, TaskRevival tasks, RetentionSweep retention, PoisonMessages poison,
    ILogger<TimerFunction> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        await (await RunAsync(http.RequestAborted) ? FunctionCall.SucceedAsync(http.Response) : FunctionCall.FailAsync(http.Response));
    }

    /// <summary>Does a bounded piece of everything.</summary>
    /// <returns>Whether nothing failed.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        // A program that does not know the layout must not touch a row.
        if (!await TryAsync("layouts", token => layouts.CheckAsync(token).AsTask(), cancellation))
        {
            return false;
        }

        var isGood = await TryAsync("poison messages", poison.RunAsync, cancellation);
        isGood &= await TryAsync("migration", migrator.RunAsync, cancellation);
        isGood &= await TryAsync("history", history.RunAsync, cancellation);
        isGood &= await TryAsync("tasks", tasks.RunAsync, cancellation);
        isGood &= await TryAsync("sweep", sweep.RunAsync, cancellation);
        isGood &= await TryAsync("statistics", statistics.RunAsync, cancellation);
        return await TryAsync("retention", retention.RunAsync, cancellation) && isGood;
    }

    private async Task<bool> TryAsync(string name, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        try
        {
            await work(cancellation);
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            WorkFailed(logger, name, e);
            return false;
        }
    }

    [LoggerMessage(EventId = 6002, Level = LogLevel.Error, Message = "The timer's work {Work} failed and is left to the next run")]
    private static partial void WorkFailed(ILogger logger, string work, Exception exception);
}
