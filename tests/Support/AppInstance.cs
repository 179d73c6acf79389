using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Parley.Accounts;
using Parley.Apps;
using Parley.Delivery;
using Parley.Local.SignalRService;
using Parley.Local.Storage;
using Parley.Messages;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Tests.Support;

/// <summary>
/// The app's services inside the test process, composed as the program composes them, on Azurite behind a fault proxy: for tests that
/// count calls, move the clock, or take the SignalR service away.
/// </summary>
internal sealed class AppInstance : IAsyncDisposable
{
    public const string AccessKey = "an access key of the tests, long enough to sign with";

    public static readonly string UpstreamSecret = new('s', 32);

    private readonly ServiceProvider _services;

    private AppInstance(ServiceProvider services, FaultProxy storage)
    {
        _services = services;
        Storage = storage;
        App = new App { SdkAppId = 1400000001, Name = "Tests", Secrets = ["secret"], Admins = ["administrator"] };
    }

    public FaultProxy Storage { get; }

    public App App { get; }

    /// <param name="signalR">Where the SignalR service is, or would be.</param>
    /// <param name="time">The clock; the system's if not given.</param>
    /// <param name="more">More settings.</param>
    public static Task<AppInstance> StartAsync(AzuriteFixture azurite, Uri signalR, TimeProvider? time = null, params (string Name, string Value)[] more) =>
        StartAsync(azurite, signalR, time, static _ => { }, more);

    /// <summary>As the other, with services of the test's own in the place of the program's.</summary>
    public static async Task<AppInstance> StartAsync(
        AzuriteFixture azurite, Uri signalR, TimeProvider? time, Action<IServiceCollection> replace, params (string Name, string Value)[] more)
    {
        var (proxy, endpoints) = await azurite.StartTableProxyAsync();
        await StorageLayout.CreateAsync(endpoints.ConnectionString, CancellationToken.None);
        var settings = new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = endpoints.ConnectionString,
            ["SignalR:ConnectionString"] = $"Endpoint={signalR.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;",
            ["SignalR:UpstreamSecret"] = UpstreamSecret,
            ["Bootstrap:SdkAppId"] = "1400000001",
            ["Bootstrap:Secret"] = "secret",
            // A busy computer takes long for hundreds of requests at once, and what is tried again would be counted again.
            ["Storage:RequestTimeoutMilliseconds"] = "30000",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddSingleton(time ?? TimeProvider.System).AddLogging();
        services.AddParley();

        // So that no test counts the reads of the shard map but the first.
        services.AddSingleton(ShardLease.Default with { Settled = TimeSpan.FromMinutes(10) });
        replace(services);
        return new AppInstance(services.BuildServiceProvider(), proxy);
    }

    /// <summary>A SignalR service of the test's own.</summary>
    /// <param name="port">Any free one if not given.</param>
    /// <param name="clientTimeout">When a silent client is dropped; the service's own 30 s if not given.</param>
    public static Task<SignalRServiceEmulator> StartSignalRAsync(int port = 0, TimeSpan? clientTimeout = null) => SignalRServiceEmulator.StartAsync(
        new SignalRServiceOptions { AccessKey = AccessKey, Port = port, Upstream = [], ClientTimeout = clientTimeout ?? TimeSpan.FromSeconds(30) },
        Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, CancellationToken.None);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public AccountKey Key(string account) => new(App.SdkAppId, account);

    public Task ImportAsync(string account) => Get<AccountDirectory>().ImportAsync(Key(account), null, null, CancellationToken.None);

    /// <summary>Sends a text message.</summary>
    /// <returns>Its key.</returns>
    public async Task<MessageKey> SendAsync(string from, string to, uint seq, SenderCopy copy = SenderCopy.Stored, bool isOnlineOnly = false, TimeSpan? lifeTime = null)
    {
        var content = new MessageContent(new($$$"""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{seq}}}"}}]"""), null, null, false, false);
        var message = new OutgoingMessage(from, to, seq, seq, null, content, isOnlineOnly, copy, true, true) { LifeTime = lifeTime };
        return (await Get<MessageSender>().SendAsync(App, message, CancellationToken.None)).Value;
    }

    /// <summary>Waits until nothing is on its way to clients any more.</summary>
    public Task FlushAsync() => Get<Outbox>().StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Storage.DisposeAsync();
    }
}
