using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Parley.Storage;

/// <summary>Files in the containers of the storage account, which deployment and the local environment make.</summary>
public sealed class BlobStore(StorageAccess storage, TimeProvider time)
{
    /// <summary>A key that the service gives for links is good for at most seven days.</summary>
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(7);

    // Clocks differ: a link is good from a little earlier on.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    // Made at first use: most instances never need it, and a start should be quick.
    private readonly Lazy<BlobServiceClient> _service = new(storage.ConnectBlobs);
    private UserDelegationKey? _key;

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
    /// <remarks>Signed with the account's key where there is one, else with a key that the service gives to the app's identity.</remarks>
    public async Task<Uri> ReadLinkAsync(string container, string name, TimeSpan lifetime, CancellationToken cancellation)
    {
        var blob = Find(container, name);
        var now = time.GetUtcNow();
        var link = new BlobSasBuilder(BlobSasPermissions.Read, now + lifetime)
        {
            BlobContainerName = container, BlobName = name, Resource = "b", StartsOn = now - Skew,
        };
        return blob.CanGenerateSasUri
            ? blob.GenerateSasUri(link)
            : new BlobUriBuilder(blob.Uri) { Sas = link.ToSasQueryParameters(await KeyAsync(now, now + lifetime, cancellation), blob.AccountName) }.ToUri();
    }

    private async Task<UserDelegationKey> KeyAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        if (_key is { } known && known.SignedExpiresOn > until)
        {
            return known;
        }

        var key = await _service.Value.GetUserDelegationKeyAsync(now - Skew, now - Skew + KeyLifetime, cancellation);
        return _key = key.Value;
    }

    private BlobClient Find(string container, string name) => _service.Value.GetBlobContainerClient(container).GetBlobClient(name);
}
