using Azure.Data.Tables;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Local.Resharding;
using Parley.Local.Storage;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

/// <summary>A deployment with several storage accounts of its own in Azurite, and any number of instances of the storage engine, each behind a fault proxy of its own.</summary>
internal sealed class ShardedStores : IAsyncDisposable
{
    private readonly List<FaultProxy> _proxies = [];

    private ShardedStores(AzuriteFixture azurite, IReadOnlyList<string> names) => (Azurite, Names) = (azurite, names);

    /// <summary>Short enough for a test, long enough for a busy computer.</summary>
    public static ShardLease Lease { get; } = new()
    {
        Settled = TimeSpan.FromSeconds(3),
        Moving = TimeSpan.FromSeconds(1.5),
        Skew = TimeSpan.FromSeconds(1),
        Abandoned = TimeSpan.FromSeconds(5),
    };

    /// <summary>Names of the storage accounts, the primary first.</summary>
    public IReadOnlyList<string> Names { get; }

    public static async Task<ShardedStores> StartAsync(AzuriteFixture azurite, int accounts)
    {
        var stores = new ShardedStores(azurite, [.. Enumerable.Range(0, accounts).Select(_ => azurite.NewStorageAccount())]);
        var endpoints = await azurite.EndpointsAsync();
        await StorageLayout.CreateAsync(endpoints.ConnectionStringOf(stores.Names[0]), CancellationToken.None);
        foreach (var name in stores.Names.Skip(1))
        {
            await StorageLayout.CreateShardAsync(endpoints.ConnectionStringOf(name), CancellationToken.None);
        }

        return stores;
    }

    /// <summary>A new instance.</summary>
    /// <param name="names">The accounts that its settings name; all if not given.</param>
    /// <param name="requestTimeout">Of one request, in milliseconds.</param>
    public async Task<(TableStore Store, FaultProxy Proxy)> StartInstanceAsync(
        TimeProvider? time = null, IReadOnlyList<string>? names = null, int requestTimeout = 3_000, int retry = 20_000)
    {
        var (proxy, endpoints) = await Azurite.StartTableProxyAsync();
        _proxies.Add(proxy);
        var options = Settings(endpoints, names ?? Names);
        (options.RequestTimeoutMilliseconds, options.RetryMilliseconds) = (requestTimeout, retry);
        return (new TableStore(Access(options), Options.Create(options), Lease, time ?? TimeProvider.System, NullLoggerFactory.Instance), proxy);
    }

    /// <summary>The accounts as the operator's command sees them, and the proxy that it goes through.</summary>
    public async Task<(ShardAccounts Accounts, FaultProxy Proxy)> ConnectOperatorAsync()
    {
        var (proxy, endpoints) = await Azurite.StartTableProxyAsync();
        _proxies.Add(proxy);
        return (new ShardAccounts(Access(Settings(endpoints, Names))), proxy);
    }

    /// <summary>Moves all buckets evenly to some accounts.</summary>
    public async Task ReshardAsync(uint app, int[]? targets, int together = ShardBucket.Count)
    {
        var (accounts, _) = await ConnectOperatorAsync();
        await Resharder(accounts).ApplyAsync(app, targets, isResumeOnly: false, together, CancellationToken.None);
    }

    public static Resharder Resharder(ShardAccounts accounts) => new(accounts, Lease, TimeProvider.System, text => TestContext.Current.TestOutputHelper?.WriteLine(text));

    /// <summary>The emulator that has the accounts.</summary>
    public AzuriteFixture Azurite { get; }

    /// <summary>The settings of an app instance with these accounts.</summary>
    public async Task<(string Name, string Value)[]> AppSettingsAsync()
    {
        var endpoints = await Azurite.EndpointsAsync();
        return
        [
            ("AzureWebJobsStorage", endpoints.ConnectionStringOf(Names[0])),
            .. Names.Skip(1).Select((name, i) => ($"Storage:Shards:{i}:ConnectionString", endpoints.ConnectionStringOf(name))),
        ];
    }

    /// <summary>How many accounts of apps each storage account has.</summary>
    public static async Task<List<int>> AccountsInAsync(TableStore store)
    {
        var counts = new List<int>();
        foreach (var shard in store.Accounts.Shards)
        {
            counts.Add(await shard.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"RowKey eq {"a"}"), cancellationToken: TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private static StorageOptions Settings(StorageEndpoints endpoints, IReadOnlyList<string> names) => new()
    {
        ConnectionString = endpoints.ConnectionStringOf(names[0]),
        Shards = [.. names.Skip(1).Select(name => new StorageShard { ConnectionString = endpoints.ConnectionStringOf(name) })],
    };

    private static StorageAccess Access(StorageOptions options)
    {
        var configuration = new ConfigurationBuilder().Build();
        return new StorageAccess(Options.Create(options), configuration, new AppIdentity(configuration));
    }
}
