using System.Security.Cryptography;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>Writes what an export holds into an app, a file of it in each step: first all rows, then the app's own files.</summary>
public sealed class ArchiveWriting(TableStore tables, BlobStore blobs, TableLayouts layouts)
{
    private readonly RowBatches _batches = new(tables);

    internal async Task<RestoreProgress> WriteAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, HoldRenewal hold, CancellationToken cancellation)
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

        await _batches.PutAsync(part.Table, rows, hold, cancellation);
        var written = new Dictionary<string, long>(progress.Written) { [part.Table] = progress.Written.GetValueOrDefault(part.Table) + rows.Count };
        return progress with { Part = progress.Part + 1, Written = written };
    }

    internal async Task<RestoreProgress> WriteBlobsAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, HoldRenewal hold, CancellationToken cancellation)
    {
        if (progress.Part == manifest.BlobLists.Count)
        {
            return progress.In(RestoreStage.Count);
        }

        foreach (var blob in await archive.ReadListAsync(manifest.BlobLists[progress.Part], cancellation))
        {
            await hold.KeepAsync(cancellation);
            await using var content = await archive.OpenAsync(blob.Name, cancellation);
            using var sha = SHA256.Create();
            await using var hashing = new CryptoStream(content, sha, CryptoStreamMode.Read, leaveOpen: true);
            await blobs.WriteAsync(blob.Container, BlobStore.FolderOf(progress.Parameters.Target) + blob.BlobName, hashing, "application/octet-stream", cancellation);
            ArchiveReader.CheckHash(blob.Name, sha.Hash!, blob.Sha256);
        }

        return progress with { Part = progress.Part + 1 };
    }

    private static RestoredRow RowsOf(RestoreProgress progress, ArchiveManifest manifest) => new(
        progress.Parameters.Source, progress.Parameters.Target, Math.Max(1, (progress.BegunAt - manifest.StartedAt).Ticks / TimeSpan.TicksPerMillisecond));
}
