using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class ReadPositionTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Reading_on_one_device_is_heard_by_the_other_and_seen_by_one_that_was_away()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var desktop = await environment.ConnectAsync(jonas);
        await environment.SendTextAsync(mia, jonas, "1", random: 1);
        await environment.SendTextAsync(mia, jonas, "2", random: 2);

        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadSeq = 2 }, jonas);

        var heard = await desktop.WaitForAsync(entry => Messages.TypeOf(entry) == "C2CRead");
        Assert.Equal((2L, 0L, 3L), (heard.GetProperty("ReadSeq").GetInt64(), heard.GetProperty("UnreadMsgNum").GetInt64(), heard.GetProperty("Seq").GetInt64()));
        var state = await TimelineAsync(environment, jonas, mia);
        Assert.Equal((2L, 0L, 3L), (state.GetProperty("ReadSeq").GetInt64(), state.GetProperty("UnreadMsgNum").GetInt64(), state.GetProperty("LastSeq").GetInt64()));
    }

    [Fact]
    public async Task Unread_counts_what_came_and_counts_and_is_neither_read_nor_recalled()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas, ada) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"), await environment.ImportAsync("ada"));
        for (uint n = 1; n <= 5; n++)
        {
            await environment.SendTextAsync(mia, jonas, $"{n}", n);
        }

        await environment.SendTextAsync(jonas, mia, "own", 6);
        await environment.SendAsync(Messages.Text(mia, jonas, "quiet", random: 7, more: ("SendMsgControl", new JsonArray("NoUnread"))));
        await environment.SendAsync(Messages.Text(mia, jonas, "online only", random: 8, more: ("MsgLifeTime", 0)));
        await environment.SendTextAsync(ada, jonas, "other", 9);

        Assert.Equal(5, await environment.UnreadAsync(jonas, mia));
        Assert.Equal(6, await TotalAsync(environment, jonas));

        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadSeq = 3 });
        Assert.Equal(2, await environment.UnreadAsync(jonas, mia));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadSeq = 1 });
        Assert.Equal(2, await environment.UnreadAsync(jonas, mia));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia });
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
        Assert.Equal(1, await TotalAsync(environment, jonas));
        Assert.Equal(1, await environment.UnreadAsync(mia, jonas));
    }

    [Fact]
    public async Task A_read_time_takes_numbers_and_text_and_reads_up_to_that_second()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var first = (await environment.SendAsync(Messages.Text(mia, jonas, "1", random: 1))).GetProperty("MsgTime").GetInt64();
        var time = first;
        for (uint n = 2; time == first; n++)
        {
            time = (await environment.SendAsync(Messages.Text(mia, jonas, $"{n}", random: n))).GetProperty("MsgTime").GetInt64();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadTime = first - 1 });
        Assert.NotEqual(1, await environment.UnreadAsync(jonas, mia));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadTime = $"{first}" });
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadTime = time });
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
    }

    [Fact]
    public async Task Reading_again_or_where_nothing_is_leaves_no_trace()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia });
        await environment.SendTextAsync(mia, jonas, "1");
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia });

        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia });

        Assert.Equal(["C2CMessage", "C2CRead"], (await environment.LogAsync(jonas, mia)).Select(Messages.TypeOf));
        Assert.Equal(["C2CMessage"], (await environment.LogAsync(mia, jonas)).Select(Messages.TypeOf));
    }

    [Fact]
    public async Task Unknown_accounts_wrong_types_and_other_accounts_conversations_are_refused()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendTextAsync(mia, jonas, "1");

        Assert.Equal(90008, await environment.CodeAsync("admin_set_msg_read", new { Peer_Account = mia }));
        Assert.Equal(90008, await environment.CodeAsync("admin_set_msg_read", new { Report_Account = "nobody-at-all", Peer_Account = mia }));
        Assert.Equal(90003, await environment.CodeAsync("admin_set_msg_read", new { Report_Account = jonas, Peer_Account = "nobody-at-all" }));
        Assert.Equal(90001, await environment.CodeAsync("admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadTime = "soon" }));
        Assert.Equal(60010, await environment.CodeAsync("admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia }, mia));
        Assert.Equal(60010, await environment.CodeAsync("get_c2c_unread_msg_num", new { To_Account = jonas }, mia));
        Assert.Equal(90008, await environment.CodeAsync("get_c2c_unread_msg_num", new { To_Account = "nobody-at-all" }));
        Assert.Equal(90003, await environment.CodeAsync("get_c2c_unread_msg_num", new { To_Account = jonas, Peer_Account = Enumerable.Range(0, 11).Select(n => $"{n}") }));
        Assert.Equal(90003, await environment.CodeAsync("get_c2c_unread_msg_num", new { To_Account = jonas, Peer_Account = new[] { 1 } }));
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
    }

    [Fact]
    public async Task Unread_counts_name_unknown_peers_one_by_one()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas, ada) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"), await environment.ImportAsync("ada"));
        await environment.SendTextAsync(mia, jonas, "1");

        var answer = await environment.Api.CallOkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = jonas, Peer_Account = new[] { mia, "nobody-at-all", ada } });

        Assert.Equal([(mia, 1), (ada, 0)], answer.GetProperty("C2CUnreadMsgNumList").EnumerateArray()
            .Select(item => (item.GetProperty("Peer_Account").GetString()!, item.GetProperty("C2CUnreadMsgNum").GetInt32())));
        var failed = Assert.Single(answer.GetProperty("ErrorList").EnumerateArray());
        Assert.Equal(("nobody-at-all", 70107), (failed.GetProperty("Peer_Account").GetString(), failed.GetProperty("ErrorCode").GetInt32()));
        Assert.False(answer.TryGetProperty("AllC2CUnreadMsgNum", out _));
    }

    private static async Task<long> TotalAsync(LocalEnvironment environment, string owner) =>
        (await environment.Api.CallOkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = owner })).GetProperty("AllC2CUnreadMsgNum").GetInt64();

    private static async Task<JsonElement> TimelineAsync(LocalEnvironment environment, string owner, string peer) =>
        (await environment.Api.CallOkAsync("openim", "sync", new { }, owner)).GetProperty("Timelines").EnumerateArray()
            .Single(timeline => timeline.GetProperty("Timeline").GetString() == $"c2c:{peer}");
}
