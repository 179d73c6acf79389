using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class ImportMessageTests(LocalEnvironmentFixture fixture)
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task History_stands_in_its_place_by_time_whenever_and_in_whatever_order_it_comes()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendTextAsync(mia, jonas, "new");
        foreach (var hoursAgo in new[] { 3, 50, 1, 20, 2 })
        {
            await ImportAsync(environment, mia, jonas, $"{hoursAgo}", Now - (hoursAgo * 3600), seq: (uint)hoursAgo);
        }

        await environment.SendTextAsync(jonas, mia, "newest", random: 8);

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            foreach (var size in new[] { 1, 2, 3, 7, 100 })
            {
                Assert.Equal(["50", "20", "3", "2", "1", "new", "newest"], Messages.TextsOf(await environment.HistoryAsync(owner, peer, size)));
            }
        }
    }

    [Fact]
    public async Task Messages_of_one_second_page_without_loss_or_repetition()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var time = Now - 100;
        for (uint n = 1; n <= 7; n++)
        {
            await ImportAsync(environment, n % 2 == 0 ? mia : jonas, n % 2 == 0 ? jonas : mia, $"{n}", time, seq: n, random: 100 - n);
        }

        foreach (var size in new[] { 1, 2, 3, 100 })
        {
            Assert.Equal(Enumerable.Range(1, 7).Select(n => $"{n}"), Messages.TextsOf(await environment.HistoryAsync(jonas, mia, size)));
        }
    }

    [Theory]
    [InlineData(2, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(5, 1, true)]
    public async Task What_counts_as_unread_and_is_delivered_depends_on_the_kind(int kind, int unread, bool isDelivered)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var device = await environment.ConnectAsync(jonas);
        var time = Now - 60;

        await ImportAsync(environment, mia, jonas, "imported", time, seq: 4, kind: kind);
        await ImportAsync(environment, mia, jonas, "imported", time, seq: 4, kind: kind);
        await environment.SendTextAsync(mia, jonas, "a live one");

        Assert.Equal(unread + 1, await environment.UnreadAsync(jonas, mia));
        Assert.Equal(["imported", "a live one"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
        await device.WaitForAsync(entry => Messages.TextOf(entry) == "a live one");
        Assert.Equal(isDelivered ? ["imported", "a live one"] : ["a live one"], Messages.TextsOf(device.Events));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_device_that_was_away_finds_an_unread_import_of_days_ago(int kind)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var since = (await environment.Api.CallOkAsync("openim", "sync", new { }, jonas)).GetProperty("Next").GetInt64();

        await ImportAsync(environment, mia, jonas, "three days ago", Now - (3 * 86400), seq: 4, kind: kind);

        var timeline = Assert.Single((await environment.Api.CallOkAsync("openim", "sync", new { Since = since }, jonas)).GetProperty("Timelines").EnumerateArray());
        Assert.Equal((1, 1), (timeline.GetProperty("LastSeq").GetInt32(), timeline.GetProperty("UnreadMsgNum").GetInt32()));
        Assert.Equal("three days ago", Messages.TextOf(Assert.Single(await environment.LogAsync(jonas, mia))));
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(5, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task The_same_numbers_and_time_are_one_message_whatever_the_kind_the_content_or_the_direction(int first, int second)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var time = Now - 60;

        await ImportAsync(environment, mia, jonas, "first", time, seq: 4, kind: first);
        var unread = await environment.UnreadAsync(jonas, mia);
        await ImportAsync(environment, mia, jonas, "other content", time, seq: 4, kind: second);
        await ImportAsync(environment, jonas, mia, "other direction", time, seq: 4, kind: second);

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            Assert.Equal("first", Messages.TextOf(Assert.Single(await environment.HistoryAsync(owner, peer))));
        }

        Assert.Equal(unread, await environment.UnreadAsync(jonas, mia));
        Assert.Equal(0, await environment.UnreadAsync(mia, jonas));
    }

    [Fact]
    public async Task An_imported_message_can_be_recalled_modified_and_deleted()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var time = Now - 60;
        for (uint n = 1; n <= 3; n++)
        {
            await ImportAsync(environment, mia, jonas, $"{n}", time + n, seq: n);
        }

        await environment.Api.CallOkAsync("openim", "admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = $"1_7_{time + 1}" });
        await environment.Api.CallOkAsync("openim", "modify_c2c_msg", new { From_Account = mia, To_Account = jonas, MsgKey = $"2_7_{time + 2}", CloudCustomData = "x" });
        await environment.Api.CallOkAsync(
            "openim", "delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { $"3_7_{time + 3}" } });

        var received = await environment.HistoryAsync(jonas, mia);
        Assert.Equal([8, 0], received.Select(message => message.GetProperty("MsgFlagBits").GetInt32()));
        Assert.Equal("x", received[1].GetProperty("CloudCustomData").GetString());
        Assert.Equal(3, (await environment.HistoryAsync(mia, jonas)).Count);
    }

    [Fact]
    public async Task What_is_older_than_the_app_keeps_is_accepted_and_not_kept()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));

        await ImportAsync(environment, mia, jonas, "long ago", 1_690_000_000, seq: 1, kind: 5);

        Assert.Empty(await environment.HistoryAsync(jonas, mia));
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
    }

    [Theory]
    [InlineData("""{ "SyncFromOldSystem": null }""", 90030)]
    [InlineData("""{ "SyncFromOldSystem": "2" }""", 90030)]
    [InlineData("""{ "SyncFromOldSystem": 3 }""", 90030)]
    [InlineData("""{ "MsgTimeStamp": null }""", 90006)]
    [InlineData("""{ "MsgTimeStamp": "now" }""", 90006)]
    [InlineData("""{ "MsgTimeStamp": -1 }""", 90006)]
    [InlineData("""{ "MsgTimeStamp": 9999999999 }""", 90006)]
    [InlineData("""{ "MsgRandom": null }""", 90005)]
    [InlineData("""{ "MsgSeq": -1 }""", 90004)]
    [InlineData("""{ "MsgBody": {} }""", 90007)]
    [InlineData("""{ "MsgBody": [] }""", 90002)]
    [InlineData("""{ "From_Account": "nobody-at-all" }""", 90008)]
    [InlineData("""{ "To_Account": "nobody-at-all" }""", 90012)]
    [InlineData("""{ "To_Account": 1 }""", 90003)]
    public async Task Bad_input_gets_its_code_and_imports_nothing(string fields, int code)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var body = Body(mia, jonas, "never", Now - 60, 1, 7, 2);
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        Assert.Equal(code, await environment.CodeAsync("importmsg", body.ToJsonString()));
        Assert.Equal(60010, await environment.CodeAsync("importmsg", Body(mia, jonas, "never", Now - 60, 1, 7, 2).ToJsonString(), mia));
        Assert.Empty(await environment.HistoryAsync(jonas, mia));
    }

    private static JsonObject Body(string from, string to, string text, long time, uint seq, uint random, int kind) =>
        Messages.Text(from, to, text, seq, random, ("MsgTimeStamp", time), ("SyncFromOldSystem", kind));

    private static Task<JsonElement> ImportAsync(LocalEnvironment environment, string from, string to, string text, long time, uint seq, uint random = 7, int kind = 2) =>
        environment.Api.CallOkAsync("openim", "importmsg", Body(from, to, text, time, seq, random, kind).ToJsonString());
}
