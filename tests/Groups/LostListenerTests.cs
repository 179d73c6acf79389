using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Connections;
using Parley.Connections.Guests;
using Parley.Connections.Invocations;
using Parley.Delivery;
using Parley.Groups.Live;
using Parley.Local.SignalRService;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.SignalRService;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Those in live rooms of whose end nobody told.</summary>
[Collection(SweepCollection.Name)]
public sealed class LostListenerTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan SweepAge = TimeSpan.FromMinutes(11);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sweep_lets_out_who_is_not_connected_any_more_and_nobody_else()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var here = await lab.ConnectAsync("here");
        var gone = await lab.ConnectAsync("gone");
        await lab.JoinAsync("here");
        await lab.JoinAsync("gone");
        await gone.DisposeAsync();
        await lab.SweepAsync();
        Assert.Equal(2, await lab.OnlineAsync());

        lab.Time.Advance(SweepAge);
        await lab.SweepAsync();
        Assert.Equal(["here"], (await lab.ListedAsync()));
        Assert.Equal(1, await lab.OnlineAsync());

        lab.Time.Advance(SweepAge);
        await lab.SweepAsync();
        Assert.Equal(1, await lab.OnlineAsync());
        Assert.Null(await lab.Listened.ReadAsync(lab.Listener("gone"), Stop));
    }

    [Fact]
    public async Task The_sweep_lets_out_guests_that_are_gone_and_leaves_no_row_of_them()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var here = await lab.ConnectGuestAsync();
        var gone = await lab.ConnectGuestAsync();
        var key = new GuestKey(lab.App.SdkAppId, gone.Id);
        await lab.JoinAsync(new GuestKey(lab.App.SdkAppId, here.Id));
        await lab.JoinAsync(key);
        Assert.Equal(2, await lab.OnlineAsync());
        await gone.DisposeAsync();
        await Eventually.HoldsAsync(() => lab.SignalR.Counters.Connections == 1);

        lab.Time.Advance(SweepAge);
        await lab.SweepAsync();

        Assert.Equal(1, await lab.OnlineAsync());
        Assert.Null(await lab.Listened.ReadAsync(LiveListener.Of(key), Stop));
    }

    [Fact]
    public async Task A_guest_that_has_gone_before_it_was_let_in_is_not_counted()
    {
        await using var lab = await Lab.StartAsync(azurite);
        var client = await lab.ConnectGuestAsync();
        var guest = new GuestKey(lab.App.SdkAppId, client.Id);
        await client.DisposeAsync();
        await Eventually.HoldsAsync(() => lab.SignalR.Counters.Connections == 0);

        await lab.JoinAsync(guest);

        Assert.Equal(0, await lab.OnlineAsync());
        Assert.Null(await lab.Listened.ReadAsync(LiveListener.Of(guest), Stop));
    }

    [Fact]
    public async Task Who_stays_hears_the_room_for_longer_than_SignalR_was_told_first()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var here = await lab.ConnectAsync("here");
        await lab.JoinAsync("here");
        var before = (await lab.Listened.ReadAsync(lab.Listener("here"), Stop))!.Single().HeardUntil;

        lab.Time.Advance(TimeSpan.FromHours(13));
        await lab.SweepAsync();

        var after = (await lab.Listened.ReadAsync(lab.Listener("here"), Stop))!.Single().HeardUntil;
        Assert.Equal(TimeSpan.FromHours(13), TimeSpan.FromSeconds(after - before));
        Assert.Equal(1, await lab.OnlineAsync());
    }

    [Fact]
    public async Task A_device_that_comes_back_while_the_end_of_another_is_dealt_with_stays_in()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await lab.JoinAsync("here");
        var seen = (await lab.Listened.ReadAsync(lab.Listener("here"), Stop))!;
        await lab.JoinAsync("here");

        await lab.Instance.Get<LiveAttendance>().LeaveAsync(lab.Listener("here"), seen, isLost: true);
        Assert.Equal(1, await lab.OnlineAsync());
        await lab.Instance.Get<LiveAttendance>().LeaveAsync(lab.Listener("here"), (await lab.Listened.ReadAsync(lab.Listener("here"), Stop))!, isLost: true);
        Assert.Equal(0, await lab.OnlineAsync());
    }

    [Fact]
    public async Task Each_instance_admits_so_many_guests_a_second()
    {
        await using var lab = await Lab.StartAsync(azurite);
        var admission = lab.Instance.Get<GuestAdmission>();
        var app = lab.App with { AllowsGuests = true };

        Assert.All(Enumerable.Range(0, GuestAdmission.MostPerSecond), _ => Assert.Null(admission.Refuse(app)));
        Assert.Equal(60011, admission.Refuse(app)?.Code);
        lab.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(admission.Refuse(app));
        Assert.Equal(60004, admission.Refuse(app with { AllowsGuests = false })?.Code);
    }

    private sealed class Lab(AppInstance instance, SignalRServiceEmulator signalR, FakeTimeProvider time, App app, string room) : IAsyncDisposable
    {
        public AppInstance Instance => instance;

        public SignalRServiceEmulator SignalR => signalR;

        public FakeTimeProvider Time => time;

        public App App => app;

        public ListenedRoomTable Listened => instance.Get<ListenedRoomTable>();

        public static async Task<Lab> StartAsync(AzuriteFixture azurite)
        {
            var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            var signalR = await AppInstance.StartSignalRAsync();
            var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
            var added = await instance.AddAppAsync();
            var app = (await instance.Get<AppDirectory>().ChangeAsync(added.SdkAppId, own => own with { AllowsGuests = true }, CancellationToken.None))!;
            await instance.CallAsync(app, "im_open_login_svc", "multiaccount_import", """{"Accounts":["here","gone"]}""");
            var created = await instance.CallAsync(app, GroupCalls.Service, "create_group", """{"Type":"AVChatRoom","Name":"Live"}""");
            return new Lab(instance, signalR, time, app, created.GetProperty("GroupId").GetString()!);
        }

        public LiveListener Listener(string account) => LiveListener.Of(new AccountKey(app.SdkAppId, account));

        /// <summary>A device; nobody will tell of its end.</summary>
        public async Task<TestClient> ConnectAsync(string account)
        {
            var client = await ConnectUserAsync(new AccountKey(app.SdkAppId, account).SignalRUser);
            await instance.Get<ConnectionEvents>().ConnectedAsync(
                new AccountKey(app.SdkAppId, account), client.Id, new ConnectionClaims(Platform.Web, long.MaxValue));
            return client;
        }

        public Task<TestClient> ConnectGuestAsync() => ConnectUserAsync(GuestKey.NewSignalRUser(app.SdkAppId));

        public async Task JoinAsync(string account) =>
            Assert.Equal(0, await instance.CodeAsync(app, GroupCalls.Service, "apply_join_group", JsonSerializer.Serialize(new { GroupId = room }), account));

        public async Task JoinAsync(GuestKey guest)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new { GroupId = room });
            var answer = await instance.Get<IGuestWatcher>().RunAsync(guest, new InvokedCommand(GroupCalls.Service, "apply_join_group", body), Stop);
            using var json = JsonDocument.Parse(answer);
            Assert.Equal(0, json.RootElement.GetProperty("ErrorCode").GetInt32());
        }

        public async Task SweepAsync()
        {
            // A run ends after so many pages; two go all the way round.
            await instance.Get<Sweep>().RunAsync(Stop);
            await instance.Get<Sweep>().RunAsync(Stop);
        }

        public async Task<long> OnlineAsync() =>
            (await instance.CallAsync(app, GroupCalls.Service, "get_online_member_num", JsonSerializer.Serialize(new { GroupId = room }))).GetProperty("OnlineMemberNum").GetInt64();

        public async Task<IReadOnlyList<string>> ListedAsync() => LiveRoomCalls.Names(
            (await instance.CallAsync(app, LiveRoomCalls.RoomService, "get_members", JsonSerializer.Serialize(new { GroupId = room, Timestamp = 0 }))).GetProperty("MemberList"));

        public async ValueTask DisposeAsync()
        {
            await instance.DisposeAsync();
            await signalR.DisposeAsync();
        }

        private Task<TestClient> ConnectUserAsync(string user)
        {
            var endpoint = instance.Get<SignalREndpoint>();
            var token = instance.Get<SignalRToken>().Create(endpoint.ClientAudience(app.SdkAppId), TimeSpan.FromHours(1), [("asrs.s.uid", user)]);
            return TestClient.ConnectAsync(endpoint.ClientUrl(app.SdkAppId), token, HttpTransportType.WebSockets, messagePack: false);
        }
    }
}
