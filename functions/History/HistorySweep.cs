using Parley.Activities;
using Parley.Tasks;

namespace Parley.History;

/// <summary>The timer's work on history files: starts making those of hours that are over.</summary>
public sealed class HistorySweep(ActiveHours active, TaskTable tasks, TimeProvider time)
{
    /// <summary>After this, nothing is stored any more with a time of the hour but what is noted as late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var hour in await active.ListAsync(cancellation))
        {
            if (hour.Hour.End + (long)Patience.TotalSeconds <= now.ToUnixTimeSeconds())
            {
                await tasks.StartByTimerAsync(HistoryCollection.TaskOf(hour), cancellation);
            }
        }
    }
}
