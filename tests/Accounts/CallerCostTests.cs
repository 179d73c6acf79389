using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Parley.Messages;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Accounts;

/// <summary>What it costs to know that a caller was not kicked, counted from outside.</summary>
public sealed class CallerCostTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("cost-caller")]
    [InlineData("administrator")]
    public async Task A_callers_state_is_read_once_in_half_a_minute_and_a_message_stays_two_transactions(string caller)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (from, to) = ($"{caller}-from", $"{caller}-to");
        await app.ImportAsync(from);
        await app.ImportAsync(to);
        var identifier = caller == "administrator" ? caller : from;
        await SendAsync(app, time, identifier, from, to, 1);
        await app.FlushAsync();
        app.Storage.ResetCounts();

        for (var seq = 2; seq < 12; seq++)
        {
            Assert.Equal(0, await SendAsync(app, time, identifier, from, to, seq));
        }

        Assert.Equal(20, app.Storage.Count(RequestKind.Batch));
        Assert.Equal(20, app.Storage.Requests.Count);

        time.Advance(TimeSpan.FromSeconds(31));
        app.Storage.ResetCounts();
        Assert.All(await Task.WhenAll(Enumerable.Range(12, 20).Select(seq => SendAsync(app, time, identifier, from, to, seq))), code => Assert.Equal(0, code));

        // The app, the caller, and of one who is no account whether it was deleted: each once for all twenty calls.
        Assert.Equal(identifier == from ? 2 : 3, app.Storage.Count(RequestKind.Get));
    }

    [Fact]
    public async Task A_kick_is_known_at_once_where_it_happened_and_within_half_a_minute_elsewhere()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (from, to) = ("kick-known-from", "kick-known-to");
        await here.ImportAsync(from);
        await here.ImportAsync(to);
        var signed = time.GetUtcNow();
        Assert.Equal(0, await SendAsync(here, time, from, from, to, 1, signed));
        Assert.Equal(0, await SendAsync(there, time, from, from, to, 2, signed));
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, await CallAsync(here, time, "im_open_login_svc", "kick", "administrator", $$"""{"UserID":"{{from}}"}"""));

        Assert.Equal(70052, await SendAsync(here, time, from, from, to, 3, signed));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(70052, await SendAsync(there, time, from, from, to, 4, signed));
        Assert.Equal(0, await SendAsync(there, time, from, from, to, 5));
    }

    [Fact]
    public async Task A_mute_is_known_at_once_where_it_was_set_and_over_at_its_time()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (from, to) = ("mute-known-from", "mute-known-to");
        await app.ImportAsync(from);
        await app.ImportAsync(to);
        Assert.Equal(0, await SendAsync(app, time, from, from, to, 1));

        Assert.Equal(0, await CallAsync(app, time, "openconfigsvr", "setnospeaking", "administrator", $$"""{"Set_Account":"{{from}}","C2CmsgNospeakingTime":60}"""));

        Assert.Equal(20012, await SendAsync(app, time, from, from, to, 2));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(20012, await SendAsync(app, time, from, from, to, 3));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await SendAsync(app, time, from, from, to, 4));
    }

    [Fact]
    public async Task A_mute_that_was_set_elsewhere_is_known_within_half_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (from, to) = ("mute-elsewhere-from", "mute-elsewhere-to");
        await here.ImportAsync(from);
        await here.ImportAsync(to);
        Assert.Equal(0, await SendAsync(there, time, from, from, to, 1));

        Assert.Equal(0, await CallAsync(here, time, "openconfigsvr", "setnospeaking", "administrator", $$"""{"Set_Account":"{{from}}","C2CmsgNospeakingTime":600}"""));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(20012, await SendAsync(there, time, from, from, to, 2));
    }

    [Fact]
    public async Task What_is_sent_for_an_account_that_was_deleted_elsewhere_is_refused_and_leaves_nothing_with_the_receiver()
    {
        var time = TimeProvider.System;
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (from, to) = ("deleted-elsewhere-from", "deleted-elsewhere-to");
        await here.ImportAsync(from);
        await here.ImportAsync(to);
        Assert.Equal(0, await SendAsync(there, time, "administrator", from, to, 1));

        Assert.Equal(0, await CallAsync(here, time, "im_open_login_svc", "account_delete", "administrator", $$"""{"DeleteItem":[{"UserID":"{{from}}"}]}"""));

        Assert.Equal(20003, await SendAsync(there, time, "administrator", from, to, 2));
        var conversation = await here.Get<ConversationList>().FindAsync(here.Key(to), from, CancellationToken.None);
        Assert.Equal(1, conversation!.Unread);
        var stored = await StoredRows.ReadAsync(await azurite.ConnectionStringAsync(), here.Key(to), ConversationTable.Rows(from).Entry(2));
        Assert.True(StoredMessage.IsDeleted(stored!));
    }

    private static Task<int> SendAsync(AppInstance app, TimeProvider time, string identifier, string from, string to, int seq, DateTimeOffset? signed = null) =>
        CallAsync(app, time, "openim", "sendmsg", identifier, $$$"""
            {"From_Account":"{{{from}}}","To_Account":"{{{to}}}","MsgSeq":{{{seq}}},"MsgRandom":{{{seq}}},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}
            """, signed);

    private static async Task<int> CallAsync(
        AppInstance app, TimeProvider time, string service, string command, string identifier, string body, DateTimeOffset? signed = null)
    {
        var sig = UserSig.Sign(identifier, app.App.SdkAppId, "secret", signed ?? time.GetUtcNow(), TimeSpan.FromHours(1));
        var http = new DefaultHttpContext();
        http.Request.RouteValues["service"] = service;
        http.Request.RouteValues["command"] = command;
        http.Request.QueryString = QueryString.Create("sdkappid", $"{app.App.SdkAppId}").Add("identifier", identifier).Add("usersig", sig);
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Response.Body = new MemoryStream();
        await app.Get<CommandEndpoint>().HandleAsync(http);
        http.Response.Body.Position = 0;
        using var answer = await JsonDocument.ParseAsync(http.Response.Body);
        return answer.RootElement.GetProperty("ErrorCode").GetInt32();
    }
}
