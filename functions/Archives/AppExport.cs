using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Storage;

namespace Parley.Archives;

/// <summary>How far an export has come.</summary>
/// <param name="Range">The range of rows to read next.</param>
/// <param name="Continuation">Where in it; null for its beginning.</param>
/// <param name="LastBlob">The last file that was copied, as container/name.</param>
/// <param name="Checksum">Of the manifest; null until it is written.</param>
public sealed record ExportProgress(
    uint SdkAppId, string ExportId, string Nonce, DateTimeOffset StartedAt, int Range, string? Continuation, string LastBlob,
    IReadOnlyList<ArchivedPart> Parts, IReadOnlyList<ArchivedPart> BlobLists, long BlobBytes, string? Checksum, long ManifestBytes)
{
    /// <summary>The partition of the last row that was read of the range; null at its beginning.</summary>
    public string? LastPartition { get; init; }

    /// <summary>The layout that each table had when the export began.</summary>
    public IReadOnlyDictionary<string, int>? Layouts { get; init; }

    public bool IsDone => Checksum is not null;

    public static ExportProgress Begin(uint sdkAppId, string exportId, DateTimeOffset now) =>
        new(sdkAppId, exportId, RandomNumberGenerator.GetHexString(32, lowercase: true), now, 0, null, "", [], [], 0, null, 0);
}

/// <summary>
/// Copies everything of an app into an archive, step by step, while the app runs: rows page by page, partition by partition in the order of their keys, then files.
/// </summary>
/// <remarks>
/// What was acknowledged before it began is in it. A page shows one moment, and pages follow one another, so of what is written meanwhile some is in it and some not; such rows are
/// marked as late, and so is where a partition is cut between pages. A restore puts right what rests on rows of different moments.
/// </remarks>
public sealed class AppExport(TableStore tables, BlobStore blobs, TableLayouts layouts, TimeProvider time)
{
    private const int PartsOfASize = 100;

    /// <summary>A restore holds a file in memory, unpacked.</summary>
    private const int MostFolds = 4;

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    /// <summary>How far storage's clock may be from this one.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>Rows that are read at a time; storage gives no more.</summary>
    internal int PageRows { get; set; } = 1_000;

    /// <summary>After so much a file is full, before packing.</summary>
    internal int PartBytes { get; set; } = 16 * 1024 * 1024;

    // The manifest, and what is known while it is made, must stay small: the more files there are, the larger they become.
    private long SizeOf(int part) => (long)PartBytes * Math.Min(MostFolds, 1 + (part / PartsOfASize));

    /// <summary>Writes the next file of the archive; safe to repeat.</summary>
    public Task<ExportProgress> StepAsync(ExportProgress progress, IArchive archive, CancellationToken cancellation)
    {
        var ranges = AppRows.Of(progress.SdkAppId);
        return progress.Range < ranges.Count ? ExportRowsAsync(progress, ranges[progress.Range], archive, cancellation) : ExportRestAsync(progress, archive, cancellation);
    }

    private async Task<ExportProgress> ExportRowsAsync(ExportProgress progress, RowRange range, IArchive archive, CancellationToken cancellation)
    {
        await layouts.CheckAsync(cancellation);
        progress = progress with { Layouts = progress.Layouts ?? await layouts.ReadStoredAsync(cancellation) };
        using var content = new MemoryStream();
        var (rows, late, size, began) = (0L, 0L, 0L, time.GetTimestamp());
        var (next, line) = (progress with { Range = progress.Range + 1, Continuation = null, LastPartition = null }, new ArrayBufferWriter<byte>());
        var partition = progress.LastPartition;
        await using (var packed = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            await foreach (var page in tables.WalkOf(range.Table).QueryAsync(range.Filter, PageRows, cancellationToken: cancellation).AsPages(progress.Continuation))
            {
                var isFirst = true;
                foreach (var row in page.Values)
                {
                    var (isLate, isCut) = (row.Timestamp >= progress.StartedAt - Skew, isFirst && row.PartitionKey == partition);
                    line.ResetWrittenCount();
                    RowText.Write(line, row, isLate, isCut);
                    packed.Write(line.WrittenSpan);
                    size += line.WrittenCount;
                    rows++;
                    late += isLate || isCut ? 1 : 0;
                    (isFirst, partition) = (false, row.PartitionKey);
                }

                if (page.ContinuationToken is { } continuation && (size >= SizeOf(progress.Parts.Count) || time.GetElapsedTime(began) > StepTime))
                {
                    next = progress with { Continuation = continuation, LastPartition = partition };
                    break;
                }
            }
        }

        if (rows == 0)
        {
            return next;
        }

        return next with { Parts = [.. progress.Parts, await WriteAsync(archive, range.Table, progress.Parts.Count, content, (range.Table, rows, late), cancellation)] };
    }

    // Files are many, so what is known of them is in files, too.
    private async Task<ExportProgress> ExportRestAsync(ExportProgress progress, IArchive archive, CancellationToken cancellation)
    {
        var (copied, last) = await CopyBlobsAsync(progress, archive, cancellation);
        if (copied.Count == 0)
        {
            return await FinishAsync(progress, archive, cancellation);
        }

        using var content = new MemoryStream();
        await using (var packed = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var blob in copied)
            {
                await JsonSerializer.SerializeAsync(packed, blob, ParleyJson.Wire.ArchivedBlob, cancellation);
                packed.WriteByte((byte)'\n');
            }
        }

        var list = await WriteAsync(archive, "files", progress.BlobLists.Count, content, (Table: "", copied.Count, 0), cancellation);
        return progress with { LastBlob = last, BlobLists = [.. progress.BlobLists, list], BlobBytes = progress.BlobBytes + copied.Sum(blob => blob.Bytes) };
    }

    private async Task<(List<ArchivedBlob> Copied, string Last)> CopyBlobsAsync(ExportProgress progress, IArchive archive, CancellationToken cancellation)
    {
        var (copied, last, began) = (new List<ArchivedBlob>(), progress.LastBlob, time.GetTimestamp());
        foreach (var container in AppRows.Containers)
        {
            var folder = BlobStore.FolderOf(progress.SdkAppId);
            await foreach (var blob in blobs.ListAsync(container, folder, cancellation))
            {
                var place = $"{container}/{blob.Name}";
                if (string.CompareOrdinal(place, progress.LastBlob) <= 0)
                {
                    continue;
                }

                last = place;
                copied.Add(await CopyAsync(container, blob.Name, blob.Name[folder.Length..], archive, cancellation));
                if (time.GetElapsedTime(began) > StepTime)
                {
                    return (copied, last);
                }
            }
        }

        return (copied, last);
    }

    // Two that work at the same step by mistake must not write the same file.
    private static async Task<ArchivedPart> WriteAsync(
        IArchive archive, string kind, int before, MemoryStream content, (string Table, long Rows, long Late) holds, CancellationToken cancellation)
    {
        var name = FormattableString.Invariant($"{kind}-{before + 1:D5}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.jsonl.gz");
        content.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
        content.Position = 0;
        var bytes = content.Length;
        await archive.WriteAsync(name, content, cancellation);
        return new ArchivedPart(name, holds.Table, holds.Rows, holds.Late, bytes, hash);
    }

    private async Task<ArchivedBlob> CopyAsync(string container, string blobName, string name, IArchive archive, CancellationToken cancellation)
    {
        var target = $"blobs/{container}/{name}";
        await using var source = await blobs.OpenReadAsync(container, blobName, cancellation);
        var bytes = source.Length;
        using var sha = SHA256.Create();
        await using var hashing = new CryptoStream(source, sha, CryptoStreamMode.Read, leaveOpen: true);
        await archive.WriteAsync(target, hashing, cancellation);
        return new ArchivedBlob(target, container, name, bytes, Convert.ToHexStringLower(sha.Hash!));
    }

    private async Task<ExportProgress> FinishAsync(ExportProgress progress, IArchive archive, CancellationToken cancellation)
    {
        var rows = progress.Parts.GroupBy(part => part.Table).ToDictionary(table => table.Key, table => table.Sum(part => part.Rows));
        var manifest = new ArchiveManifest(
            ArchiveManifest.CurrentFormat, progress.ExportId, progress.SdkAppId, progress.Nonce, progress.StartedAt, time.GetUtcNow(), progress.Layouts!,
            rows, progress.Parts, progress.BlobLists);
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, ParleyJson.Wire.ArchiveManifest);
        using var content = new MemoryStream(json);
        await archive.WriteAsync(ArchiveManifest.FileName, content, cancellation);
        return progress with { Checksum = Convert.ToHexStringLower(SHA256.HashData(json)), ManifestBytes = json.Length };
    }
}
