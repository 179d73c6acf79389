using Parley.Rest;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>
/// Starts putting an export into the app that calls: its own, or one of another app or deployment whose files are in this deployment's container of exports.
/// <code>
/// POST /v4/openconfigsvr/restore_app
/// { "SdkAppId": 1400000001, "ExportId": "4f0c…", "Checksum": "9b74…", "Force": 0 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TaskId": "restore-1400000001-4f0c…" }
/// </code>
/// </summary>
/// <remarks>
/// SdkAppId: the app that was exported; its own if not given. Checksum: SHA-256 of the manifest, from <c>get_task</c> of the export; nobody can guess it, so it also shows that the caller may have the export.
/// While it runs, everything but openconfigsvr is refused (60016). A call that is repeated goes on with a restore that was given up. Secrets, administrators and the address of callbacks stay those of the app.
/// Errors: 130001; 70402 a parameter, no such export or another checksum, one of another app than SdkAppId says, another restore under way (of this deployment or beside it), or the app has accounts or groups and Force is not 1. A command of our own.
/// </remarks>
public sealed class RestoreApp(TaskTable tasks, AppRestore restore, AppContents contents, AppClosure closure, BlobStore blobs) : ICommand<RestoreAppRequest, StartTaskResponse>
{
    public async Task<Result<StartTaskResponse>> HandleAsync(Caller caller, RestoreAppRequest request, CancellationToken cancellation)
    {
        var parameters = new RestoreParameters(request.Source ?? caller.App.SdkAppId, request.ExportId, caller.App.SdkAppId, request.Checksum, request.Force);
        var task = RestoreTask.TaskOf(parameters, caller.Account);
        try
        {
            var manifest = await restore.ReadManifestAsync(new BlobArchive(blobs, parameters.Source, parameters.ExportId), parameters.Checksum, cancellation);
            if (manifest.SdkAppId != parameters.Source)
            {
                return ApiError.ExportOfAnother;
            }
        }
        catch (TaskRefusedException)
        {
            return ApiError.ExportUnreadable;
        }

        var restores = (await tasks.ListAsync(task.SdkAppId, cancellation)).Where(known => known.Kind == RestoreTask.Kind).ToList();
        var same = restores.Find(known => known.Id == task.Id);
        if (restores.Exists(known => known != same && known.State == TaskState.Running)
            || await closure.IsHeldByAnotherAsync(task.SdkAppId, same is null ? null : RestoreTask.ProgressOf(same).Id, cancellation))
        {
            return ApiError.RestoreUnderWay;
        }

        // A restore that is under way, or was given up in the middle, has written rows itself.
        var isBegun = same is { State: TaskState.Running } or { State: TaskState.Failed, Progress.Length: > 0 };
        if (!request.Force && !isBegun && await contents.HasAccountsOrGroupsAsync(caller.App.SdkAppId, cancellation))
        {
            return ApiError.TargetNotEmpty;
        }

        return new StartTaskResponse { TaskId = (await tasks.StartAsync(task, cancellation)).Id };
    }
}

public sealed record RestoreAppRequest(uint? Source, string ExportId, string Checksum, bool Force) : IRequest<RestoreAppRequest>
{
    private const int ChecksumCharacters = 64;

    public static RestoreAppRequest Read(FieldReader fields)
    {
        var export = fields.Text("ExportId", ApiError.TaskParameter);
        if (!GetTaskRequest.IsId(export))
        {
            fields.Fail(ApiError.TaskParameter.In("ExportId"));
        }

        var checksum = fields.Text("Checksum", ApiError.TaskParameter);
        if (checksum.Length != ChecksumCharacters || !checksum.All(char.IsAsciiHexDigit))
        {
            fields.Fail(ApiError.TaskParameter.In("Checksum"));
        }

        return new RestoreAppRequest(fields.OptionalUnsigned("SdkAppId", ApiError.TaskParameter), export, checksum, fields.Flag("Force", ApiError.TaskParameter));
    }
}
