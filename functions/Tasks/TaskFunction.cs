using System.Text.Json;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Tasks;

/// <summary>The queue-triggered function <c>task</c>: works at a task for a while.</summary>
/// <remarks>
/// What fails is noted with the task, which has its own retries; only a failure of storage itself asks the host to bring the job back.
/// The timer revives tasks whose job is lost, so no job is noted as dead but one that cannot be read.
/// </remarks>
public sealed class TaskFunction(TaskRunner runner, JobAttempts attempts)
{
    private static readonly JobKind Kind = new("task", TableNames.TaskQueue);

    public Task HandleAsync(HttpContext http) => attempts.RunAsync(http, Kind, maxAttempts: null, async (attempt, cancellation) =>
    {
        var job = JsonSerializer.Deserialize(attempt.Text, ParleyJson.Wire.TaskJob) ?? throw new JsonException("The job is null.");
        await runner.RunAsync(job.SdkAppId, job.Task, cancellation);
    });
}
