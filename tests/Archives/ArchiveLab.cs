using System.Text.Json;
using Azure.Storage.Blobs;
using Parley.Apps;
using Parley.Archives;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.Archives;

/// <summary>Exports and restores apps by the commands, inside the test process, and spoils what was exported.</summary>
internal static class ArchiveLab
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<StoredTask> ExportAsync(AppInstance instance, App app) =>
        await FinishedAsync(instance, app, await instance.StartTaskAsync(app, "openconfigsvr", "export_app", new { }));

    public static Task<StoredTask> FinishedAsync(AppInstance instance, App app, string id) => instance.FinishOkAsync(app.SdkAppId, id);

    public static async Task<StoredTask> RestoreAsync(AppInstance instance, App source, App target, StoredTask export, int force = 0)
    {
        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source, export, force));
        return await instance.FinishOkAsync(target.SdkAppId, id);
    }

    /// <summary>A restore as an operator makes it beside the deployment, at its beginning.</summary>
    public static (BlobArchive Archive, RestoreProgress Progress) BeginBeside(AppInstance instance, App source, App target, StoredTask export)
    {
        var parameters = new RestoreParameters(source.SdkAppId, export.Id, target.SdkAppId, export.Files[0].Sha256, Force: true);
        return (new BlobArchive(instance.Get<BlobStore>(), source.SdkAppId, export.Id), RestoreProgress.Begin(parameters, instance.Get<TimeProvider>().GetUtcNow()));
    }

    public static async Task<RestoreProgress> StepUntilAsync(AppInstance instance, BlobArchive archive, RestoreProgress progress, Func<RestoreProgress, bool> isThere)
    {
        while (!isThere(progress))
        {
            Assert.NotEqual(RestoreStage.Done, progress.Stage);
            progress = await instance.Get<AppRestore>().StepAsync(progress, archive, Stop);
        }

        return progress;
    }

    /// <summary>The body of <c>restore_app</c>.</summary>
    public static object Request(App source, StoredTask export, int force = 0) => new { source.SdkAppId, ExportId = export.Id, Checksum = export.Files[0].Sha256, Force = force };

    /// <summary>Likewise, as text.</summary>
    public static string Body(App source, StoredTask export, int force) => JsonSerializer.Serialize(Request(source, export, force));

    /// <summary>Puts other bytes into a file of an export; gives those that were there.</summary>
    public static async Task<byte[]> ReplaceAsync(this AzuriteFixture azurite, string name, Func<byte[], byte[]> change)
    {
        var blob = new BlobServiceClient(await azurite.ConnectionStringAsync()).GetBlobContainerClient(TableNames.ExportContainer).GetBlobClient(name);
        var bytes = (await blob.DownloadContentAsync(Stop)).Value.Content.ToArray();
        await blob.UploadAsync(BinaryData.FromBytes(change(bytes)), overwrite: true, Stop);
        return bytes;
    }

    /// <summary>Spoils one of an export's files of a table; gives its name and the bytes that were there.</summary>
    public static async Task<(string Name, byte[] Bytes)> SpoilAsync(this AzuriteFixture azurite, StoredTask export, string table)
    {
        var name = export.Files.First(file => file.Name.Contains($"/{table}-", StringComparison.Ordinal)).Name;
        return (name, await azurite.ReplaceAsync(name, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]));
    }
}
