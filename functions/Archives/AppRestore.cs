using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>
/// Puts an export into an app, step by step: closes the app, looks at every file before anything is written, writes rows and files, counts them, puts right what was written while the
/// export was made, opens the app. Each of these is a class of its own.
/// </summary>
/// <remarks>Each step can be repeated: rows are written whatever is there.</remarks>
public sealed class AppRestore(
    TableLayouts layouts, AppClosure closure, AppContents contents, ArchiveVerification verification, ArchiveWriting writing, LateRowMending mending, TimeProvider time)
{
    /// <summary>How long a step goes on with small pieces.</summary>
    internal static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

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
        var hold = new HoldRenewal(closure, progress, time);
        if (progress.Stage is > RestoreStage.Close and < RestoreStage.Open)
        {
            await hold.KeepAsync(cancellation);
        }

        try
        {
            return await StepAsync(progress with { Wait = TimeSpan.Zero }, manifest, new ArchiveReader(archive), hold, cancellation);
        }
        catch (PartitionsMovedException) when (progress.Stage is RestoreStage.Close or RestoreStage.Empty or RestoreStage.Count)
        {
            // These read across partitions, and can begin anew.
            return progress.In(progress.Stage) with { Wait = PartitionsMovedException.Pause };
        }
    }

    /// <summary>Ends a restore that failed, for now or for good: if nothing was written, the app goes on as it was; else it stays closed.</summary>
    /// <returns>Whether it can go on where it stopped; else it must begin anew.</returns>
    public Task<bool> GiveUpAsync(RestoreProgress progress, CancellationToken cancellation) => closure.LetGoAsync(progress, cancellation);

    private async Task<RestoreProgress> StepAsync(
        RestoreProgress progress, ArchiveManifest manifest, ArchiveReader archive, HoldRenewal hold, CancellationToken cancellation) => progress.Stage switch
        {
            RestoreStage.Close => await CloseAsync(progress, cancellation),
            RestoreStage.Verify => await verification.VerifyAsync(progress, manifest, archive, hold, cancellation),
            RestoreStage.Empty => await contents.EmptyAsync(progress, hold, cancellation),
            RestoreStage.Write => await writing.WriteAsync(progress, manifest, archive, hold, cancellation),
            RestoreStage.WriteBlobs => await writing.WriteBlobsAsync(progress, manifest, archive, hold, cancellation),
            RestoreStage.Count => await contents.CountAsync(progress, hold, cancellation),
            RestoreStage.Mend => await mending.MendAsync(progress, manifest, archive, hold, cancellation),
            RestoreStage.Open => await closure.OpenAsync(progress, await archive.ReadSettingsAsync(manifest, cancellation), cancellation),
            _ => progress,
        };

    private async Task<RestoreProgress> CloseAsync(RestoreProgress progress, CancellationToken cancellation)
    {
        if (!progress.Parameters.Force && await contents.HasAccountsOrGroupsAsync(progress.Parameters.Target, cancellation))
        {
            throw new TaskRefusedException("The app has accounts or groups.");
        }

        return await closure.CloseAsync(progress, cancellation);
    }
}
