using System.Text.Json;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>Exports of apps, as tasks.</summary>
internal sealed class ExportTask(AppExport export, BlobStore blobs, TimeProvider time) : ITaskKind
{
    public const string Kind = "export";

    // As many as a row can hold beside the rest. The manifest names all.
    private const int MostFiles = 1_000;

    public string Name => Kind;

    public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        var progress = task.Progress.Length == 0
            ? ExportProgress.Begin(task.SdkAppId, task.Id, time.GetUtcNow())
            : JsonSerializer.Deserialize(task.Progress, ParleyJson.Wire.ExportProgress) ?? throw new JsonException("The progress is null.");
        progress = await export.StepAsync(progress, new BlobArchive(blobs, task.SdkAppId, task.Id), cancellation);
        // When it is done the files say the same.
        return new TaskStep(progress.IsDone ? "" : JsonSerializer.Serialize(progress, ParleyJson.Wire.ExportProgress), progress.IsDone)
        {
            Counts = new Dictionary<string, long>
            {
                ["Rows"] = progress.Parts.Sum(part => part.Rows),
                ["Blobs"] = progress.BlobLists.Sum(list => list.Rows),
                ["Bytes"] = progress.Parts.Sum(part => part.Bytes) + progress.BlobBytes,
            },
            Files = progress.Checksum is { } checksum ? Files(progress, checksum) : [],
        };
    }

    private static List<TaskFile> Files(ExportProgress progress, string checksum)
    {
        var folder = BlobArchive.FolderOf(progress.SdkAppId, progress.ExportId);
        return
        [
            new TaskFile(TableNames.ExportContainer, folder + ArchiveManifest.FileName, progress.ManifestBytes, checksum),
            .. progress.Parts.Concat(progress.BlobLists).Take(MostFiles).Select(part => new TaskFile(TableNames.ExportContainer, folder + part.Name, part.Bytes, part.Sha256)),
        ];
    }
}

/// <summary>Restores of apps, as tasks.</summary>
internal sealed class RestoreTask(AppRestore restore, BlobStore blobs) : ITaskKind
{
    public const string Kind = "restore";

    public string Name => Kind;

    public bool WorksWhileRestoring => true;

    public static string IdOf(RestoreParameters parameters) => $"restore-{parameters.Source}-{parameters.ExportId}";

    public static StoredTask TaskOf(RestoreParameters parameters, string caller) => new(parameters.Target, IdOf(parameters), Kind)
    {
        Parameters = JsonSerializer.Serialize(parameters, ParleyJson.Wire.RestoreParameters),
        CreatedBy = caller,
    };

    public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        var progress = ProgressOf(task);
        progress = await restore.StepAsync(progress, new BlobArchive(blobs, progress.Parameters.Source, progress.Parameters.ExportId), cancellation);
        return new TaskStep(JsonSerializer.Serialize(progress, ParleyJson.Wire.RestoreProgress), progress.Stage == RestoreStage.Done)
        {
            Wait = progress.Wait,
            Counts = new Dictionary<string, long> { ["Rows"] = progress.Written.Values.Sum(), ["MendedPartitions"] = progress.Mended, ["Stage"] = (long)progress.Stage },
        };
    }

    public async Task<string> GiveUpAsync(StoredTask task, CancellationToken cancellation)
    {
        var progress = ProgressOf(task);
        // What was counted wrong is not gone on with.
        var next = progress.Stage == RestoreStage.Count ? progress.In(RestoreStage.Count) : progress;
        return await restore.GiveUpAsync(progress, cancellation) ? JsonSerializer.Serialize(next, ParleyJson.Wire.RestoreProgress) : "";
    }

    /// <summary>How far a restore has come.</summary>
    public static RestoreProgress ProgressOf(StoredTask task)
    {
        if (task.Progress.Length > 0)
        {
            return JsonSerializer.Deserialize(task.Progress, ParleyJson.Wire.RestoreProgress) ?? throw new JsonException("The progress is null.");
        }

        var parameters = JsonSerializer.Deserialize(task.Parameters, ParleyJson.Wire.RestoreParameters) ?? throw new JsonException("The parameters are null.");
        return RestoreProgress.Begin(parameters, task.CreatedAt);
    }
}
