using Parley.Storage;

namespace Parley.Archives;

/// <summary>Where the files of an export are.</summary>
public interface IArchive
{
    /// <summary>Writes a file as a whole; one of that name is replaced.</summary>
    Task WriteAsync(string name, Stream content, CancellationToken cancellation);

    /// <exception cref="FileNotFoundException">There is none of that name.</exception>
    Task<Stream> OpenReadAsync(string name, CancellationToken cancellation);
}

/// <summary>An export in the container of exports, folder <c>{app}/{export}/</c>.</summary>
public sealed class BlobArchive(BlobStore blobs, uint sdkAppId, string exportId) : IArchive
{
    public static string FolderOf(uint sdkAppId, string exportId) => $"{BlobStore.FolderOf(sdkAppId)}{exportId}/";

    public Task WriteAsync(string name, Stream content, CancellationToken cancellation) =>
        blobs.WriteAsync(TableNames.ExportContainer, FolderOf(sdkAppId, exportId) + name, content, name.EndsWith(".json", StringComparison.Ordinal) ? "application/json" : "application/gzip", cancellation);

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) =>
        blobs.OpenReadAsync(TableNames.ExportContainer, FolderOf(sdkAppId, exportId) + name, cancellation);
}
