using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Time.Testing;
using Parley.Accounts;
using Parley.Apps;
using Parley.Connections;
using Parley.Delivery;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tests.SignalRService;
using Parley.Tests.Support;

namespace Parley.Tests.Statistics;

/// <summary>MaxOnlineNum: connections that were seen open at once.</summary>
[Collection(SweepCollection.Name)]
public sealed class OnlineCountTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2031, 3, 3, 4, 0, 0, TimeSpan.Zero);
    private static readonly ConnectionClaims Claims = new(Platform.Web, long.MaxValue);

    [Fact]
    public async Task The_peak_of_a_day_stays_when_connections_end_whichever_instance_hears_of_it()
    {
        var time = new FakeTimeProvider(Noon);
        await using var one = await StartAsync(time);
        await using var other = await StartAsync(time);
        var app = await one.AddAppAsync();
        foreach (var n in Enumerable.Range(0, 5))
        {
            await OpenAsync(one, app, $"user-{n}");
        }

        // The service may tell of it twice.
        time.Advance(TimeSpan.FromSeconds(1));
        await one.Get<ConnectionEvents>().ConnectedAsync(new AccountKey(app.SdkAppId, "user-0"), Id("user-0"), Claims);
        await one.WriteAsync();
        Assert.Equal("5", (await other.InfoAsync(app))[0]["MaxOnlineNum"]);
        await one.SweepAsync();
        foreach (var n in Enumerable.Range(0, 3))
        {
            await CloseAsync(other, app, $"user-{n}");
            await CloseAsync(one, app, $"user-{n}");
        }

        await OpenAsync(other, app, "user-9");
        await other.WriteAsync();
        await other.SweepAsync();
        Assert.Equal(("5", "6"), await PeakAndLoginsAsync(other, app, 0));

        // Those that are still open count on the next day too; its own peak is theirs.
        time.Advance(TimeSpan.FromDays(1));
        await one.SweepAsync();
        await CloseAsync(one, app, "user-9");
        await one.WriteAsync();
        await one.SweepAsync();
        Assert.Equal(("3", "0"), await PeakAndLoginsAsync(one, app, 0));
        Assert.Equal(("5", "6"), await PeakAndLoginsAsync(one, app, 1));
    }

    [Fact]
    public async Task An_end_that_a_killed_instance_has_not_written_down_is_forgotten_after_a_week()
    {
        var time = new FakeTimeProvider(Noon);
        await using var instance = await StartAsync(time);
        var app = await instance.AddAppAsync();
        await OpenAsync(instance, app, "mia");
        await OpenAsync(instance, app, "jonas");
        await instance.WriteAsync();
        await using (var killed = await StartAsync(time))
        {
            await CloseAsync(killed, app, "mia");
        }

        time.Advance(TimeSpan.FromDays(6));
        await instance.SweepAsync();
        Assert.Equal("2", (await instance.InfoAsync(app))[0]["MaxOnlineNum"]);

        time.Advance(TimeSpan.FromDays(1));
        await CloseAsync(instance, app, "jonas");
        await OpenAsync(instance, app, "ada");
        await instance.WriteAsync();
        await instance.SweepAsync();
        Assert.Equal("1", (await instance.InfoAsync(app))[0]["MaxOnlineNum"]);
    }

    [Fact]
    public async Task Connections_that_Parley_closes_or_whose_end_nobody_reported_count_no_more()
    {
        var time = new FakeTimeProvider(Noon);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var app = await instance.AddAppAsync();
        foreach (var account in new[] { "mia", "jonas", "ada" })
        {
            await OpenAsync(instance, app, account);
        }

        // None of them is known to the service.
        await instance.Get<ConnectionEnding>().EndAllAsync(new AccountKey(app.SdkAppId, "mia"), EndReason.Kick, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(2));
        await instance.Get<Presence>().FindAsync(new AccountKey(app.SdkAppId, "jonas"), CancellationToken.None);

        Assert.Equal("1", (await instance.InfoAsync(app))[0]["MaxOnlineNum"]);
    }

    [Fact]
    public async Task The_timer_looks_how_many_there_are()
    {
        await AppInfo.AwayFromMidnightAsync();
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await instance.AddAppAsync();
        await OpenAsync(instance, app, "mia");
        await instance.WriteAsync();
        var http = new DefaultHttpContext();

        await instance.Get<TimerFunction>().HandleAsync(http);

        Assert.Equal(200, http.Response.StatusCode);
        await CloseAsync(instance, app, "mia");
        Assert.Equal("1", (await instance.InfoAsync(app))[0]["MaxOnlineNum"]);
    }

    [Fact]
    public async Task Who_stays_connected_is_active_on_the_next_day_too()
    {
        // The clients' tokens are checked by the system's clock.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var app = await instance.AddAppAsync();
        var key = new AccountKey(app.SdkAppId, "mia");
        await using var client = await ConnectAsync(instance, key);
        await instance.Get<AccountDirectory>().ImportAsync(key, null, null, CancellationToken.None);
        await instance.Get<ConnectionEvents>().ConnectedAsync(key, client.Id, Claims);
        time.Advance(TimeSpan.FromDays(1));

        await instance.Get<Presence>().FindAsync(key, CancellationToken.None);

        var days = await instance.InfoAsync(app);
        Assert.Equal(("1", "0"), (days[0]["ActiveUserNum"], days[0]["LoginUserNum"]));
        Assert.Equal(("1", "1"), (days[1]["ActiveUserNum"], days[1]["LoginUserNum"]));
    }

    private Task<AppInstance> StartAsync(TimeProvider time) => AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:9"), time);

    private static Task<TestClient> ConnectAsync(AppInstance instance, AccountKey account)
    {
        var endpoint = instance.Get<SignalREndpoint>();
        var token = instance.Get<SignalRToken>().Create(endpoint.ClientAudience(account.SdkAppId), TimeSpan.FromHours(1), [("asrs.s.uid", account.SignalRUser)]);
        return TestClient.ConnectAsync(endpoint.ClientUrl(account.SdkAppId), token, HttpTransportType.WebSockets, messagePack: false);
    }

    private static string Id(string account) => $"connection-of-{account}";

    private static async Task OpenAsync(AppInstance instance, App app, string account)
    {
        var key = new AccountKey(app.SdkAppId, account);
        await instance.Get<AccountDirectory>().ImportAsync(key, null, null, CancellationToken.None);
        await instance.Get<ConnectionEvents>().ConnectedAsync(key, Id(account), Claims);
    }

    private static Task CloseAsync(AppInstance instance, App app, string account) =>
        instance.Get<ConnectionEvents>().DisconnectedAsync(new AccountKey(app.SdkAppId, account), Id(account));

    private static async Task<(string Peak, string Logins)> PeakAndLoginsAsync(AppInstance instance, App app, int ago)
    {
        var day = (await instance.InfoAsync(app))[ago];
        return (day["MaxOnlineNum"], day["LoginTimes"]);
    }
}
