using Parley.Accounts;
using Parley.Apps;
using Parley.Connections;
using Parley.Local.SignalRService;
using Parley.Maintenance;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>State.StateChange: each device that comes and goes is told of once, with what the reference says, whatever is repeated, lost, or done at once.</summary>
[Collection(SweepCollection.Name)]
public sealed class StateCallbackTests(AzuriteFixture azurite) : IAsyncDisposable
{
    private const string Command = "State.StateChange";
    private const string Address = "192.0.2.9";

    private SignalRServiceEmulator? _signalR;

    public async ValueTask DisposeAsync()
    {
        if (_signalR is not null)
        {
            await _signalR.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("iOS", "IOS")]
    [InlineData("iPad", "iPad")]
    [InlineData("Android", "Android")]
    [InlineData("Web", "Web")]
    [InlineData("PC", "Windows")]
    [InlineData("Mac", "Mac")]
    public async Task A_device_that_comes_and_goes_is_told_of_once_however_often_the_service_says_so(string platform, string told)
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");

        foreach (var _ in Enumerable.Range(0, 3))
        {
            await ConnectAsync(lab, mia, "one", platform);
        }

        foreach (var _ in Enumerable.Range(0, 3))
        {
            await DisconnectAsync(lab, mia, "one");
        }

        await lab.DrainAsync(mia);

        var received = lab.Receiver.Received.ToList();
        Assert.Equal(2, received.Count);
        AssertIs(lab, received[0], mia, "Login", "Register", told);
        AssertIs(lab, received[1], mia, "Disconnect", "LinkClose", told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_whose_end_nobody_has_told_is_timed_out_when_it_is_noticed_and_what_comes_late_tells_nothing(bool isSwept)
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await ConnectAsync(lab, mia, "lost", "Android");
        await lab.DrainAsync(mia);
        var later = await lab.AddInstanceAsync(new ShiftedTime(TimeSpan.FromMinutes(isSwept ? 11 : 2)));

        await Eventually.HoldsAsync(async () =>
        {
            await (isSwept ? later.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken) : later.Get<Presence>().FindAsync(lab.Key(mia), TestContext.Current.CancellationToken));
            return (await later.Get<ConnectionTable>().ListAsync(lab.Key(mia), TestContext.Current.CancellationToken)).Count == 0;
        });
        await DisconnectAsync(lab, mia, "lost");
        await lab.DrainAsync(mia);

        Assert.Equal(["Login Register Android", "Disconnect TimeOut Android"], Told(lab));
        Assert.Equal(Address, lab.Receiver.Received.Last().Query["ClientIP"]);
    }

    [Theory]
    [InlineData("Android", new[] { "Logout Unregister Android" })]
    [InlineData(null, new[] { "Logout Unregister Android", "Logout Unregister Web" })]
    public async Task Who_logs_out_is_told_of_for_each_device_and_its_end_is_not_told_again(string? platform, string[] expected)
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await ConnectAsync(lab, mia, "phone", "Android");
        await ConnectAsync(lab, mia, "browser", "Web");
        await lab.DrainAsync(mia);
        lab.Receiver.Forget();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(0, await LoginServiceAsync(lab, "logout", platform is null ? "{}" : $$"""{"Platform":"{{platform}}"}""", mia));
        }

        await DisconnectAsync(lab, mia, "phone");
        await lab.DrainAsync(mia);

        Assert.Equal(expected.Order(), Told(lab).Order());
    }

    [Fact]
    public async Task Who_is_kicked_is_told_of_for_each_device_also_when_there_are_many_and_a_repeated_call_tells_nothing()
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => ConnectAsync(lab, mia, $"device {n}", "Web")));

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(0, await LoginServiceAsync(lab, "kick", $$"""{"UserID":"{{mia}}"}"""));
        }

        await lab.DrainAsync(mia);

        Assert.Equal(Enumerable.Repeat("Login Register Web", 100).Concat(Enumerable.Repeat("Logout Unregister Web", 100)), Told(lab));
        Assert.Equal(200, lab.Receiver.Received.Select(callback => callback.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_deleted_accounts_devices_are_logged_out_and_nothing_is_left_of_it()
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await ConnectAsync(lab, mia, "phone", "iPhone");

        Assert.True(await lab.Instance.Get<AccountDirectory>().DeleteAsync(lab.Key(mia), TestContext.Current.CancellationToken));
        await lab.DrainAsync(mia);

        Assert.Equal(["Login Register IOS", "Logout Unregister IOS"], Told(lab));
        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), lab.Key(mia)));
    }

    [Theory]
    [InlineData(LoginPolicy.Single, new[] { "Web", "Android" })]
    [InlineData(LoginPolicy.OnePerPlatformKind, new[] { "Android" })]
    [InlineData(LoginPolicy.Many, new string[0])]
    public async Task A_login_names_the_devices_that_have_to_give_way_and_they_are_not_told_of_by_themselves(LoginPolicy policy, string[] kicked)
    {
        await using var lab = await StartAsync(app => app with { LoginPolicy = policy });
        var mia = await lab.ImportAsync("mia");
        if (policy == LoginPolicy.Single)
        {
            await KeepAsync(lab, mia, ("phone", "Android"), ("browser", "Web"));
        }
        else
        {
            await ConnectAsync(lab, mia, "phone", "Android");
            await ConnectAsync(lab, mia, "browser", "Web");
        }

        await lab.DrainAsync(mia);
        lab.Receiver.Forget();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            await ConnectAsync(lab, mia, "second phone", "iPhone");
        }

        await DisconnectAsync(lab, mia, "phone");
        await lab.DrainAsync(mia);

        var login = lab.Receiver.Received.First();
        AssertIs(lab, login, mia, "Login", "Register", "IOS", kicked);
        Assert.Equal(policy == LoginPolicy.Many ? ["Disconnect LinkClose Android"] : [], Told(lab).Skip(1));
        Assert.Equal(kicked.Contains("Web") ? ["second phone"] : ["browser", "second phone"], (await RowsAsync(lab, mia)).Order());
    }

    [Fact]
    public async Task Many_that_have_to_give_way_at_once_are_told_of_once_each_in_the_login_or_behind_it()
    {
        await using var lab = await StartAsync(app => app with { LoginPolicy = LoginPolicy.Single });
        var mia = await lab.ImportAsync("mia");
        await KeepAsync(lab, mia, [.. Enumerable.Range(0, 60).Select(n => ($"browser {n}", "Web"))]);
        await lab.DrainAsync(mia);
        lab.Receiver.Forget();

        await ConnectAsync(lab, mia, "phone", "Android");
        await lab.DrainAsync(mia);

        var kicked = lab.Receiver.Received.First().Body.GetProperty("KickedDevice").GetArrayLength();
        Assert.Equal(Enumerable.Repeat("Logout Unregister Web", 60 - kicked), Told(lab).Skip(1));
        Assert.InRange(kicked, 1, 59);
        Assert.Equal(["phone"], await RowsAsync(lab, mia));
    }

    [Fact]
    public async Task Of_devices_that_come_at_once_each_has_its_login_and_all_but_one_are_told_to_be_gone_once()
    {
        await using var lab = await StartAsync(app => app with { LoginPolicy = LoginPolicy.Single });
        var other = await lab.AddInstanceAsync();
        var mia = await lab.ImportAsync("mia");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(n => ConnectAsync(lab, mia, $"device {n}", "Mac", instance: n % 2 == 0 ? lab.Instance : other)));
        await lab.DrainAsync(mia);

        var (logins, others) = (Told(lab).Count(one => one.StartsWith("Login", StringComparison.Ordinal)), Told(lab).Where(one => !one.StartsWith("Login", StringComparison.Ordinal)).ToList());
        var kicked = lab.Receiver.Received.Sum(callback => callback.Body.TryGetProperty("KickedDevice", out var devices) ? devices.GetArrayLength() : 0);
        Assert.All(others, one => Assert.Equal("Logout Unregister Mac", one));
        Assert.Equal((10, 9), (logins, kicked + others.Count));
        Assert.Single(await RowsAsync(lab, mia));
    }

    [Fact]
    public async Task A_device_that_was_kicked_before_it_came_is_turned_away_and_told_to_nobody()
    {
        await using var lab = await StartAsync(app => app with { LoginPolicy = LoginPolicy.Single });
        var mia = await lab.ImportAsync("mia");
        await LoginServiceAsync(lab, "kick", $$"""{"UserID":"{{mia}}"}""");
        await ConnectAsync(lab, mia, "good", "Web");

        await ConnectAsync(lab, mia, "late", "Android", signedAt: TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds());
        await lab.DrainAsync(mia);

        Assert.Equal(["Login Register Web"], Told(lab));
        Assert.Equal(["good"], await RowsAsync(lab, mia));
    }

    [Theory]
    [InlineData(LoginPolicy.Many)]
    [InlineData(LoginPolicy.Single)]
    public async Task Each_is_told_once_also_when_answers_of_storage_are_lost(LoginPolicy policy)
    {
        await using var lab = await StartAsync(app => app with { LoginPolicy = policy });
        var mia = await lab.ImportAsync("mia");
        await ConnectAsync(lab, mia, "first", "Web");
        var n = 0;
        lab.Instance.Storage.Plan = request => request.Kind == RequestKind.Batch && Interlocked.Increment(ref n) % 2 == 1 ? Fault.DropAfter : Fault.None;

        await ConnectAsync(lab, mia, "second", "Mac");
        await DisconnectAsync(lab, mia, "second");
        await ConnectAsync(lab, mia, "third", "Mac");
        await LoginServiceAsync(lab, "logout", "{}", mia);
        lab.Instance.Storage.Plan = FaultPlans.None;
        await lab.DrainAsync(mia);

        Assert.True(lab.Instance.Storage.FaultCount >= 3, $"{lab.Instance.Storage.FaultCount} faults");
        Assert.Equal(
            policy == LoginPolicy.Single
                ? ["Login Register Web", "Login Register Mac kicked Web", "Disconnect LinkClose Mac", "Login Register Mac", "Logout Unregister Mac"]
                : ["Login Register Web", "Login Register Mac", "Disconnect LinkClose Mac", "Login Register Mac", "Logout Unregister Mac", "Logout Unregister Web"],
            Told(lab).Take(4).Concat(Told(lab).Skip(4).Order()));
    }

    [Fact]
    public async Task What_broke_off_while_a_device_was_closed_is_finished_by_the_sweep_and_tells_nothing_more()
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await ConnectAsync(lab, mia, "phone", "Android");
        var connections = lab.Instance.Get<ConnectionTable>();
        await connections.MarkEndedAsync(lab.Key(mia), await connections.ListAsync(lab.Key(mia), TestContext.Current.CancellationToken), EndReason.Kick, TestContext.Current.CancellationToken);
        await lab.DrainAsync(mia);
        Assert.Equal(["Login Register Android", "Logout Unregister Android"], Told(lab));
        var later = await lab.AddInstanceAsync(new ShiftedTime(TimeSpan.FromMinutes(11)));

        await Eventually.HoldsAsync(async () =>
        {
            await later.Get<Sweep>().RunAsync(TestContext.Current.CancellationToken);
            return (await RowsAsync(lab, mia)).Count == 0;
        });
        await lab.DrainAsync(mia);

        Assert.Equal(2, lab.Receiver.Received.Count);
    }

    [Fact]
    public async Task Switched_off_nothing_is_told_and_accounts_that_do_not_exist_have_no_state()
    {
        await using var lab = await StartAsync(app => app with { CallbackCommands = ["Sns.CallbackFriendAdd"] });
        await using var on = await StartAsync();
        var mia = await lab.ImportAsync("mia");

        await ConnectAsync(lab, mia, "phone", "Android");
        await DisconnectAsync(lab, mia, "phone");
        await ConnectAsync(on, "nobody at all", "phone", "Android");
        await DisconnectAsync(on, "nobody at all", "phone");
        await lab.DrainAsync(mia);
        await on.DrainAsync("nobody at all");

        Assert.Empty(lab.Receiver.Received);
        Assert.Empty(on.Receiver.Received);
        Assert.Empty(await lab.WaitingAsync(mia));
    }

    private async Task<CallbackLab> StartAsync(Func<App, App>? change = null)
    {
        _signalR ??= await AppInstance.StartSignalRAsync();
        return await CallbackLab.StartAsync(azurite, _signalR.Endpoint, app =>
        {
            var on = app with { CallbackCommands = [Command] };
            return change is null ? on : change(on);
        });
    }

    // Any number of devices, as before the app has set its policy.
    private static async Task KeepAsync(CallbackLab lab, string account, params (string Id, string Platform)[] devices)
    {
        foreach (var (id, platform) in devices)
        {
            var now = TimeProvider.System.GetUtcNow();
            var row = new ConnectionRow(id, Platform.Parse(platform), now, now, null) { Address = Address };
            await lab.Instance.Get<ConnectionTable>().AddAsync(lab.Key(account), new NewConnection(row, long.MaxValue, []), TestContext.Current.CancellationToken);
        }
    }

    private static Task ConnectAsync(CallbackLab lab, string account, string id, string platform, long signedAt = long.MaxValue, AppInstance? instance = null) =>
        (instance ?? lab.Instance).Get<ConnectionEvents>().HandleAsync("connected", lab.Key(account), id, new ConnectionClaims(Platform.Parse(platform), signedAt) { Address = Address });

    private static Task DisconnectAsync(CallbackLab lab, string account, string id) =>
        lab.Instance.Get<ConnectionEvents>().HandleAsync("disconnected", lab.Key(account), id, new ConnectionClaims(Platform.Web, long.MaxValue));

    private static async Task<int> LoginServiceAsync(CallbackLab lab, string command, string body, string identifier = "administrator") =>
        (await lab.CallAsync(command, body, identifier, service: "im_open_login_svc")).GetProperty("ErrorCode").GetInt32();

    private static async Task<IReadOnlyList<string>> RowsAsync(CallbackLab lab, string account) =>
        [.. (await lab.Instance.Get<ConnectionTable>().ListAsync(lab.Key(account), TestContext.Current.CancellationToken)).Select(row => row.ConnectionId)];

    private static List<string> Told(CallbackLab lab) =>
    [
        .. lab.Receiver.Received.Select(callback =>
        {
            var info = callback.Body.GetProperty("Info");
            var kicked = callback.Body.TryGetProperty("KickedDevice", out var devices) ? $" kicked {string.Join(',', devices.EnumerateArray().Select(device => device.GetProperty("Platform")))}" : "";
            return $"{info.GetProperty("Action")} {info.GetProperty("Reason")} {callback.Query["OptPlatform"]}{kicked}";
        }),
    ];

    private static void AssertIs(CallbackLab lab, ReceivedCallback callback, string account, string action, string reason, string platform, params string[] kicked)
    {
        var info = new { Action = action, To_Account = account, Reason = reason };
        lab.AssertIs(callback, platform, kicked.Length == 0
            ? (object)new { CallbackCommand = Command, Info = info, EventTime = (long?)null }
            : new { CallbackCommand = Command, Info = info, KickedDevice = kicked.Select(device => new { Platform = device }), EventTime = (long?)null }, Address);
    }
}
