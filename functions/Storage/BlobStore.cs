using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Parley.Storage;

/// <summary>Files in the containers of the storage account, which deployment and the local environment make.</summary>
public sealed class BlobStore(StorageAccess storage, BlobReadLinks links)
{
    // Made at first use: most instances never need it, and a start should be quick.
    private readonly Lazy<BlobServiceClient> _service = new(storage.ConnectBlobs);

    /// <summary>The folder of an app: what the names of its files begin with, in every container.</summary>
    public static string FolderOf(uint sdkAppId) => string.Create(CultureInfo.InvariantCulture, $"{sdkAppId}/");

    /// <summary>Writes a file as a whole; one of that name is replaced.</summary>
    public async Task WriteAsync(string container, string name, Stream content, string contentType, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = contentType } };
        await Find(container, name).UploadAsync(content, options, cancellation);
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is none of that name.</exception>
    public async Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellation)
    {
        try
        {
            return await Find(container, name).OpenReadAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FileNotFoundException($"There is no file {container}/{name}.", name, e);
        }
    }

    /// <summary>The names of the files that begin with a text, in order.</summary>
    public async IAsyncEnumerable<BlobItem> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var item in _service.Value.GetBlobContainerClient(container).GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellation))
        {
            yield return item;
        }
    }

    /// <summary>Deletes a file; nothing happens if there is none.</summary>
    public Task DeleteAsync(string container, string name, CancellationToken cancellation) =>
        Find(container, name).DeleteIfExistsAsync(cancellationToken: cancellation);

    /// <summary>An address at which anybody who knows it can read a file for a while.</summary>
    public Task<Uri> ReadLinkAsync(string container, string name, TimeSpan lifetime, CancellationToken cancellation) =>
        links.CreateAsync(_service.Value, container, name, lifetime, cancellation);

    private BlobClient Find(string container, string name) => _service.Value.GetBlobContainerClient(container).GetBlobClient(name);
}
