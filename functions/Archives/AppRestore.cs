using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>What is to be restored, and where.</summary>
/// <param name="Target">The app that gets the export; it may be another one than that of the export.</param>
/// <param name="Checksum">SHA-256 of the manifest.</param>
/// <param name="Force">Whether what the target has is deleted first; else it must have no accounts and groups.</param>
public sealed record RestoreParameters(uint Source, string ExportId, uint Target, string Checksum, bool Force);

/// <summary>The parts of a restore, in order.</summary>
public enum RestoreStage
{
    /// <summary>Nobody may write to the app from now on, once every instance knows.</summary>
    Close,
    Verify,
    Empty,
    Write,
    WriteBlobs,
    Count,
    Mend,
    Open,
    Done,
}

/// <summary>How far a restore has come.</summary>
/// <param name="Part">The next file of the archive.</param>
/// <param name="Written">Rows written, by table.</param>
public sealed record RestoreProgress(RestoreParameters Parameters, DateTimeOffset BegunAt, RestoreStage Stage, int Part, IReadOnlyDictionary<string, long> Written, long Mended)
{
    public static RestoreProgress Begin(RestoreParameters parameters, DateTimeOffset now) => new(parameters, now, RestoreStage.Close, 0, new Dictionary<string, long>(), 0);

    /// <summary>How long the next step must wait.</summary>
    public TimeSpan Wait { get; init; }

    internal RestoreProgress In(RestoreStage stage) => this with { Stage = stage, Part = 0, Wait = TimeSpan.Zero };
}

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
        var json = await ReadAsync(archive, ArchiveManifest.FileName, checksum, cancellation);
        var manifest = JsonSerializer.Deserialize(json.Span, ParleyJson.Wire.ArchiveManifest) ?? throw new TaskRefusedException("The manifest is empty.");
        if (manifest.Format != ArchiveManifest.CurrentFormat)
        {
            throw new TaskRefusedException($"The export has format {manifest.Format}; this program reads {ArchiveManifest.CurrentFormat}.");
        }

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
            return await StepAsync(progress, manifest, archive, cancellation);
        }
        catch (TaskRefusedException) when (progress.Stage == RestoreStage.Verify)
        {
            // Nothing was written; the app goes on as it was.
            await apps.ChangeAsync(progress.Parameters.Target, app => app with { IsRestoring = false }, cancellation);
            throw;
        }
    }

    private async Task<RestoreProgress> StepAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation) =>
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

    private async Task<RestoreProgress> VerifyAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
    {
        List<ArchivedPart> files = [.. manifest.Parts, .. manifest.BlobLists];
        var began = time.GetTimestamp();
        for (var i = progress.Part; i < files.Count; i++)
        {
            if (time.GetElapsedTime(began) > StepTime)
            {
                return progress with { Part = i };
            }

            await VerifyAsync(archive, files[i].Name, files[i].Sha256, cancellation);
            foreach (var blob in files[i].Table.Length > 0 ? [] : await ReadListAsync(archive, files[i], cancellation))
            {
                await VerifyAsync(archive, blob.Name, blob.Sha256, cancellation);
            }
        }

        return progress.In(RestoreStage.Empty);
    }

    private static async Task VerifyAsync(IArchive archive, string name, string sha256, CancellationToken cancellation)
    {
        await using var content = await OpenAsync(archive, name, cancellation);
        CheckHash(name, await SHA256.HashDataAsync(content, cancellation), sha256);
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

    private async Task<RestoreProgress> WriteAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
    {
        if (progress.Part == manifest.Parts.Count)
        {
            return progress.In(RestoreStage.WriteBlobs);
        }

        var part = manifest.Parts[progress.Part];
        var adjust = RowsOf(progress, manifest);
        var (rows, lines) = (new List<TableEntity>(), 0L);
        foreach (var line in await ReadLinesAsync(archive, part, cancellation))
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

    private async Task<RestoreProgress> WriteBlobsAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
    {
        if (progress.Part == manifest.BlobLists.Count)
        {
            return progress.In(RestoreStage.Count);
        }

        foreach (var blob in await ReadListAsync(archive, manifest.BlobLists[progress.Part], cancellation))
        {
            await using var content = await OpenAsync(archive, blob.Name, cancellation);
            using var sha = SHA256.Create();
            await using var hashing = new CryptoStream(content, sha, CryptoStreamMode.Read, leaveOpen: true);
            await blobs.WriteAsync(blob.Container, AppRows.FolderOf(progress.Parameters.Target) + blob.BlobName, hashing, "application/octet-stream", cancellation);
            CheckHash(blob.Name, sha.Hash!, blob.Sha256);
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

    private async Task<RestoreProgress> MendAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
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
            var late = (await ReadLinesAsync(archive, part, cancellation)).Where(line => line.IsLate || line.IsCut)
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

    private async Task<RestoreProgress> OpenAsync(RestoreProgress progress, ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
    {
        var settings = await ReadSettingsAsync(manifest, archive, cancellation);
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

    private static async Task<App?> ReadSettingsAsync(ArchiveManifest manifest, IArchive archive, CancellationToken cancellation)
    {
        foreach (var part in manifest.Parts.Where(part => part.Table == TableNames.Apps))
        {
            foreach (var line in await ReadLinesAsync(archive, part, cancellation))
            {
                if (IsSettings(part.Table, line.Row))
                {
                    return AppTable.FromRow(line.Row);
                }
            }
        }

        return null;
    }

    private static RestoredRow RowsOf(RestoreProgress progress, ArchiveManifest manifest) => new(
        progress.Parameters.Source, progress.Parameters.Target, Math.Max(1, (progress.BegunAt - manifest.StartedAt).Ticks / TimeSpan.TicksPerMillisecond));

    private static bool IsSettings(string table, TableEntity row) => table == TableNames.Apps && row.RowKey == AppRows.SettingsRow;

    private static Task<List<Line>> ReadLinesAsync(IArchive archive, ArchivedPart part, CancellationToken cancellation) => ReadAsync(archive, part, RowText.Read, cancellation);

    private static Task<List<ArchivedBlob>> ReadListAsync(IArchive archive, ArchivedPart list, CancellationToken cancellation) => ReadAsync(
        archive, list, line => JsonSerializer.Deserialize(line.Span, ParleyJson.Wire.ArchivedBlob) ?? throw new FormatException("A line is no file."), cancellation);

    private static async Task<List<T>> ReadAsync<T>(IArchive archive, ArchivedPart part, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellation)
    {
        var packed = await ReadAsync(archive, part.Name, part.Sha256, cancellation);
        using var source = new MemoryStream(packed.ToArray(), writable: false);
        await using var unpacked = new GZipStream(source, CompressionMode.Decompress);
        using var text = new MemoryStream();
        await unpacked.CopyToAsync(text, cancellation);
        var (lines, rest) = (new List<T>(), text.GetBuffer().AsMemory(0, (int)text.Length));
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            lines.Add(read(rest[..end]));
            rest = rest[(end + 1)..];
        }

        return lines;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(IArchive archive, string name, string sha256, CancellationToken cancellation)
    {
        await using var source = await OpenAsync(archive, name, cancellation);
        using var content = new MemoryStream();
        await source.CopyToAsync(content, cancellation);
        var bytes = content.ToArray();
        CheckHash(name, SHA256.HashData(bytes), sha256);
        return bytes;
    }

    private static async Task<Stream> OpenAsync(IArchive archive, string name, CancellationToken cancellation)
    {
        try
        {
            return await archive.OpenReadAsync(name, cancellation);
        }
        catch (FileNotFoundException e)
        {
            throw new TaskRefusedException(string.Create(CultureInfo.InvariantCulture, $"The export has no file {name}."), e);
        }
    }

    private static void CheckHash(string name, byte[] hash, string expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(expected)))
        {
            throw new TaskRefusedException($"File {name} of the export is not what was exported: its checksum is another one.");
        }
    }
}
