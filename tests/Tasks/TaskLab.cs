using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Tasks;
using Parley.Tests.Support;

namespace Parley.Tests.Tasks;

/// <summary>Works at tasks inside the test process, in the place of the queue's function.</summary>
internal static class TaskLab
{
    private const int MostRuns = 500;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Runs a task until it is over; the clock goes on where it must wait.</summary>
    public static async Task<StoredTask> FinishAsync(this AppInstance instance, uint sdkAppId, string id)
    {
        for (var run = 0; run < MostRuns; run++)
        {
            var task = await instance.Get<TaskRunner>().RunAsync(sdkAppId, id, Stop) ?? throw new InvalidOperationException($"There is no task {id}.");
            if (task.State != TaskState.Running)
            {
                return task;
            }

            var now = instance.Get<TimeProvider>().GetUtcNow();
            if (task.HeldUntil > now)
            {
                instance.Get<TimeProvider>().PutForward(task.HeldUntil - now + TimeSpan.FromSeconds(1));
            }
        }

        throw new TimeoutException($"Task {id} did not end.");
    }

    private static void PutForward(this TimeProvider time, TimeSpan span)
    {
        if (time is FakeTimeProvider fake)
        {
            fake.Advance(span);
        }
        else
        {
            ((ShiftedTime)time).Advance(span);
        }
    }

    /// <summary>Runs a task until it is done, and fails the test when it fails.</summary>
    public static async Task<StoredTask> FinishOkAsync(this AppInstance instance, uint sdkAppId, string id)
    {
        var task = await instance.FinishAsync(sdkAppId, id);
        Assert.True(task.State == TaskState.Done, task.Error);
        return task;
    }

    /// <summary>Calls a command that starts a task; gives its id.</summary>
    public static async Task<string> StartTaskAsync(this AppInstance instance, App app, string service, string command, object body)
    {
        var answer = await instance.CallAsync(app, service, command, JsonSerializer.Serialize(body));
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, answer.GetRawText());
        return answer.GetProperty("TaskId").GetString()!;
    }

    /// <summary>How a task stands, as its administrator sees it.</summary>
    public static Task<JsonElement> GetTaskAsync(this AppInstance instance, App app, string id) =>
        instance.CallAsync(app, "openconfigsvr", "get_task", JsonSerializer.Serialize(new { TaskId = id }));
}
