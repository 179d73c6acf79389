namespace Parley.Archives;

/// <summary>Looks at every file of an export before anything of it is written: whether it is there and what was exported.</summary>
public sealed class ArchiveVerification(TimeProvider time)
{
    internal async Task<RestoreProgress> VerifyAsync(RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, HoldRenewal hold, CancellationToken cancellation)
    {
        List<ArchivedPart> files = [.. manifest.Parts, .. manifest.BlobLists];
        var began = time.GetTimestamp();
        for (var i = progress.Part; i < files.Count; i++)
        {
            if (time.GetElapsedTime(began) > AppRestore.StepTime)
            {
                return progress with { Part = i };
            }

            await hold.KeepAsync(cancellation);
            await archive.VerifyAsync(files[i].Name, files[i].Sha256, cancellation);
            foreach (var blob in files[i].Table.Length > 0 ? [] : await archive.ReadListAsync(files[i], cancellation))
            {
                await hold.KeepAsync(cancellation);
                await archive.VerifyAsync(blob.Name, blob.Sha256, cancellation);
            }
        }

        return progress.In(RestoreStage.Empty);
    }
}
