using Parley.Rest;
using Parley.Statistics;

namespace Parley.Maintenance;

/// <summary>The timer-triggered function <c>timer</c>.</summary>
public sealed class TimerFunction(Sweep sweep, StatisticsSweep statistics)
{
    public async Task HandleAsync(HttpContext http)
    {
        await sweep.RunAsync(http.RequestAborted);
        await statistics.RunAsync(http.RequestAborted);
        await FunctionCall.SucceedAsync(http.Response);
    }
}
