using Microsoft.AspNetCore.SignalR.Client;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class LoginPolicyTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_second_phone_takes_the_place_of_the_first_and_leaves_other_kinds_alone()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { LoginPolicy = LoginPolicy.OnePerPlatformKind });
        await using var browser = await ConnectAsync(api, "Web");
        await using var pad = await ConnectAsync(api, "iPad");
        await using var first = await ConnectAsync(api, "Android");
        await Eventually.HoldsAsync(async () => (await api.DetailAsync("mia")).Count == 3);

        await using var second = await ConnectAsync(api, "iPhone");

        var last = await first.WaitForAsync(_ => true);
        Assert.Equal(
            ("Kicked", "LoggedInElsewhere", "iPhone"),
            (last.GetProperty("Type").GetString(), last.GetProperty("Reason").GetString(), last.GetProperty("Platform").GetString()));
        await Eventually.HoldsAsync(() => first.Hub.State == HubConnectionState.Disconnected);
        await Eventually.HoldsAsync(async () => (await api.DetailAsync("mia")).SequenceEqual(["iPad:Online", "iPhone:Online", "Web:Online"]));
        Assert.All([browser, pad, second], device => Assert.Equal(HubConnectionState.Connected, device.Hub.State));
    }

    [Fact]
    public async Task With_a_single_device_any_other_gives_way()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { LoginPolicy = LoginPolicy.Single });
        await using var browser = await ConnectAsync(api, "Web");
        await Eventually.HoldsAsync(async () => (await api.DetailAsync("mia")).SequenceEqual(["Web:Online"]));

        await using var phone = await ConnectAsync(api, "Android");

        Assert.Equal("LoggedInElsewhere", (await browser.WaitForAsync(_ => true)).GetProperty("Reason").GetString());
        await Eventually.HoldsAsync(async () => (await api.DetailAsync("mia")).SequenceEqual(["Android:Online"]));
    }

    [Fact]
    public async Task Of_devices_that_connect_at_once_exactly_one_stays()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { LoginPolicy = LoginPolicy.Single });
        await api.ImportAsync("mia");

        var devices = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => ConnectAsync(api, n % 2 == 0 ? "Web" : "Mac")));

        await Eventually.HoldsAsync(() => devices.Count(device => device.Hub.State == HubConnectionState.Connected) == 1);
        await Eventually.HoldsAsync(async () => (await api.DetailAsync("mia")).Count == 1);
        Assert.Single(devices, device => device.Hub.State == HubConnectionState.Connected);
        foreach (var device in devices)
        {
            await device.DisposeAsync();
        }
    }

    [Fact]
    public async Task Any_number_of_devices_may_connect_unless_the_app_says_otherwise()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var first = await environment.ConnectAsync(mia, "Android");
        await using var second = await environment.ConnectAsync(mia, "Android");

        await environment.SendAsync(Messages.Text(environment.Settings.Admin, mia, "to both"));

        Assert.Equal("to both", Messages.TextOf(await first.WaitForAsync(_ => true)));
        Assert.Equal("to both", Messages.TextOf(await second.WaitForAsync(_ => true)));
    }

    private static Task<ClientConnection> ConnectAsync(ApiClient api, string platform) => ClientConnection.StartAsync(api, "mia", platform: platform);
}
