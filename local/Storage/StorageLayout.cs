using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Parley.Storage;

namespace Parley.Local.Storage;

/// <summary>The tables, queues and containers that the handler finds ready; in Azure the templates make them.</summary>
public static class StorageLayout
{
    /// <summary>Creates what is missing.</summary>
    public static async Task CreateAsync(string connectionString, CancellationToken cancellation)
    {
        var tables = new TableServiceClient(connectionString);
        foreach (var table in TableNames.Tables)
        {
            await tables.CreateTableIfNotExistsAsync(table, cancellation);
        }

        var queues = new QueueServiceClient(connectionString);
        foreach (var queue in TableNames.Queues)
        {
            await queues.GetQueueClient(queue).CreateIfNotExistsAsync(cancellationToken: cancellation);
        }

        var blobs = new BlobServiceClient(connectionString);
        foreach (var container in TableNames.Containers)
        {
            await blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: cancellation);
        }
    }
}
