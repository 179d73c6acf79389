using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Time.Testing;
using Parley.Accounts;
using Parley.Connections;
using Parley.Delivery;
using Parley.Local.SignalRService;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Connections;

/// <summary>Devices that leave the network without a word: TCP stays open and silent.</summary>
[Collection(SweepCollection.Name)]
public sealed class LostConnectionTests(AzuriteFixture azurite)
{
    // Of the real service: 30 s.
    private static readonly TimeSpan ServiceTimeout = TimeSpan.FromSeconds(3);

    private static int _accounts;

    [Theory]
    [InlineData("Android", OnlineStatus.PushOnline)]
    [InlineData("Web", OnlineStatus.Offline)]
    public async Task When_the_service_notices_and_says_so_the_device_is_offline_at_once(string platform, OnlineStatus after)
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync(platform);
        await lab.WaitForAsync(OnlineStatus.Online);

        lab.Proxy.FallSilent();

        // The app's clock stands still, so it is the event that does it.
        await lab.WaitForAsync(after);
        Assert.Empty(await lab.RowsAsync("p|"));
    }

    [Theory]
    [InlineData("iPhone", OnlineStatus.PushOnline)]
    [InlineData("PC", OnlineStatus.Offline)]
    public async Task When_the_event_is_lost_the_device_is_offline_a_minute_later(string platform, OnlineStatus after)
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync(platform);
        await lab.WaitForAsync(OnlineStatus.Online);
        await lab.LoseWithoutEventAsync();
        Assert.Equal(OnlineStatus.Online, await lab.StatusAsync());

        lab.Time.Advance(Presence.TimeToLive);

        Assert.Equal(after, await lab.StatusAsync());
        Assert.Empty(await lab.RowsAsync("p|"));
        Assert.Equal(after, await lab.StatusAsync());
    }

    [Fact]
    public async Task A_device_that_lives_stays_online_however_long_and_is_asked_for_once_a_minute()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync("Mac");
        await lab.WaitForAsync(OnlineStatus.Online);

        for (var minute = 0; minute < 3; minute++)
        {
            lab.Time.Advance(Presence.TimeToLive);
            var calls = lab.SignalR.Counters.RestCalls;
            Assert.Equal(OnlineStatus.Online, await lab.StatusAsync());
            Assert.Equal(OnlineStatus.Online, await lab.StatusAsync());
            Assert.Equal(1, lab.SignalR.Counters.RestCalls - calls);
        }
    }

    [Fact]
    public async Task Push_ends_after_seven_days_and_the_sweep_forgets_it()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync("iPad");
        await lab.WaitForAsync(OnlineStatus.Online);
        await lab.LoseWithoutEventAsync();
        lab.Time.Advance(TimeSpan.FromMinutes(11));
        await lab.App.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["d|iPad"], await lab.RowsAsync("d|"));

        lab.Time.Advance(TimeSpan.FromDays(6.9));
        Assert.Equal(OnlineStatus.PushOnline, await lab.StatusAsync());
        lab.Time.Advance(TimeSpan.FromDays(0.2));
        Assert.Equal(OnlineStatus.Offline, await lab.StatusAsync());

        await lab.App.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await lab.RowsAsync("d|"));
    }

    [Fact]
    public async Task While_the_service_cannot_be_asked_the_row_is_believed()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync("Web");
        await lab.WaitForAsync(OnlineStatus.Online);
        lab.SignalR.Upstream = [];
        await lab.SignalR.DisposeAsync();

        lab.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(OnlineStatus.Online, await lab.StatusAsync());
    }

    [Fact]
    public async Task A_connection_that_was_being_closed_when_the_program_died_is_closed_by_the_sweep_and_counts_no_more()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var device = await lab.ConnectAsync("Android");
        await lab.WaitForAsync(OnlineStatus.Online);
        var connections = lab.App.Get<ConnectionTable>();
        var rows = await connections.ListAsync(lab.Account, TestContext.Current.CancellationToken);
        await connections.MarkEndedAsync(lab.Account, rows, EndReason.Kick, TestContext.Current.CancellationToken);
        Assert.Equal(OnlineStatus.Offline, await lab.StatusAsync());

        lab.Time.Advance(TimeSpan.FromMinutes(11));
        await lab.App.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync(() => device.State == HubConnectionState.Disconnected);
        Assert.Equal(OnlineStatus.Offline, await lab.StatusAsync());
        await Eventually.HoldsAsync(async () => (await lab.RowsAsync("d|")).Count + (await lab.RowsAsync("p|")).Count == 0);
    }

    [Theory]
    [InlineData(true, "AccountDeleted")]
    [InlineData(false, "Kick")]
    public async Task A_device_that_negotiated_before_its_account_was_deleted_or_kicked_and_connects_after_is_turned_away(bool isDeleted, string reason)
    {
        await using var lab = await Lab.StartAsync(azurite);
        var signed = lab.Time.GetUtcNow();
        lab.Time.Advance(TimeSpan.FromSeconds(2));
        if (isDeleted)
        {
            await lab.App.Get<AccountDirectory>().DeleteAsync(lab.Account, TestContext.Current.CancellationToken);
        }
        else
        {
            var caller = new Parley.Rest.Caller(lab.App.App, "administrator");
            await lab.App.Get<KickAccount>().HandleAsync(caller, new KickAccountRequest(lab.Account.Account), TestContext.Current.CancellationToken);
        }

        var heard = new TaskCompletionSource<JsonElement>();
        await using var device = await lab.ConnectAsync("Android", signed, events => heard.TrySetResult(events[0].Clone()));

        var last = await heard.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(("Kicked", reason), (last.GetProperty("Type").GetString(), last.GetProperty("Reason").GetString()));
        await Eventually.HoldsAsync(() => device.State == HubConnectionState.Disconnected);
        await Eventually.HoldsAsync(async () => (await lab.RowsAsync("d|")).Count + (await lab.RowsAsync("p|")).Count == 0);
    }

    [Fact]
    public async Task Asking_for_an_account_is_three_reads_of_its_own_partition()
    {
        await using var lab = await Lab.StartAsync(azurite);
        var asked = Enumerable.Range(0, 20).Select(n => $"{lab.Account.Account}-{n}").ToList();
        await Task.WhenAll(asked.Select(lab.App.ImportAsync));
        lab.App.Storage.ResetCounts();

        var caller = new Parley.Rest.Caller(lab.App.App, "administrator");
        var answer = await lab.App.Get<QueryOnlineStatus>().HandleAsync(caller, new QueryOnlineStatusRequest(asked, true), TestContext.Current.CancellationToken);

        Assert.Equal(asked, answer.Value.QueryResult.Select(result => result.ToAccount));
        Assert.Equal(3 * asked.Count, lab.App.Storage.Requests.Count);
        Assert.All(lab.App.Storage.Requests, request => Assert.Contains("PartitionKey", request.Target, StringComparison.Ordinal));
    }

    private sealed class Lab(AppInstance app, UpstreamHost upstream, SignalRServiceEmulator signalR, SilentProxy proxy, FakeTimeProvider time, string storage) : IAsyncDisposable
    {
        public AppInstance App => app;

        public SignalRServiceEmulator SignalR => signalR;

        public SilentProxy Proxy => proxy;

        public FakeTimeProvider Time => time;

        public AccountKey Account { get; } = app.Key($"lost-{Interlocked.Increment(ref _accounts)}");

        public static async Task<Lab> StartAsync(AzuriteFixture azurite)
        {
            var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            var signalR = await AppInstance.StartSignalRAsync(clientTimeout: ServiceTimeout);
            var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
            var upstream = await UpstreamHost.StartAsync(app);
            signalR.Upstream = [upstream.Template];
            var lab = new Lab(app, upstream, signalR, new SilentProxy(signalR.Endpoint), time, await azurite.ConnectionStringAsync());
            await app.ImportAsync(lab.Account.Account);
            return lab;
        }

        public async Task<HubConnection> ConnectAsync(string platform, DateTimeOffset? signed = null, Action<JsonElement>? hear = null)
        {
            var hubUrl = $"{proxy.Address.GetLeftPart(UriPartial.Authority)}/client/?hub=parley_{Account.SdkAppId}";
            var token = app.Get<SignalRToken>().Create(
                hubUrl,
                TimeSpan.FromHours(1),
                [("asrs.s.uid", Account.SignalRUser), .. new ConnectionClaims(Platform.Parse(platform), (signed ?? time.GetUtcNow()).ToUnixTimeSeconds()).ToToken()]);
            var hub = new HubConnectionBuilder()
                .WithUrl(hubUrl, options => options.AccessTokenProvider = () => Task.FromResult<string?>(token))
                .WithKeepAliveInterval(ServiceTimeout / 10)
                .Build();
            hub.On<JsonElement>("events", events => hear?.Invoke(events));
            await hub.StartAsync(TestContext.Current.CancellationToken);
            return hub;
        }

        /// <summary>The device falls silent, the service drops it, and nobody hears of that.</summary>
        public async Task LoseWithoutEventAsync()
        {
            signalR.Upstream = [];
            proxy.FallSilent();
            await Eventually.HoldsAsync(() => signalR.Counters.Connections == 0);
        }

        public async Task<OnlineStatus> StatusAsync()
        {
            var platforms = await app.Get<Presence>().FindAsync(Account, TestContext.Current.CancellationToken);
            return platforms!.Select(platform => platform.Status).DefaultIfEmpty(OnlineStatus.Offline).Max();
        }

        public Task WaitForAsync(OnlineStatus status) => Eventually.HoldsAsync(async () => await StatusAsync() == status, $"{status}");

        public async Task<List<string>> RowsAsync(string prefix) =>
        [
            .. (await StoredRows.OfAsync(storage, Account)).Select(row => row.Split('/')[1])
                .Where(row => row.StartsWith(prefix, StringComparison.Ordinal)),
        ];

        public async ValueTask DisposeAsync()
        {
            await proxy.DisposeAsync();
            await signalR.DisposeAsync();
            await upstream.DisposeAsync();
            await app.DisposeAsync();
        }
    }
}
