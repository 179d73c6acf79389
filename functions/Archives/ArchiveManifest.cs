namespace Parley.Archives;

/// <summary>A file of rows: lines as <see cref="Storage.RowText"/> writes them, packed with gzip; or one that lists the app's own files, a line of <see cref="ArchivedBlob"/> for each.</summary>
/// <param name="Table">Empty for a list of files.</param>
/// <param name="Rows">How many.</param>
/// <param name="LateRows">How many of them were written while the export was made, or begin a page in the middle of a partition.</param>
/// <param name="Bytes">Of the packed file.</param>
/// <param name="Sha256">Of the packed file, lower-case hex.</param>
public sealed record ArchivedPart(string Name, string Table, long Rows, long LateRows, long Bytes, string Sha256);

/// <summary>A file of the app's, copied as it was.</summary>
/// <param name="Name">In the archive.</param>
/// <param name="BlobName">In its container, behind the app's folder.</param>
public sealed record ArchivedBlob(string Name, string Container, string BlobName, long Bytes, string Sha256);

/// <summary>
/// What an export holds: file <c>manifest.json</c>, written last. Its own SHA-256 vouches for it, and it for every other file.
/// </summary>
/// <param name="Nonce">Makes the checksum one that nobody can guess: whoever names it has been told.</param>
/// <param name="Layouts">The layout of each table's rows.</param>
public sealed record ArchiveManifest(
    int Format, string ExportId, uint SdkAppId, string Nonce, DateTimeOffset StartedAt, DateTimeOffset EndedAt, IReadOnlyDictionary<string, int> Layouts,
    IReadOnlyDictionary<string, long> Rows, IReadOnlyList<ArchivedPart> Parts, IReadOnlyList<ArchivedPart> BlobLists)
{
    public const string FileName = "manifest.json";

    /// <summary>Of this and the only kind of archives.</summary>
    public const int CurrentFormat = 1;
}
