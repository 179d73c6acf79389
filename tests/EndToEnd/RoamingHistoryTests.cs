using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class RoamingHistoryTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Pages_of_any_size_give_the_same_history_oldest_first()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        foreach (var n in Enumerable.Range(1, 23))
        {
            var (from, to) = n % 3 == 0 ? (jonas, mia) : (mia, jonas);
            await environment.SendAsync(Messages.Text(from, to, $"{n}", (uint)n));
        }

        var expected = Enumerable.Range(1, 23).Select(n => $"{n}");
        foreach (var size in new[] { 1, 2, 5, 22, 23, 24, 100 })
        {
            Assert.Equal(expected, Messages.TextsOf(await environment.HistoryAsync(jonas, mia, size)));
        }
    }

    [Fact]
    public async Task The_time_window_includes_both_ends_and_names_the_oldest_of_the_page()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var times = new List<long>();
        for (uint n = 1; times.Distinct().Count() < 4; n++)
        {
            times.Add((await environment.SendAsync(Messages.Text(mia, jonas, $"{n}", n))).GetProperty("MsgTime").GetInt64());
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }

        var (from, to) = (times.Distinct().ElementAt(1), times.Distinct().ElementAt(2));
        var page = await ReadAsync(environment, jonas, mia, from, to);

        var inside = times.Select((time, index) => (Time: time, Text: $"{index + 1}")).Where(message => message.Time >= from && message.Time <= to).ToList();
        Assert.Equal(inside.Select(message => message.Text), Messages.TextsOf(page.GetProperty("MsgList").EnumerateArray()));
        Assert.Equal(1, page.GetProperty("Complete").GetInt32());
        Assert.Equal(inside.Count, page.GetProperty("MsgCnt").GetInt32());
        Assert.Equal(inside[0].Time, page.GetProperty("LastMsgTime").GetInt64());
        Assert.Equal($"{inside[0].Text}_7_{inside[0].Time}", page.GetProperty("LastMsgKey").GetString());
    }

    [Fact]
    public async Task Nothing_in_the_window_is_an_empty_complete_page()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendAsync(Messages.Text(mia, jonas, "now"));

        var page = await ReadAsync(environment, jonas, mia, 1, 2);

        Assert.Equal(1, page.GetProperty("Complete").GetInt32());
        Assert.Equal(0, page.GetProperty("MsgCnt").GetInt32());
        Assert.Equal(0, page.GetProperty("LastMsgTime").GetInt64());
        Assert.Equal("", page.GetProperty("LastMsgKey").GetString());
        Assert.Equal(0, page.GetProperty("MsgList").GetArrayLength());
    }

    [Fact]
    public async Task The_older_field_names_are_taken_too()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendAsync(Messages.Text(mia, jonas, "hello", more: ("SyncOtherMachine", 2)));

        var received = await environment.Api.CallOkAsync(
            "openim", "admin_getroammsg", new { From_Account = jonas, To_Account = mia, MaxCnt = 10, MinTime = 0, MaxTime = 9_999_999_999 });
        var sent = await environment.Api.CallOkAsync(
            "openim", "admin_getroammsg", new { From_Account = mia, To_Account = jonas, MaxCnt = 10, MinTime = 0, MaxTime = 9_999_999_999 });

        Assert.Equal(1, received.GetProperty("MsgCnt").GetInt32());
        Assert.Equal(0, sent.GetProperty("MsgCnt").GetInt32());
    }

    [Theory]
    [InlineData("""{"Peer_Account":"alice","MaxCnt":1,"MinTime":0,"MaxTime":1}""", 90008)]
    [InlineData("""{"Operator_Account":"alice","MaxCnt":1,"MinTime":0,"MaxTime":1}""", 90003)]
    [InlineData("""{"Operator_Account":"nobody at all","Peer_Account":"alice","MaxCnt":1,"MinTime":0,"MaxTime":1}""", 90008)]
    [InlineData("""{"Operator_Account":"alice","Peer_Account":"nobody at all","MaxCnt":1,"MinTime":0,"MaxTime":1}""", 90003)]
    [InlineData("""{"Operator_Account":"alice","Peer_Account":"bob","MinTime":0,"MaxTime":1}""", 90001)]
    [InlineData("""{"Operator_Account":"alice","Peer_Account":"bob","MaxCnt":"x","MinTime":0,"MaxTime":1}""", 90001)]
    public async Task Bad_fields_have_their_codes(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, (await environment.Api.CallAsync("openim", "admin_getroammsg", body)).GetProperty("ErrorCode").GetInt32());
    }

    private static Task<JsonElement> ReadAsync(LocalEnvironment environment, string owner, string peer, long minTime, long maxTime) =>
        environment.Api.CallOkAsync(
            "openim", "admin_getroammsg", new { Operator_Account = owner, Peer_Account = peer, MaxCnt = 100, MinTime = minTime, MaxTime = maxTime });
}
