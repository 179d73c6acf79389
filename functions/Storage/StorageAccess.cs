using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Options;
using Parley.Identity;

namespace Parley.Storage;

/// <summary>Makes the clients of the storage accounts: by connection string where there is one, else by endpoint and the app's identity.</summary>
public sealed class StorageAccess
{
    private static readonly TimeSpan BlobTimeout = TimeSpan.FromSeconds(60);

    private readonly StorageOptions _options;
    private readonly string? _connectionString;
    private readonly AppIdentity _identity;

    /// <exception cref="InvalidOperationException">The settings name no storage account.</exception>
    public StorageAccess(IOptions<StorageOptions> options, IConfiguration configuration, AppIdentity identity)
    {
        _options = options.Value;
        _identity = identity;
        _connectionString = !string.IsNullOrEmpty(_options.ConnectionString) ? _options.ConnectionString
            : _options.TableEndpoint is null && configuration["AzureWebJobsStorage"] is { Length: > 0 } host ? host
            : null;
        if (_connectionString is null && (_options.TableEndpoint is null || _options.QueueEndpoint is null))
        {
            throw new InvalidOperationException("Set Storage:TableEndpoint and Storage:QueueEndpoint, or Storage:ConnectionString, or AzureWebJobsStorage.");
        }

        if (_options.Shards.Any(shard => (shard.TableEndpoint is null) == string.IsNullOrEmpty(shard.ConnectionString)))
        {
            throw new InvalidOperationException("Each of Storage:Shards needs either TableEndpoint or ConnectionString.");
        }
    }

    /// <summary>The primary account.</summary>
    /// <param name="timeout">Of one request; as set if not given.</param>
    public TableServiceClient ConnectTables(int maxRetries, TimeSpan? timeout = null) =>
        Connect(_options.TableEndpoint, _connectionString, maxRetries, timeout);

    /// <summary>All accounts, the primary first.</summary>
    /// <param name="timeout">Of one request; as set if not given.</param>
    /// <exception cref="InvalidOperationException">An account is named twice.</exception>
    public IReadOnlyList<TableServiceClient> ConnectShards(int maxRetries, TimeSpan? timeout = null)
    {
        TableServiceClient[] accounts =
        [
            ConnectTables(maxRetries, timeout),
            .. _options.Shards.Select(shard => Connect(shard.TableEndpoint, shard.ConnectionString, maxRetries, timeout)),
        ];
        return accounts.DistinctBy(account => account.AccountName).Count() == accounts.Length
            ? accounts
            : throw new InvalidOperationException("Storage:Shards names an account twice, or the primary one.");
    }

    private TableServiceClient Connect(Uri? endpoint, string? connectionString, int maxRetries, TimeSpan? timeout)
    {
        var client = new TableClientOptions();
        client.Retry.MaxRetries = maxRetries;
        client.Retry.NetworkTimeout = timeout ?? RequestTimeout;
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.Delay = TimeSpan.FromMilliseconds(100);
        client.Diagnostics.IsLoggingEnabled = false;
        client.Diagnostics.IsDistributedTracingEnabled = false;
        return !string.IsNullOrEmpty(connectionString)
            ? new TableServiceClient(connectionString, client)
            : new TableServiceClient(endpoint, _identity.Credential, client);
    }

    public QueueClient ConnectQueue(string name)
    {
        // As host.json says; the host would take a plain text for poison.
        var client = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.NetworkTimeout = RequestTimeout;
        return _connectionString is not null
            ? new QueueClient(_connectionString, name, client)
            : new QueueClient(new Uri($"{_options.QueueEndpoint!.AbsoluteUri.TrimEnd('/')}/{name}"), _identity.Credential, client);
    }

    /// <exception cref="InvalidOperationException">The settings name no blob endpoint.</exception>
    public BlobServiceClient ConnectBlobs()
    {
        var client = new BlobClientOptions();
        client.Retry.Mode = RetryMode.Exponential;
        // Of one request that sends or receives a whole file.
        client.Retry.NetworkTimeout = BlobTimeout;
        client.Diagnostics.IsLoggingEnabled = false;
        client.Diagnostics.IsDistributedTracingEnabled = false;
        return _connectionString is not null ? new BlobServiceClient(_connectionString, client)
            : _options.BlobEndpoint is not null ? new BlobServiceClient(_options.BlobEndpoint, _identity.Credential, client)
            : throw new InvalidOperationException("Set Storage:BlobEndpoint, or Storage:ConnectionString.");
    }

    private TimeSpan RequestTimeout => TimeSpan.FromMilliseconds(_options.RequestTimeoutMilliseconds);
}
