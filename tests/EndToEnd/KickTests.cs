using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class KickTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "im_open_login_svc";

    [Theory]
    [InlineData("UserID")]
    [InlineData("Identifier")]
    public async Task Every_device_of_a_kicked_account_hears_why_and_is_closed(string field)
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var phone = await environment.ConnectAsync(mia, "iPhone");
        await using var browser = await environment.ConnectAsync(mia);

        await environment.Api.CallOkAsync(Service, "kick", $$"""{"{{field}}":"{{mia}}"}""");

        foreach (var device in new[] { phone, browser })
        {
            var last = await device.WaitForAsync(item => item.GetProperty("Type").GetString() == "Kicked");
            Assert.Equal("Kick", last.GetProperty("Reason").GetString());
            await Eventually.HoldsAsync(() => device.Hub.State == HubConnectionState.Disconnected);
        }

        await Eventually.HoldsAsync(
            async () => (await StoredRows.OfAsync(environment.Settings.Storage, new AccountKey(environment.Settings.SdkAppId, mia))).SequenceEqual(["accounts/a"]));
        Assert.Equal("Offline", await environment.Api.StatusAsync(mia));
    }

    [Fact]
    public async Task UserSigs_made_before_a_kick_are_refused_everywhere_and_one_made_afterwards_is_good()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var before = Sign(environment, mia, TimeProvider.System.GetUtcNow().AddSeconds(-10));
        Assert.Equal(0, await CallCodeAsync(environment, mia, before));

        await environment.Api.CallOkAsync(Service, "kick", new { UserID = mia });

        Assert.Equal(70052, await CallCodeAsync(environment, mia, before));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartAsync(environment.Api, mia, userSig: before));
        Assert.Contains("70052", refused.Message, StringComparison.Ordinal);
        var after = Sign(environment, mia, TimeProvider.System.GetUtcNow());
        Assert.Equal(0, await CallCodeAsync(environment, mia, after));
        await using var again = await ClientConnection.StartAsync(environment.Api, mia, userSig: after);
        await Eventually.HoldsAsync(async () => await environment.Api.StatusAsync(mia) == "Online");
    }

    [Fact]
    public async Task A_client_that_reconnects_by_itself_is_refused_with_its_old_UserSig()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var sig = Uri.EscapeDataString(Sign(environment, mia, TimeProvider.System.GetUtcNow().AddSeconds(-10)));
        var url = $"{environment.Settings.Api}/client?sdkappid={environment.Settings.SdkAppId}&identifier={mia}&usersig={sig}";
        await using var hub = new HubConnectionBuilder().WithUrl(url).WithAutomaticReconnect([TimeSpan.Zero, TimeSpan.Zero]).Build();
        var attempts = 0;
        hub.Reconnecting += _ => Task.FromResult(Interlocked.Increment(ref attempts));
        await hub.StartAsync(TestContext.Current.CancellationToken);

        await environment.Api.CallOkAsync(Service, "kick", new { UserID = mia });

        await Eventually.HoldsAsync(() => hub.State == HubConnectionState.Disconnected);
        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData("""{"UserID":"nobody at all"}""", 70107)]
    [InlineData("""{}""", 70402)]
    [InlineData("""{"UserID":7}""", 70402)]
    [InlineData("""{"UserID":""}""", 70402)]
    public async Task Nobody_is_kicked_without_a_good_name(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, (await environment.Api.CallAsync(Service, "kick", body)).GetProperty("ErrorCode").GetInt32());
    }

    private static string Sign(LocalEnvironment environment, string account, DateTimeOffset time) =>
        UserSig.Sign(account, environment.Settings.SdkAppId, environment.Settings.Secret, time, TimeSpan.FromHours(1));

    private static async Task<int> CallCodeAsync(LocalEnvironment environment, string account, string sig)
    {
        var path = environment.Api.CommandPath("openim", "query_online_status", account, sig);
        return (await environment.Api.PostAsync(path, JsonSerializer.Serialize(new { To_Account = new[] { account } }))).GetProperty("ErrorCode").GetInt32();
    }
}
