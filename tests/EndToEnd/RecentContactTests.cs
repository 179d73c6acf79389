using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>The conversation list: get_list and delete.</summary>
public sealed class RecentContactTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task The_list_has_pinned_conversations_first_and_says_what_the_reference_says()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));
        var time = (await environment.SendAsync(Messages.Text(mia, jonas, "1"))).GetProperty("MsgTime").GetInt64();
        await environment.SendTextAsync(ada, jonas, "2");
        await environment.PinAsync(jonas, mia);

        var answer = await environment.ContactsAsync(
            "get_list", new { From_Account = jonas, TimeStamp = 0, StartIndex = 0, TopTimeStamp = 0, TopStartIndex = 0, AssistFlags = 7 });

        Assert.Equal("", answer.GetProperty("ErrorDisplay").GetString());
        Assert.Equal(1, answer.GetProperty("CompleteFlag").GetInt32());
        var items = answer.GetProperty("SessionItem").EnumerateArray().ToList();
        Assert.Equal([(1L, mia, 1L), (1L, ada, 0L)], items.Select(item => (RecentContacts.Number(item, "Type"), RecentContacts.PeerOf(item), RecentContacts.Number(item, "TopFlag"))));
        Assert.Equal(time, RecentContacts.Number(items[0], "MsgTime"));
        Assert.Equal([mia, ada], await environment.PeersAsync(jonas, flags: 5));
        Assert.Equal(new HashSet<string> { mia, ada }, [.. await environment.PeersAsync(jonas, flags: 0)]);
    }

    [Fact]
    public async Task An_account_lists_its_own_conversations_without_naming_itself_and_no_other()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        await environment.SendTextAsync(mia, jonas, "1");
        var body = new { TimeStamp = 0, StartIndex = 0, TopTimeStamp = 0, TopStartIndex = 0, AssistFlags = 7 };

        var own = await environment.ContactsAsync("get_list", body, jonas);

        Assert.Equal(mia, RecentContacts.PeerOf(Assert.Single(own.GetProperty("SessionItem").EnumerateArray())));
        var others = JsonSerializer.SerializeToNode(body)!.AsObject();
        others["From_Account"] = jonas;
        Assert.Equal(60010, await environment.ContactsCodeAsync("get_list", others.ToJsonString(), mia));
    }

    [Fact]
    public async Task Conversations_without_a_message_to_show_are_listed_only_on_request()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));
        await environment.SendAsync(Messages.Text(mia, jonas, "quiet", more: ("SendMsgControl", new JsonArray("NoLastMsg"))));
        await environment.PinAsync(jonas, ada);

        Assert.Empty(await environment.PeersAsync(jonas, flags: 5));
        Assert.Equal(new HashSet<string> { mia, ada }, [.. await environment.PeersAsync(jonas)]);
        Assert.All(await environment.ListAsync(jonas), item => Assert.Equal(0, RecentContacts.Number(item, "MsgTime")));
    }

    [Fact]
    public async Task More_conversations_than_fit_a_page_come_once_each_although_many_are_of_one_second()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 230);
        foreach (var some in peers.Chunk(46))
        {
            await environment.Api.CallOkAsync("openim", "batchsendmsg", new
            {
                From_Account = jonas,
                To_Account = some,
                MsgRandom = 1,
                MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "hello" } } },
            });
        }

        await environment.PinAsync(jonas, peers[7]);

        var list = await environment.ListAsync(jonas);

        Assert.Equal(peers[7], RecentContacts.PeerOf(list[0]));
        Assert.Equal(peers.Order(), list.Select(RecentContacts.PeerOf).Order());
        var times = list.Skip(1).Select(item => RecentContacts.Number(item, "MsgTime")).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.True(times.Distinct().Count() < times.Count);
    }

    [Fact]
    public async Task A_conversation_that_moves_up_between_two_pages_is_not_missed()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 120);
        await Task.WhenAll(peers.Select(peer => environment.SendTextAsync(jonas, peer, "hello")));
        static object Request(string owner, JsonElement? page) => new
        {
            From_Account = owner,
            TimeStamp = page is { } p ? RecentContacts.Number(p, "TimeStamp") : 0,
            StartIndex = page is { } q ? RecentContacts.Number(q, "StartIndex") : 0,
            TopTimeStamp = page is { } r ? RecentContacts.Number(r, "TopTimeStamp") : 0,
            TopStartIndex = page is { } s ? RecentContacts.Number(s, "TopStartIndex") : 0,
            AssistFlags = 7,
        };
        var first = await environment.ContactsAsync("get_list", Request(jonas, null));
        var given = first.GetProperty("SessionItem").EnumerateArray().Select(RecentContacts.PeerOf).ToList();
        var (moved, pinned) = (peers.Except(given).First(), peers.Except(given).Last());

        await environment.SendTextAsync(moved, jonas, "up", random: 9);
        await environment.PinAsync(jonas, pinned);
        var second = await environment.ContactsAsync("get_list", Request(jonas, first));

        Assert.Equal(1, second.GetProperty("CompleteFlag").GetInt32());
        var rest = second.GetProperty("SessionItem").EnumerateArray().Select(RecentContacts.PeerOf).ToList();
        Assert.Contains(moved, rest);
        Assert.Contains(pinned, rest);
        Assert.Equal(peers.Order(), given.Concat(rest).Order());
    }

    [Fact]
    public async Task A_deleted_conversation_is_pinned_no_more_and_comes_back_with_the_next_message()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        await environment.SendTextAsync(mia, jonas, "1", random: 1);
        await environment.PinAsync(jonas, mia);
        await using var device = await environment.ConnectAsync(jonas);

        var answer = await environment.ContactsAsync("delete", new { From_Account = jonas, Type = 1, To_Account = mia }, jonas);

        Assert.Equal("", answer.GetProperty("ErrorDisplay").GetString());
        Assert.Empty(await environment.PeersAsync(jonas));
        Assert.Equal([jonas], await environment.PeersAsync(mia));
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
        Assert.Single(await environment.HistoryAsync(jonas, mia));
        await device.WaitForAsync(entry => Messages.TypeOf(entry) == "C2CConversationDelete");
        var unpinned = await device.WaitForAsync(entry => Messages.TypeOf(entry) == "ConversationSettings");
        Assert.Equal(0, unpinned.GetProperty("ContactItem")[0].GetProperty("TopFlag").GetInt32());

        await environment.SendTextAsync(mia, jonas, "2", random: 2);
        var back = Assert.Single(await environment.ListAsync(jonas));
        Assert.Equal((mia, 0L), (RecentContacts.PeerOf(back), RecentContacts.Number(back, "TopFlag")));
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
    }

    [Fact]
    public async Task Deleting_with_the_history_clears_the_owners_copy_only_and_its_rows_and_unread_messages_go()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));
        for (uint n = 1; n <= 3; n++)
        {
            await environment.SendTextAsync(mia, jonas, $"{n}", n);
        }

        await environment.SendTextAsync(ada, jonas, "other", 4);

        await environment.ContactsAsync("delete", new { From_Account = jonas, type = 1, To_Account = mia, ClearRamble = 1 }, jonas);

        Assert.Empty(await environment.HistoryAsync(jonas, mia));
        Assert.Equal(3, (await environment.HistoryAsync(mia, jonas)).Count);
        Assert.Equal([ada], await environment.PeersAsync(jonas));
        var total = await environment.Api.CallOkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = jonas });
        Assert.Equal(1, total.GetProperty("AllC2CUnreadMsgNum").GetInt64());

        await environment.SendTextAsync(mia, jonas, "after", 5);
        Assert.Equal(["after"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
        Assert.Equal([ada, mia], (await environment.PeersAsync(jonas)).Order());
    }

    [Theory]
    [InlineData("""{"Type":1,"To_Account":"nobody-at-all"}""", 50001)]
    [InlineData("""{"Type":1}""", 50002)]
    [InlineData("""{"Type":3,"To_Account":"{peer}"}""", 50002)]
    [InlineData("""{"Type":"1","To_Account":"{peer}"}""", 50002)]
    [InlineData("""{"To_Account":"{peer}"}""", 50002)]
    [InlineData("""{"Type":1,"To_Account":"{peer}","ClearRamble":2}""", 50002)]
    [InlineData("""{"Type":2,"ToGroupid":"@TGS#1"}""", 51007)]
    [InlineData("""{"Type":2,"ToGroupId":"@TGS#1"}""", 51007)]
    [InlineData("""{"type":2,"To_Account":"@TGS#1"}""", 51007)]
    [InlineData("""{"Type":2}""", 50002)]
    [InlineData("""{"From_Account":"nobody-at-all","Type":1,"To_Account":"{peer}"}""", 50001)]
    public async Task A_deletion_that_is_wrong_has_its_code_and_deletes_nothing(string fields, int code)
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        await environment.SendTextAsync(mia, jonas, "1");
        var body = JsonNode.Parse(fields.Replace("{peer}", mia, StringComparison.Ordinal))!.AsObject();
        if (!body.ContainsKey("From_Account"))
        {
            body["From_Account"] = jonas;
        }

        Assert.Equal(code, await environment.ContactsCodeAsync("delete", body.ToJsonString()));
        Assert.Equal([mia], await environment.PeersAsync(jonas));
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
    }

    [Theory]
    [InlineData("""{"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}""")]
    [InlineData("""{"TimeStamp":-1,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}""")]
    [InlineData("""{"TimeStamp":0,"StartIndex":"0","TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}""")]
    [InlineData("""{"TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0}""")]
    [InlineData("""{"From_Account":5,"TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}""")]
    [InlineData("not json")]
    public async Task A_list_request_that_is_wrong_is_50002(string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(50002, await environment.ContactsCodeAsync("get_list", body, await environment.ImportAsync("jonas")));
    }
}
