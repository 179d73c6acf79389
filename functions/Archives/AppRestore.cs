using System.Security.Cryptography;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>
/// Puts an export into an app, step by step: closes the app, looks at every file before anything is written, writes rows and files, counts them, puts right what was written while the
/// export was made, opens the app.
/// </summary>
/// <remarks>
/// Each step can be repeated: rows are written whatever is there. The settings come last: those of the export, but for secrets, administrators and the address of callbacks, which stay where there
/// is an app: a copy must not call the backend of the original.
/// </remarks>
public sealed class AppRestore(TableStore tables, BlobStore blobs, AppDirectory apps, AppTable newApps, TableLayouts layouts, ArchiveMending mending, TimeProvider time)
{
    /// <summary>Until every instance has read the app's settings again, and what it had begun before is over.</summary>
    internal static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    private readonly RowBatches _batches = new(tables);

    /// <summary>Whether an app has accounts or groups.</summary>
    public async Task<bool> HasRowsAsync(uint sdkAppId, CancellationToken cancellation)
    {
        foreach (var range in AppRows.Of(sdkAppId).Where(range => range.Table is TableNames.Accounts or TableNames.Groups))
        {
            await foreach (var row in tables.WalkOf(range.Table).QueryAsync(range.Filter, 1, KeyOnly, cancellation))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The manifest of an export.</summary>
    /// <exception cref="TaskRefusedException">There is none, it has another checksum, or is of a newer program.</exception>
    public async Task<ArchiveManifest> ReadManifestAsync(IArchive archive, string checksum, CancellationToken cancellation)
    {
        var manifest = await new ArchiveReader(archive).ReadManifestAsync(checksum, cancellation);
        foreach (var (table, layout) in manifest.Layouts.Where(layout => layout.Value > layouts.CurrentOf(layout.Key)))
        {
            throw new TaskRefusedException(new LayoutTooNewException(table, layout, layouts.CurrentOf(table)).Message);
        }

        return manifest;
    }

    /// <summary>Takes the next step; safe to repeat.</summary>
    public async Task<RestoreProgress> StepAsync(RestoreProgress progress, IArchive archive, CancellationToken cancellation)
    {
        await layouts.CheckAsync(cancellation);
        var manifest = await ReadManifestAsync(archive, progress.Parameters.Checksum, cancellation);
        progress = progress with { Wait = TimeSpan.Zero };
        try
        {
            return await StepAsync(progress, manifest, new ArchiveReader(archive), cancellation);
        }
        catch (TaskRefusedException) when (progress.Stage == RestoreStage.Verify)
        {
            // Nothing was written; the app goes on as it was.
            await apps.ChangeAsync(progress.Parameters.Target, app => app with { IsRestoring = false }, cancellation);
            throw;
        }
    }

    private async Task<RestoreProgress> StepAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation) =>
        progress.Stage switch
        {
            RestoreStage.Close => await CloseAsync(progress, cancellation),
            RestoreStage.Verify => await VerifyAsync(progress, manifest, archive, cancellation),
            RestoreStage.Empty => await EmptyAsync(progress, cancellation),
            RestoreStage.Write => await WriteAsync(progress, manifest, archive, cancellation),
            RestoreStage.WriteBlobs => await WriteBlobsAsync(progress, manifest, archive, cancellation),
            RestoreStage.Count => await CountAsync(progress, cancellation),
            RestoreStage.Mend => await MendAsync(progress, manifest, archive, cancellation),
            RestoreStage.Open => await OpenAsync(progress, manifest, archive, cancellation),
            _ => progress,
        };

    private async Task<RestoreProgress> CloseAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        var target = progress.Parameters.Target;
        if (!progress.Parameters.Force && await HasRowsAsync(target, cancellation))
        {
            throw new TaskRefusedException("The app has accounts or groups.");
        }

        var closed = await apps.ChangeAsync(target, app => app with { IsRestoring = true }, cancellation);
        return progress.In(RestoreStage.Verify) with { Wait = closed is null ? TimeSpan.Zero : ClosingTime };
    }

    private async Task<RestoreProgress> VerifyAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation)
    {
        List<ArchivedPart> files = [.. manifest.Parts, .. manifest.BlobLists];
        var began = time.GetTimestamp();
        for (var i = progress.Part; i < files.Count; i++)
        {
            if (time.GetElapsedTime(began) > StepTime)
            {
                return progress with { Part = i };
            }

            await archive.VerifyAsync(files[i].Name, files[i].Sha256, cancellation);
            foreach (var blob in files[i].Table.Length > 0 ? [] : await archive.ReadListAsync(files[i], cancellation))
            {
                await archive.VerifyAsync(blob.Name, blob.Sha256, cancellation);
            }
        }

        return progress.In(RestoreStage.Empty);
    }

    // Without Force only what a restore that broke off may have left of itself, or came while the app was being closed.
    private async Task<RestoreProgress> EmptyAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var target = progress.Parameters.Target;
        foreach (var range in AppRows.Of(target))
        {
            await foreach (var page in tables.WalkOf(range.Table).QueryAsync(range.Filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
            {
                await _batches.DeleteAsync(range.Table, page.Values.Where(row => !IsSettings(range.Table, row)), cancellation);
                if (time.GetElapsedTime(began) > StepTime)
                {
                    return progress;
                }
            }
        }

        foreach (var container in AppRows.Containers)
        {
            await foreach (var blob in blobs.ListAsync(container, AppRows.FolderOf(target), cancellation))
            {
                await blobs.DeleteAsync(container, blob.Name, cancellation);
            }
        }

        return progress.In(RestoreStage.Write);
    }

    private async Task<RestoreProgress> WriteAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation)
    {
        if (progress.Part == manifest.Parts.Count)
        {
            return progress.In(RestoreStage.WriteBlobs);
        }

        var part = manifest.Parts[progress.Part];
        var adjust = RowsOf(progress, manifest);
        var (rows, lines) = (new List<TableEntity>(), 0L);
        foreach (var line in await archive.ReadLinesAsync(part, cancellation))
        {
            lines++;
            rows.AddRange(layouts.Migrate(part.Table, line.Row, manifest.Layouts.GetValueOrDefault(part.Table, TableLayouts.First))
                .Select(row => adjust.Adjust(part.Table, row)).OfType<TableEntity>());
        }

        if (lines != part.Rows)
        {
            throw new TaskRefusedException($"{part.Name} holds {lines} rows and should hold {part.Rows}.");
        }

        await _batches.PutAsync(part.Table, rows, cancellation);
        var written = new Dictionary<string, long>(progress.Written) { [part.Table] = progress.Written.GetValueOrDefault(part.Table) + rows.Count };
        return progress with { Part = progress.Part + 1, Written = written };
    }

    private async Task<RestoreProgress> WriteBlobsAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation)
    {
        if (progress.Part == manifest.BlobLists.Count)
        {
            return progress.In(RestoreStage.Count);
        }

        foreach (var blob in await archive.ReadListAsync(manifest.BlobLists[progress.Part], cancellation))
        {
            await using var content = await archive.OpenAsync(blob.Name, cancellation);
            using var sha = SHA256.Create();
            await using var hashing = new CryptoStream(content, sha, CryptoStreamMode.Read, leaveOpen: true);
            await blobs.WriteAsync(blob.Container, AppRows.FolderOf(progress.Parameters.Target) + blob.BlobName, hashing, "application/octet-stream", cancellation);
            ArchiveReader.CheckHash(blob.Name, sha.Hash!, blob.Sha256);
        }

        return progress with { Part = progress.Part + 1 };
    }

    // Figures of calls and of who is online go on being written while the app is closed.
    private async Task<RestoreProgress> CountAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        foreach (var table in AppRows.Of(progress.Parameters.Target).GroupBy(range => range.Table).Where(table => table.Key != TableNames.Statistics))
        {
            var count = 0L;
            foreach (var range in table)
            {
                await foreach (var row in tables.WalkOf(range.Table).QueryAsync(range.Filter, select: KeyOnly, cancellationToken: cancellation))
                {
                    count += IsSettings(range.Table, row) || RestoredRow.IsOfTheMoment(range.Table, row.RowKey) ? 0 : 1;
                }
            }

            if (count != progress.Written.GetValueOrDefault(table.Key))
            {
                throw new InvalidOperationException($"Table {table.Key} holds {count} rows of the app and should hold {progress.Written.GetValueOrDefault(table.Key)}.");
            }
        }

        return progress.In(RestoreStage.Mend);
    }

    private async Task<RestoreProgress> MendAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation)
    {
        if (progress.Part == manifest.Parts.Count)
        {
            return progress.In(RestoreStage.Open);
        }

        var part = manifest.Parts[progress.Part];
        var mended = 0;
        if (part.LateRows > 0)
        {
            var target = progress.Parameters.Target;
            var late = (await archive.ReadLinesAsync(part, cancellation)).Where(line => line.IsLate || line.IsCut)
                .GroupBy(line => AppRows.Move(line.Row.PartitionKey, progress.Parameters.Source, target));
            foreach (var partition in late)
            {
                IReadOnlyList<string>? rows = partition.Any(line => line.IsCut) ? null : [.. partition.Select(line => line.Row.RowKey)];
                await mending.MendAsync(part.Table, partition.Key, rows, manifest.StartedAt, cancellation);
                mended++;
            }
        }

        return progress with { Part = progress.Part + 1, Mended = progress.Mended + mended };
    }

    private async Task<RestoreProgress> OpenAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, CancellationToken cancellation)
    {
        var settings = await archive.ReadSettingsAsync(manifest, cancellation);
        var target = progress.Parameters.Target;
        if (settings is null)
        {
            await apps.ChangeAsync(target, app => app with { IsRestoring = false }, cancellation);
        }
        else if (await apps.ChangeAsync(target, app => Merge(settings, app), cancellation) is null)
        {
            await newApps.TryAddAsync(settings with { SdkAppId = target, IsRestoring = false }, cancellation);
        }

        return progress.In(RestoreStage.Done);
    }

    private static App Merge(App exported, App existing) => exported with
    {
        SdkAppId = existing.SdkAppId,
        Secrets = existing.Secrets,
        Admins = existing.Admins,
        CallbackUrl = existing.CallbackUrl,
        CallbackToken = existing.CallbackToken,
        IsDisabled = existing.IsDisabled,
        IsRestoring = false,
        Version = Math.Max(exported.Version, existing.Version),
    };

    private static RestoredRow RowsOf(RestoreProgress progress, ArchiveManifest manifest) => new(
        progress.Parameters.Source, progress.Parameters.Target, Math.Max(1, (progress.BegunAt - manifest.StartedAt).Ticks / TimeSpan.TicksPerMillisecond));

    private static bool IsSettings(string table, TableEntity row) => table == TableNames.Apps && row.RowKey == AppRows.SettingsRow;
}
