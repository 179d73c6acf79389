using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class OnlineStatusTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task An_account_is_online_while_one_of_its_devices_is_and_each_platform_is_named()
    {
        var environment = await fixture.StartedAsync();
        var api = environment.Api;
        var mia = await environment.ImportAsync("mia");
        Assert.Equal("Offline", await api.StatusAsync(mia));
        Assert.Empty(await api.DetailAsync(mia));

        await using var browser = await environment.ConnectAsync(mia, "something new");
        var desktop = await environment.ConnectAsync(mia, "windows");
        var phone = await environment.ConnectAsync(mia, "ANDROID");
        await Eventually.HoldsAsync(async () => (await api.DetailAsync(mia)).SequenceEqual(["Android:Online", "PC:Online", "Web:Online"]));

        await phone.DisposeAsync();
        await desktop.DisposeAsync();
        await Eventually.HoldsAsync(async () => (await api.DetailAsync(mia)).SequenceEqual(["Web:Online", "Android:PushOnline"]));
        Assert.Equal("Online", await api.StatusAsync(mia));

        await browser.DisposeAsync();
        await Eventually.HoldsAsync(async () => await api.StatusAsync(mia) == "PushOnline");
    }

    [Fact]
    public async Task Logging_out_on_a_platform_closes_its_connections_and_ends_its_push()
    {
        var environment = await fixture.StartedAsync();
        var api = environment.Api;
        var mia = await environment.ImportAsync("mia");
        await using var phone = await environment.ConnectAsync(mia, "iOS");
        await using var pad = await environment.ConnectAsync(mia, "iPad");
        await Eventually.HoldsAsync(async () => (await api.DetailAsync(mia)).SequenceEqual(["iPad:Online", "iPhone:Online"]));

        await api.CallOkAsync("im_open_login_svc", "logout", """{"Platform":"iPhone"}""", identifier: mia);

        Assert.Equal("Logout", (await phone.WaitForAsync(_ => true)).GetProperty("Reason").GetString());
        await Eventually.HoldsAsync(() => phone.Hub.State == HubConnectionState.Disconnected);
        Assert.Equal(["iPad:Online"], await api.DetailAsync(mia));
        Assert.Equal(HubConnectionState.Connected, pad.Hub.State);

        await pad.DisposeAsync();
        await Eventually.HoldsAsync(async () => await api.StatusAsync(mia) == "PushOnline");
        await api.CallOkAsync("im_open_login_svc", "logout", "{}", identifier: mia);
        Assert.Equal("Offline", await api.StatusAsync(mia));
    }

    [Fact]
    public async Task Logging_out_everywhere_closes_every_connection()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var phone = await environment.ConnectAsync(mia, "Android");
        await using var browser = await environment.ConnectAsync(mia);
        await Eventually.HoldsAsync(async () => (await environment.Api.DetailAsync(mia)).Count == 2);

        await environment.Api.CallOkAsync("im_open_login_svc", "logout", "{}", identifier: mia);

        await Eventually.HoldsAsync(() => phone.Hub.State == HubConnectionState.Disconnected && browser.Hub.State == HubConnectionState.Disconnected);
        Assert.Equal("Offline", await environment.Api.StatusAsync(mia));
    }

    [Fact]
    public async Task A_platform_that_does_not_exist_cannot_be_logged_out()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");

        foreach (var body in new[] { """{"Platform":"Toaster"}""", """{"Platform":7}""" })
        {
            Assert.Equal(70402, (await environment.Api.CallAsync("im_open_login_svc", "logout", body, identifier: mia)).GetProperty("ErrorCode").GetInt32());
        }
    }

    [Theory]
    [InlineData("query_online_status")]
    [InlineData("querystate")]
    public async Task Both_names_of_the_command_answer_both_names_of_the_field_and_accounts_may_ask(string command)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));

        var answer = await environment.Api.CallOkAsync("openim", command, new { To_Account = new[] { jonas, "nobody at all", mia, jonas } }, identifier: mia);

        var results = answer.GetProperty("QueryResult").EnumerateArray().ToList();
        Assert.Equal([jonas, mia], results.Select(result => result.GetProperty("To_Account").GetString()));
        Assert.All(results, result => Assert.Equal(("Offline", "Offline"), (result.GetProperty("Status").GetString(), result.GetProperty("State").GetString())));
        Assert.All(results, result => Assert.False(result.TryGetProperty("Detail", out _)));
        var error = Assert.Single(answer.GetProperty("ErrorList").EnumerateArray());
        Assert.Equal(("nobody at all", 70107), (error.GetProperty("To_Account").GetString(), error.GetProperty("ErrorCode").GetInt32()));
    }

    [Fact]
    public async Task The_detail_is_there_only_when_asked_for()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var browser = await environment.ConnectAsync(mia);
        await Eventually.HoldsAsync(async () => await environment.Api.StatusAsync(mia) == "Online");

        var answer = await environment.Api.CallOkAsync("openim", "query_online_status", new { To_Account = new[] { mia } });

        Assert.False(answer.GetProperty("QueryResult")[0].TryGetProperty("Detail", out _));
        Assert.False(answer.TryGetProperty("ErrorList", out _));
    }

    [Theory]
    [InlineData("""{"To_Account":[]}""", 90001)]
    [InlineData("""{}""", 90003)]
    [InlineData("""{"To_Account":"mia"}""", 90003)]
    [InlineData("""{"To_Account":["mia",7]}""", 90003)]
    [InlineData("""{"To_Account":["mia"],"IsNeedDetail":"1"}""", 90001)]
    [InlineData("""{"To_Account":["nobody at all","a name that is longer than 32 bytes"]}""", 70107)]
    public async Task Lists_that_cannot_be_answered_have_their_codes(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        var answer = await environment.Api.CallAsync("openim", "query_online_status", body);

        Assert.Equal(("FAIL", code), (answer.GetProperty("ActionStatus").GetString(), answer.GetProperty("ErrorCode").GetInt32()));
    }

    [Fact]
    public async Task Five_hundred_accounts_may_be_asked_for_at_once_and_no_more()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        string[] Names(int count) => [mia, .. Enumerable.Range(1, count - 1).Select(n => $"unknown-{n}")];

        var answer = await environment.Api.QueryAsync(Names(500));
        var tooMany = await environment.Api.CallAsync("openim", "query_online_status", JsonSerializer.Serialize(new { To_Account = Names(501) }));

        Assert.Equal(1, answer.GetProperty("QueryResult").GetArrayLength());
        Assert.Equal(499, answer.GetProperty("ErrorList").GetArrayLength());
        Assert.Equal(90011, tooMany.GetProperty("ErrorCode").GetInt32());
    }
}
