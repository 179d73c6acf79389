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
        await CreateTablesAsync(connectionString, TableNames.Tables, cancellation);

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

    /// <summary>Creates what is missing in a further account.</summary>
    public static Task CreateShardAsync(string connectionString, CancellationToken cancellation) =>
        CreateTablesAsync(connectionString, TableNames.Sharded, cancellation);

    private static async Task CreateTablesAsync(string connectionString, IEnumerable<string> names, CancellationToken cancellation)
    {
        var tables = new TableServiceClient(connectionString);
        foreach (var name in names)
        {
            await tables.CreateTableIfNotExistsAsync(name, cancellation);
        }
    }
}
