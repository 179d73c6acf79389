using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Parley.Storage;

/// <summary>Where state is kept. Section <c>Storage</c>; the connection string of the Functions host is used when nothing else is set.</summary>
public sealed class StorageOptions
{
    /// <summary>Connection string of the storage account; local runs. Empty in Azure, where the endpoints and the app's identity are used.</summary>
    public string? ConnectionString { get; set; }

    public Uri? TableEndpoint { get; set; }

    public Uri? QueueEndpoint { get; set; }

    public Uri? BlobEndpoint { get; set; }

    /// <summary>Further accounts, which accounts and groups can be moved to; the one above is number 0, the first of these number 1. Only ever append.</summary>
    public IReadOnlyList<StorageShard> Shards { get; set; } = [];

    /// <summary>How long one request to storage may take, in milliseconds.</summary>
    [Range(100, 60_000)]
    public int RequestTimeoutMilliseconds { get; set; } = 5_000;

    /// <summary>How long after its arrival a change is still retried when storage fails, in milliseconds. Then its outcome is reported as unknown.</summary>
    [Range(0, 120_000)]
    public int RetryMilliseconds { get; set; } = 8_000;

    /// <summary>How many rows (conversation heads, accounts, members) an instance keeps in memory.</summary>
    [Range(100, 1_000_000)]
    public int CachedRows { get; set; } = 10_000;
}

/// <summary>A further storage account: one of the two is set.</summary>
public sealed class StorageShard
{
    /// <summary>Table endpoint, used with the app's identity.</summary>
    public Uri? TableEndpoint { get; set; }

    /// <summary>Connection string; local runs.</summary>
    public string? ConnectionString { get; set; }
}

[OptionsValidator]
public sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
