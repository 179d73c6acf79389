using Azure.Data.Tables;
using Azure.Storage.Queues;

namespace Parley.Local.Storage;

/// <summary>The tables and queues that the handler finds ready; in Azure the templates make them.</summary>
public static class StorageLayout
{
    public static IReadOnlyList<string> Tables { get; } = ["accounts", "apps", "groups", "deadletters"];

    public static IReadOnlyList<string> Queues { get; } = ["parley-deliver"];

    /// <summary>Creates what is missing.</summary>
    public static async Task CreateAsync(string connectionString, CancellationToken cancellation)
    {
        var tables = new TableServiceClient(connectionString);
        foreach (var table in Tables)
        {
            await tables.CreateTableIfNotExistsAsync(table, cancellation);
        }

        var queues = new QueueServiceClient(connectionString);
        foreach (var queue in Queues)
        {
            await queues.GetQueueClient(queue).CreateIfNotExistsAsync(cancellationToken: cancellation);
        }
    }
}
