using System.Globalization;

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
/// <param name="BegunAt">When it was asked for: the same at every attempt of the first step.</param>
/// <param name="Part">The next file of the archive; while rows are counted, the range of them.</param>
/// <param name="Written">Rows written, by table.</param>
public sealed record RestoreProgress(RestoreParameters Parameters, DateTimeOffset BegunAt, RestoreStage Stage, int Part, IReadOnlyDictionary<string, long> Written, long Mended)
{
    public static RestoreProgress Begin(RestoreParameters parameters, DateTimeOffset begunAt) => new(parameters, begunAt, RestoreStage.Close, 0, new Dictionary<string, long>(), 0);

    /// <summary>How long the next step must wait.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Rows counted so far, by table; null before the count.</summary>
    public IReadOnlyDictionary<string, long>? Counted { get; init; }

    /// <summary>Where the count goes on in its range; null for the beginning.</summary>
    public string? Continuation { get; init; }

    /// <summary>Names this restore among all that were ever begun, also of the same export.</summary>
    internal string Id => string.Create(CultureInfo.InvariantCulture, $"{RestoreTask.IdOf(Parameters)}, begun {BegunAt.UtcDateTime:O}");

    internal RestoreProgress In(RestoreStage stage) => this with { Stage = stage, Part = 0, Counted = null, Continuation = null, Wait = TimeSpan.Zero };
}
