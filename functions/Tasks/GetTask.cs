using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Tasks;

/// <summary>A task as its administrators see it.</summary>
/// <param name="CreateTime">Unix seconds, as the other time.</param>
/// <param name="Counts">What it has done so far; names depend on the kind.</param>
/// <param name="GivenUp">How often it was given up since a step succeeded or somebody asked for it.</param>
/// <param name="NextTryTime">Of a failed one that the timer asks for: when it does so next, Unix seconds.</param>
public sealed record TaskView(
    string TaskId, string Kind, string State, string CreatedBy, long CreateTime, long UpdateTime, [property: JsonPropertyName("Error")] string? Error,
    IReadOnlyDictionary<string, long> Counts, int GivenUp, long? NextTryTime)
{
    public static TaskView Of(StoredTask task) => new(
        task.Id, task.Kind, task.State.ToString(), task.CreatedBy, task.CreatedAt.ToUnixTimeSeconds(), task.UpdatedAt.ToUnixTimeSeconds(),
        task.Error.Length == 0 ? null : task.Error, task.Counts, task.GivenUp,
        task is { State: TaskState.Failed, CreatedBy: StoredTask.Timer } ? task.HeldUntil.ToUnixTimeSeconds() : null);
}

/// <summary>A file of a task.</summary>
/// <param name="Url">Good until ExpireTime, in Unix seconds; ask again after it.</param>
public sealed record TaskFileView(
    string Name, [property: JsonPropertyName("URL")] string Url, long ExpireTime, long FileSize, [property: JsonPropertyName("FileSHA256")] string Sha256);

/// <summary>A task was started.</summary>
public sealed record StartTaskResponse : Envelope
{
    public required string TaskId { get; init; }
}

/// <summary>
/// Tells how a task stands, and where its files can be read.
/// <code>
/// POST /v4/openconfigsvr/get_task
/// { "TaskId": "4f0c…" }
/// → { …, "Task": { "TaskId": "4f0c…", "Kind": "export", "State": "Done", "CreateTime": 1700000000, "UpdateTime": 1700000040, "Counts": { "Rows": 5120 } },
///     "File": [ { "Name": "1400000001/4f0c…/manifest.json", "URL": "https://…", "ExpireTime": 1700086400, "FileSize": 911, "FileSHA256": "…" } ] }
/// </code>
/// </summary>
/// <remarks>A command of our own. State: Running, Done, Failed. GivenUp and NextTryTime: how often in a row it was given up, and, of what the timer asks for, when it is tried next. Links are good for a day. Errors: 130001, 70402 no TaskId, or no such task of this app.</remarks>
public sealed class GetTask(TaskTable tasks, BlobStore blobs, TimeProvider time) : ICommand<GetTaskRequest, GetTaskResponse>
{
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(1);

    public async Task<Result<GetTaskResponse>> HandleAsync(Caller caller, GetTaskRequest request, CancellationToken cancellation)
    {
        if (await tasks.ReadAsync(caller.App.SdkAppId, request.TaskId, cancellation) is not { } task)
        {
            return ApiError.TaskNotFound;
        }

        var until = (time.GetUtcNow() + LinkLifetime).ToUnixTimeSeconds();
        var files = new List<TaskFileView>();
        foreach (var file in task.State == TaskState.Done ? task.Files : [])
        {
            var link = await blobs.ReadLinkAsync(file.Container, file.Name, LinkLifetime, cancellation);
            files.Add(new TaskFileView(file.Name, link.AbsoluteUri, until, file.Bytes, file.Sha256));
        }

        return new GetTaskResponse { Task = TaskView.Of(task), File = files };
    }
}

public sealed record GetTaskRequest(string TaskId) : IRequest<GetTaskRequest>
{
    public static GetTaskRequest Read(FieldReader fields)
    {
        var id = fields.Text("TaskId", ApiError.TaskParameter);
        if (!IsId(id))
        {
            fields.Fail(ApiError.TaskParameter.In("TaskId"));
        }

        return new GetTaskRequest(id);
    }

    /// <summary>Whether a text can name a task: no more than can stand in a key.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

public sealed record GetTaskResponse : Envelope
{
    public required TaskView Task { get; init; }

    public required IReadOnlyList<TaskFileView> File { get; init; }
}

/// <summary>
/// Lists the app's tasks, the latest first, at most 1,000.
/// <code>
/// POST /v4/openconfigsvr/list_tasks
/// {}
/// → { …, "Tasks": [ { "TaskId": "4f0c…", "Kind": "export", "State": "Done", … } ] }
/// </code>
/// </summary>
/// <remarks>A command of our own. Errors: 130001.</remarks>
public sealed class ListTasks(TaskTable tasks) : ICommand<ListTasksRequest, ListTasksResponse>
{
    private const int MostListed = 1_000;

    public async Task<Result<ListTasksResponse>> HandleAsync(Caller caller, ListTasksRequest request, CancellationToken cancellation)
    {
        var all = await tasks.ListAsync(caller.App.SdkAppId, cancellation);
        return new ListTasksResponse { Tasks = [.. all.OrderByDescending(task => task.CreatedAt).Take(MostListed).Select(TaskView.Of)] };
    }
}

public sealed record ListTasksRequest : IRequest<ListTasksRequest>
{
    public static ListTasksRequest Read(FieldReader fields) => new();
}

public sealed record ListTasksResponse : Envelope
{
    public required IReadOnlyList<TaskView> Tasks { get; init; }
}
