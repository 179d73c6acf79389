using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Parley.Telemetry;

namespace Parley.Storage;

/// <summary>Makes links with which anybody who has one can read a blob for some time: signed with the account's key where there is one, else with a key that storage gives the app's identity.</summary>
/// <remarks>The latter is asked for once in a day or so and serves all links. The role Storage Blob Data Owner or Contributor, or Storage Blob Delegator, is needed for it.</remarks>
public sealed class BlobReadLinks(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(2);

    /// <summary>Storage's own bound for a key, and so for a link.</summary>
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim _gate = new(1);
    private (Uri Account, UserDelegationKey Key)? _known;

    /// <param name="service">The account, as <see cref="StorageAccess.ConnectBlobs"/> gives it.</param>
    /// <param name="lifetime">How long the link can be used, at most six days.</param>
    /// <exception cref="Azure.RequestFailedException">Storage gave no key.</exception>
    public async Task<Uri> CreateAsync(BlobServiceClient service, string container, string blob, TimeSpan lifetime, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(6));
        var client = service.GetBlobContainerClient(container).GetBlobClient(blob);
        var now = time.GetUtcNow();
        var link = new BlobSasBuilder(BlobSasPermissions.Read, now + lifetime)
        {
            BlobContainerName = container,
            BlobName = blob,
            Resource = "b",
            StartsOn = now - ClockSkew,
            Protocol = client.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        if (client.CanGenerateSasUri)
        {
            return client.GenerateSasUri(link);
        }

        var key = await KeyUntilAsync(service, now + lifetime, cancellation);
        return new BlobUriBuilder(client.Uri) { Sas = link.ToSasQueryParameters(key, client.AccountName) }.ToUri();
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>A key that is good for so long at least: what it signs ends with it.</summary>
    private async Task<UserDelegationKey> KeyUntilAsync(BlobServiceClient service, DateTimeOffset end, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_known is { } known && known.Account == service.Uri && known.Key.SignedExpiresOn >= end)
            {
                return known.Key;
            }

            var now = time.GetUtcNow();
            var wanted = end + KeyLifetime;
            var latest = now + LongestLifetime - ClockSkew;
            using var span = ParleyTracing.Start("blob delegation key", ActivityKind.Client)?.SetTag("server.address", service.Uri.Host);
            var key = await service.GetUserDelegationKeyAsync(now - ClockSkew, wanted < latest ? wanted : latest, cancellation);
            _known = (service.Uri, key.Value);
            return key.Value;
        }
        finally
        {
            _gate.Release();
        }
    }
}
