using Parley.Rest;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>
/// Starts an export of everything of the app: rows of all tables, and files.
/// <code>
/// POST /v4/openconfigsvr/export_app
/// {}
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TaskId": "4f0c…" }
/// </code>
/// </summary>
/// <remarks>
/// The task's id is the export's, too. <c>get_task</c> tells how far it is and where its files are; the first is the manifest, whose FileSHA256 is the checksum that a restore asks for;
/// of very many files the first thousand are shown, and the manifest names all.
/// What was acknowledged before the call is in it. It holds everything, secrets of the app and of login providers too. A command of our own. Errors: 130001.
/// </remarks>
public sealed class ExportApp(TaskTable tasks) : ICommand<ExportAppRequest, StartTaskResponse>
{
    public async Task<Result<StartTaskResponse>> HandleAsync(Caller caller, ExportAppRequest request, CancellationToken cancellation)
    {
        var task = await tasks.StartAsync(new StoredTask(caller.App.SdkAppId, TaskTable.NewId(), ExportTask.Kind) { CreatedBy = caller.Account }, cancellation);
        return new StartTaskResponse { TaskId = task.Id };
    }
}

public sealed record ExportAppRequest : IRequest<ExportAppRequest>
{
    public static ExportAppRequest Read(FieldReader fields) => new();
}
