using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Archives;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Local.Commands;

/// <summary>Exports an app into a folder of this computer, or restores one from it, beside a deployment: with its storage, and nothing else of it.</summary>
/// <remarks>How far it has come is in the folder, so a command that broke off is repeated. Exit code: 0, or 1 when it cannot be done.</remarks>
internal sealed class ArchiveCommand(CommandLine line, DataFolder data, TimeProvider time)
{
    private const string ChecksumFile = "manifest.sha256";

    /// <summary>Exports an app.</summary>
    public async Task<int> ExportAsync(CancellationToken stop)
    {
        await using var services = DeploymentServices.Compose(data, time, line.Storage);
        var folder = Directory.CreateDirectory(line.Folder).FullName;
        var (export, archive) = (services.GetRequiredService<AppExport>(), new FolderArchive(folder));
        var place = Path.Combine(folder, "export.progress");
        var progress = await ReadAsync(place, ParleyJson.Wire.ExportProgress, stop)
            ?? ExportProgress.Begin(line.SdkAppId!.Value, TaskTable.NewId(), time.GetUtcNow());
        if (progress.SdkAppId != line.SdkAppId)
        {
            throw new StartFailedException($"{folder} holds an export of app {progress.SdkAppId}.");
        }

        try
        {
            while (!progress.IsDone)
            {
                progress = await export.StepAsync(progress, archive, stop);
                await WriteAsync(place, progress, ParleyJson.Wire.ExportProgress, stop);
            }
        }
        catch (PartitionsMovedException e)
        {
            File.Delete(place);
            throw new StartFailedException(e.Message, e);
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw new StartFailedException(e.Message, e);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, ChecksumFile), progress.Checksum, stop);
        await Console.Out.WriteLineAsync($"Exported {progress.Parts.Sum(part => part.Rows)} rows and {progress.BlobLists.Sum(list => list.Rows)} files of app {progress.SdkAppId} into {folder}");
        await Console.Out.WriteLineAsync($"Checksum {progress.Checksum}");
        return 0;
    }

    /// <summary>Restores an app.</summary>
    public async Task<int> RestoreAsync(CancellationToken stop)
    {
        await using var services = DeploymentServices.Compose(data, time, line.Storage);
        var (restore, archive) = (services.GetRequiredService<AppRestore>(), new FolderArchive(line.Folder));
        try
        {
            var checksum = line.Checksum ?? (await File.ReadAllTextAsync(Path.Combine(line.Folder, ChecksumFile), stop)).Trim();
            var manifest = await restore.ReadManifestAsync(archive, checksum, stop);
            var parameters = new RestoreParameters(manifest.SdkAppId, manifest.ExportId, line.SdkAppId ?? manifest.SdkAppId, checksum, line.IsForced);
            var place = Path.Combine(line.Folder, FormattableString.Invariant($"restore-{parameters.Target}.progress"));
            var progress = await ReadAsync(place, ParleyJson.Wire.RestoreProgress, stop) ?? RestoreProgress.Begin(parameters, time.GetUtcNow());
            progress = await FinishAsync(restore, archive, progress, place, stop);
            File.Delete(place);
            await Console.Out.WriteLineAsync($"Restored {progress.Written.Values.Sum()} rows into app {parameters.Target}; {progress.Mended} partitions were put right");
            return 0;
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw new StartFailedException(e.Message, e);
        }
    }

    private async Task<RestoreProgress> FinishAsync(AppRestore restore, IArchive archive, RestoreProgress progress, string place, CancellationToken stop)
    {
        try
        {
            // Before the first step, too: when that is repeated, it must be the same restore.
            await WriteAsync(place, progress, ParleyJson.Wire.RestoreProgress, stop);
            while (progress.Stage != RestoreStage.Done)
            {
                progress = await restore.StepAsync(progress, archive, stop);
                await WriteAsync(place, progress, ParleyJson.Wire.RestoreProgress, stop);
                await Task.Delay(progress.Wait, time, stop);
            }

            return progress;
        }
        catch (Exception e) when (IsExpected(e))
        {
            await GiveUpAsync(restore, progress, place);
            throw;
        }
    }

    private static async Task GiveUpAsync(AppRestore restore, RestoreProgress progress, string place)
    {
        try
        {
            if (!await restore.GiveUpAsync(progress, CancellationToken.None))
            {
                File.Delete(place);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            // The app is as the restore left it; the command can be repeated.
        }
    }

    private static bool IsExpected(Exception exception) =>
        DeploymentServices.IsUnreachable(exception) || exception is TaskRefusedException or PartitionsMovedException or LayoutTooNewException or IOException;

    private static async Task<T?> ReadAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : class =>
        File.Exists(path) ? JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellation), json) : null;

    private static async Task WriteAsync<T>(string path, T progress, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        await File.WriteAllBytesAsync(path + ".new", JsonSerializer.SerializeToUtf8Bytes(progress, json), cancellation);
        File.Move(path + ".new", path, overwrite: true);
    }
}
