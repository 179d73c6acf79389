using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Queues;
using Microsoft.Extensions.Options;
using Parley.Telemetry;

namespace Parley.Storage;

/// <summary>Makes the clients of the storage account: by connection string where there is one, else by endpoint and the app's identity.</summary>
/// <remarks>All share one credential, and so its tokens.</remarks>
public sealed class StorageAccess
{
    private readonly StorageOptions _options;
    private readonly string? _connectionString;
    private readonly StorageTelemetry _telemetry;
    private readonly Lazy<TokenCredential> _credential = new(() => new DefaultAzureCredential());

    /// <exception cref="InvalidOperationException">The settings name no storage account.</exception>
    public StorageAccess(IOptions<StorageOptions> options, IConfiguration configuration, ParleyMetrics metrics)
    {
        _telemetry = new StorageTelemetry(metrics);
        _options = options.Value;
        _connectionString = !string.IsNullOrEmpty(_options.ConnectionString) ? _options.ConnectionString
            : _options.TableEndpoint is null && configuration["AzureWebJobsStorage"] is { Length: > 0 } host ? host
            : null;
        if (_connectionString is null && (_options.TableEndpoint is null || _options.QueueEndpoint is null))
        {
            throw new InvalidOperationException("Set Storage:TableEndpoint and Storage:QueueEndpoint, or Storage:ConnectionString, or AzureWebJobsStorage.");
        }
    }

    /// <param name="timeout">Of one request; as set if not given.</param>
    public TableServiceClient ConnectTables(int maxRetries, TimeSpan? timeout = null)
    {
        var client = new TableClientOptions();
        client.Retry.MaxRetries = maxRetries;
        client.Retry.NetworkTimeout = timeout ?? RequestTimeout;
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.Delay = TimeSpan.FromMilliseconds(100);
        client.Diagnostics.IsLoggingEnabled = false;
        // Its spans would hold addresses, and so names of accounts; ours do not.
        client.Diagnostics.IsDistributedTracingEnabled = false;
        client.AddPolicy(_telemetry, HttpPipelinePosition.PerRetry);
        return _connectionString is not null
            ? new TableServiceClient(_connectionString, client)
            : new TableServiceClient(_options.TableEndpoint, _credential.Value, client);
    }

    public QueueClient ConnectQueue(string name)
    {
        // As host.json says; the host would take a plain text for poison.
        var client = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.NetworkTimeout = RequestTimeout;
        return _connectionString is not null
            ? new QueueClient(_connectionString, name, client)
            : new QueueClient(new Uri($"{_options.QueueEndpoint!.AbsoluteUri.TrimEnd('/')}/{name}"), _credential.Value, client);
    }

    private TimeSpan RequestTimeout => TimeSpan.FromMilliseconds(_options.RequestTimeoutMilliseconds);
}
