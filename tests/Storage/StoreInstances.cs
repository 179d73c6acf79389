using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Local.Storage;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

/// <summary>Several instances of the storage engine on the same tables, behind one fault proxy, as several instances of the app would be.</summary>
internal sealed class StoreInstances(FaultProxy proxy, IReadOnlyList<TableStore> instances) : IAsyncDisposable
{
    public FaultProxy Proxy => proxy;

    public IReadOnlyList<TableStore> Instances => instances;

    public static async Task<StoreInstances> StartAsync(AzuriteFixture azurite, int instances, int retryMilliseconds = 20_000, int cachedRows = 10_000)
    {
        var (proxy, endpoints) = await azurite.StartTableProxyAsync();
        var settings = new StorageOptions
        {
            ConnectionString = endpoints.ConnectionString,
            RequestTimeoutMilliseconds = 1_500,
            RetryMilliseconds = retryMilliseconds,
            CachedRows = cachedRows,
        };
        var options = Options.Create(settings);
        var configuration = new ConfigurationBuilder().Build();
        var storage = new StorageAccess(options, configuration, new AppIdentity(configuration));
        var stores = Enumerable.Range(0, instances)
            .Select(_ => new TableStore(storage, options, ShardLease.Default, TimeProvider.System, NullLoggerFactory.Instance)).ToList();
        await StorageLayout.CreateAsync(endpoints.ConnectionString, CancellationToken.None);

        return new StoreInstances(proxy, stores);
    }

    public ValueTask DisposeAsync() => proxy.DisposeAsync();
}
