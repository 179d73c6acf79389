using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Options;

namespace Parley.Storage;

/// <summary>The tables, each as a client for reading and, where whole partitions are changed, as a partition writer.</summary>
/// <remarks>Tables are made by deployment (infra) and by the local environment, not here: a start must not cost calls.</remarks>
public sealed class TableStore
{
    private static readonly TimeSpan ScanTimeout = TimeSpan.FromSeconds(30);

    public TableStore(IOptions<StorageOptions> options, IConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        var settings = options.Value;
        if (settings.ConnectionStringOr(configuration) is null && (settings.TableEndpoint is null || settings.QueueEndpoint is null))
        {
            throw new InvalidOperationException("Set Storage:TableEndpoint and Storage:QueueEndpoint, or Storage:ConnectionString, or AzureWebJobsStorage.");
        }

        var reading = Connect(settings, configuration, maxRetries: 3);
        var writing = Connect(settings, configuration, maxRetries: 0);
        Accounts = reading.GetTableClient(TableNames.Accounts);
        AccountScan = Connect(settings, configuration, maxRetries: 3, ScanTimeout).GetTableClient(TableNames.Accounts);
        Apps = reading.GetTableClient(TableNames.Apps);
        DeadLetters = reading.GetTableClient(TableNames.DeadLetters);
        AccountWriter = new PartitionWriter(
            writing.GetTableClient(TableNames.Accounts), settings, time, loggers.CreateLogger<PartitionWriter>());
    }

    /// <summary>One partition per account: the account, its conversations, messages and connections.</summary>
    public TableClient Accounts { get; }

    /// <summary>The same table for reading across partitions: the service may search for 5 s before it answers a page.</summary>
    public TableClient AccountScan { get; }

    /// <summary>One partition per app: settings.</summary>
    public TableClient Apps { get; }

    /// <summary>Jobs that were given up, with the reason.</summary>
    public TableClient DeadLetters { get; }

    public PartitionWriter AccountWriter { get; }

    private static TableServiceClient Connect(StorageOptions options, IConfiguration configuration, int maxRetries, TimeSpan? timeout = null)
    {
        var clientOptions = new TableClientOptions();
        clientOptions.Retry.MaxRetries = maxRetries;
        clientOptions.Retry.NetworkTimeout = timeout ?? TimeSpan.FromMilliseconds(options.RequestTimeoutMilliseconds);
        clientOptions.Retry.Mode = RetryMode.Exponential;
        clientOptions.Retry.Delay = TimeSpan.FromMilliseconds(100);
        clientOptions.Diagnostics.IsLoggingEnabled = false;
        clientOptions.Diagnostics.IsDistributedTracingEnabled = false;
        var connectionString = options.ConnectionStringOr(configuration);
        return connectionString is not null
            ? new TableServiceClient(connectionString, clientOptions)
            : new TableServiceClient(options.TableEndpoint, new DefaultAzureCredential(), clientOptions);
    }
}
