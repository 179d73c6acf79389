using Parley.Local;
using Parley.Local.Storage;
using Parley.Tests.Support;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Parley.Tests.Support;

/// <summary>
/// One Azurite for the whole run, in memory, on ports that the kernel chose, for tests of storage code. It starts
/// with the first test that asks for it. Tests share it, so each names its own tables and queues.
/// </summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private const int MostAccounts = 60;

    private readonly SemaphoreSlim _starting = new(1);
    private AzuriteProcess? _azurite;
    private int _names;
    private int _accounts;

    public async Task<StorageEndpoints> EndpointsAsync() => (await StartedAsync()).Endpoints;

    public async Task<string> ConnectionStringAsync() => (await StartedAsync()).ConnectionString;

    /// <summary>A name that no other test has, valid for tables and queues.</summary>
    public string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref _names)}";

    /// <summary>A storage account that no other test has, for tests that look at all that is in one.</summary>
    public string NewStorageAccount() => Interlocked.Increment(ref _accounts) is var number && number <= MostAccounts
        ? NameOf(number)
        : throw new InvalidOperationException($"Only {MostAccounts} accounts were made.");

    /// <summary>A fault proxy before the table service, and endpoints that lead through it.</summary>
    public async Task<(FaultProxy Proxy, StorageEndpoints Endpoints)> StartTableProxyAsync(FaultPlan? plan = null)
    {
        var endpoints = await EndpointsAsync();
        var proxy = await FaultProxy.StartAsync(endpoints.Table, plan);
        return (proxy, endpoints with { Table = proxy.Address });
    }

    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        _starting.Dispose();
    }

    private async Task<AzuriteProcess> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _azurite ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private static async Task<AzuriteProcess> StartAsync()
    {
        await NodeRuntime.FindAsync(CancellationToken.None);
        var installation = new AzuriteInstallation(Repository.AzuriteFolder);
        await installation.EnsureAsync(CancellationToken.None);
        return await AzuriteProcess.StartAsync(
            installation, new AzuriteOptions { FurtherAccounts = [.. Enumerable.Range(1, MostAccounts).Select(NameOf)] }, CancellationToken.None);
    }

    private static string NameOf(int number) => $"parleytest{number}";
}
