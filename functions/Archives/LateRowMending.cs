namespace Parley.Archives;

/// <summary>Goes through the files of an export once more, and puts the partitions right that were written to while it was made.</summary>
public sealed class LateRowMending(ArchiveMending mending)
{
    internal async Task<RestoreProgress> MendAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, HoldRenewal hold, CancellationToken cancellation)
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
                await hold.KeepAsync(cancellation);
                await mending.MendAsync(part.Table, partition.Key, rows, manifest.StartedAt, cancellation);
                mended++;
            }
        }

        return progress with { Part = progress.Part + 1, Mended = progress.Mended + mended };
    }
}
