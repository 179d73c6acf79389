using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Parley.Local.FunctionsHost;

/// <summary>When a timer ran and will run. Property names are those of the envelope and of the stored blob.</summary>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset LastUpdated);

/// <summary>Remembers the status of monitored timers in blob container <c>azure-webjobs-hosts</c>, where the real host keeps it too.</summary>
internal sealed class TimerStatusBlobs(string connection, string hostId)
{
    private readonly BlobContainerClient _container = new(connection, "azure-webjobs-hosts");

    /// <returns>Null when the timer is new, or what is stored cannot be read.</returns>
    public async Task<TimerStatus?> ReadAsync(string function, CancellationToken cancellation)
    {
        try
        {
            var blob = await Blob(function).DownloadContentAsync(cancellation);
            return JsonSerializer.Deserialize<TimerStatus>(blob.Value.Content.ToString());
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string function, TimerStatus status, CancellationToken cancellation)
    {
        var content = BinaryData.FromString(JsonSerializer.Serialize(status));
        try
        {
            await Blob(function).UploadAsync(content, overwrite: true, cancellation);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellation);
            await Blob(function).UploadAsync(content, overwrite: true, cancellation);
        }
    }

    private BlobClient Blob(string function) => _container.GetBlobClient($"timers/{hostId}/Host.Functions.{function}/status");
}
