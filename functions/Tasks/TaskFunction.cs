using System.Text.Json;
using Parley.Rest;

namespace Parley.Tasks;

/// <summary>The queue-triggered function <c>task</c>: works at a task for a while.</summary>
/// <remarks>What fails is noted with the task, which has its own retries; only a failure of storage itself asks the host to bring the job back.</remarks>
public sealed partial class TaskFunction(TaskRunner runner, ILogger<TaskFunction> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var call = await FunctionCall.ReadAsync(http.Request, "job", http.RequestAborted);
        try
        {
            if (JsonSerializer.Deserialize(call.Payload, ParleyJson.Wire.TaskJob) is { } job)
            {
                await runner.RunAsync(job.SdkAppId, job.Task, http.RequestAborted);
            }

            await FunctionCall.SucceedAsync(http.Response);
        }
        catch (Exception e)
        {
            JobFailed(logger, call.DequeueCount, e);
            await FunctionCall.FailAsync(http.Response);
        }
    }

    [LoggerMessage(EventId = 10004, Level = LogLevel.Warning, Message = "A task could not be worked at, attempt {Attempt}")]
    private static partial void JobFailed(ILogger logger, int attempt, Exception exception);
}
