namespace Parley.Tasks;

/// <summary>The timer's work on tasks: those whose job was lost get another.</summary>
public sealed class TaskRevival(TaskTable tasks, TimeProvider time)
{
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var task in await tasks.ListStalledAsync(time.GetUtcNow() - MinAge, cancellation))
        {
            await tasks.EnqueueAsync(task, TimeSpan.Zero, cancellation);
        }
    }
}
