using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Pins, receive options and marks, and how devices hear of them.</summary>
public sealed class ConversationSettingsTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Two_devices_hear_what_was_set_with_dense_versions_and_one_that_was_away_reads_it()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));
        await using var phone = await environment.ConnectAsync(jonas);
        await using var desktop = await environment.ConnectAsync(jonas);

        await environment.PinAsync(jonas, mia);
        await environment.PinAsync(jonas, mia);
        await environment.ContactsAsync("set_recv_opt", new { ContactItem = RecentContacts.Item(mia), RecvOpt = "AcceptNotNotify" }, jonas);
        await environment.MarkAsync(jonas, new { OptType = 3, ContactItem = RecentContacts.Item(ada), SetMark = new[] { 1, 3 }, CustomMark = "vip" });
        await environment.CreateGroupAsync(jonas, "work", mia);
        await environment.PinAsync(jonas, mia, flag: 0);

        foreach (var device in new[] { phone, desktop })
        {
            var heard = await device.WaitForCountAsync(6, entry => Messages.TypeOf(entry) == "ConversationSettings");
            Assert.Equal([1, 2, 3, 4, 5, 6], heard.Select(entry => entry.GetProperty("Version").GetInt64()));
            Assert.Equal("1 AcceptAndNotify", Summary(heard[0], mia));
            Assert.Equal("1 AcceptNotNotify", Summary(heard[1], mia));
            Assert.Equal("0 AcceptAndNotify 101 vip", Summary(heard[2], ada));
            Assert.Equal([("work", 1)], RecentContacts.GroupsOf(heard[3]));
            Assert.Equal("1 AcceptNotNotify [1]", Summary(heard[4], mia));
            Assert.Equal("0 AcceptNotNotify [1]", Summary(heard[5], mia));
        }

        var missed = await environment.SettingsAsync(jonas, since: 3);
        Assert.Equal((6L, 1L), (RecentContacts.Number(missed, "Version"), RecentContacts.Number(missed, "CompleteFlag")));
        Assert.Equal("0 AcceptNotNotify [1]", Summary(missed, mia));
        Assert.Equal([("work", 1)], RecentContacts.GroupsOf(missed));
        Assert.Equal([ada, mia], (await environment.SettingsAsync(jonas)).GetProperty("ContactItem").EnumerateArray().Select(RecentContacts.PeerOf));
        Assert.Empty((await environment.SettingsAsync(jonas, since: 6)).GetProperty("ContactItem").EnumerateArray());
    }

    [Fact]
    public async Task What_was_taken_back_is_told_too()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        await environment.MarkAsync(jonas, RecentContacts.Mark(mia, "vip"));
        await environment.MarkAsync(jonas, RecentContacts.Mark(mia, ""));

        Assert.Equal("0 AcceptAndNotify", Summary(await environment.SettingsAsync(jonas, since: 1), mia));
        Assert.Empty(await environment.MarkedAsync(jonas));
    }

    [Fact]
    public async Task Many_settings_are_read_in_pages()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 250);
        foreach (var some in peers.Chunk(100))
        {
            await environment.MarkAsync(jonas, [.. some.Select(peer => RecentContacts.Mark(peer, "x"))]);
        }

        var found = new List<string>();
        for (var (since, isComplete) = (0L, false); !isComplete;)
        {
            var page = await environment.SettingsAsync(jonas, since);
            found.AddRange(page.GetProperty("ContactItem").EnumerateArray().Select(RecentContacts.PeerOf));
            Assert.True(RecentContacts.Number(page, "Version") > since);
            (since, isComplete) = (RecentContacts.Number(page, "Version"), RecentContacts.Number(page, "CompleteFlag") == 1);
        }

        Assert.Equal(peers.Order(), found.Order());
        Assert.Equal(peers, (await environment.MarkedAsync(jonas)).Select(RecentContacts.PeerOf));
    }

    [Fact]
    public async Task Of_60_conversations_that_are_pinned_at_once_50_are_and_one_that_is_taken_down_makes_room()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 60);

        var codes = await Task.WhenAll(peers.Select(peer =>
            environment.ContactsCodeAsync("set_top", new { ContactItem = RecentContacts.Item(peer), TopFlag = 1 }, jonas)));

        Assert.Equal((50, 10), (codes.Count(code => code == 0), codes.Count(code => code == 51012)));
        var settings = await environment.SettingsAsync(jonas);
        var pinned = settings.GetProperty("ContactItem").EnumerateArray().Where(item => RecentContacts.Number(item, "TopFlag") == 1).Select(RecentContacts.PeerOf).ToList();
        Assert.Equal(peers.Where((_, n) => codes[n] == 0).Order(), pinned.Order());
        Assert.Equal(50, RecentContacts.Number(settings, "Version"));
        await environment.PinAsync(jonas, pinned[0], flag: 0);
        await environment.PinAsync(jonas, peers.Except(pinned).First());
    }

    [Fact]
    public async Task Marks_that_are_set_at_once_are_all_there()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        var peers = await environment.ImportManyAsync("peer", 10);

        await Task.WhenAll(Enumerable.Range(1, 20).Select(bit => environment.MarkAsync(
            jonas, new { OptType = 1, ContactItem = RecentContacts.Item(mia), SetMark = new[] { bit } }, RecentContacts.Mark(peers[bit % 10], "x"))));

        var marked = (await environment.MarkedAsync(jonas)).ToDictionary(RecentContacts.PeerOf);
        Assert.Equal(new string('1', 20), marked[mia].GetProperty("StandardMark").GetString());
        Assert.Equal(peers.Append(mia).Order(), marked.Keys.Order());
        Assert.Equal(20, RecentContacts.Number(await environment.SettingsAsync(jonas), "Version"));
    }

    [Fact]
    public async Task Marks_are_set_and_cleared_as_the_OptType_says_and_each_conversation_has_its_result()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        var item = RecentContacts.Item(mia);

        var answer = await environment.MarkAsync(
            jonas,
            new { OptType = 3, ContactItem = item, SetMark = new[] { 1, 40, 64 }, CustomMark = "vip" },
            new { OptType = 1, ContactItem = RecentContacts.GroupItem("@TGS#1"), SetMark = new[] { 1 } },
            new { OptType = 2, ContactItem = RecentContacts.Item("nobody-at-all"), CustomMark = "x" });
        await environment.MarkAsync(jonas, new { OptType = 1, ContactItem = item, SetMark = new[] { 2 }, ClearMark = new[] { 64 }, CustomMark = "ignored" });
        await environment.MarkAsync(jonas, new { OptType = 2, ContactItem = item, SetMark = new[] { 5 }, CustomMark = "other" });

        Assert.Equal([0, 51007, 50001], RecentContacts.ResultsOf(answer.GetProperty("ResultItem")));
        var echoed = answer.GetProperty("ResultItem")[1];
        Assert.Equal((1L, "@TGS#1"), (RecentContacts.Number(echoed, "OptType"), echoed.GetProperty("ContactItem").GetProperty("ToGroupId").GetString()));
        var found = await environment.ContactsAsync("search_contact_group", new { From_Account = jonas, ContactItem = new[] { item, RecentContacts.Item("nobody-at-all") } });
        var marked = Assert.Single(found.GetProperty("ContactResultItem").EnumerateArray());
        Assert.Equal((mia, "11" + new string('0', 37) + "1", "other"),
            (RecentContacts.PeerOf(marked), marked.GetProperty("StandardMark").GetString(), marked.GetProperty("CustomMark").GetString()));
        Assert.InRange(RecentContacts.Number(marked, "Timestamp"), 1_700_000_000, 9_999_999_999);
    }

    [Theory]
    [InlineData("set_top", """{"ContactItem":{"Type":1,"To_Account":"{peer}"},"TopFlag":2}""", 50002)]
    [InlineData("set_top", """{"ContactItem":{"Type":1,"To_Account":"{peer}"}}""", 50002)]
    [InlineData("set_top", """{"ContactItem":[],"TopFlag":1}""", 50002)]
    [InlineData("set_top", """{"ContactItem":{"Type":1,"To_Account":"nobody-at-all"},"TopFlag":1}""", 50001)]
    [InlineData("set_top", """{"ContactItem":{"Type":2,"ToGroupId":"@TGS#1"},"TopFlag":1}""", 51007)]
    [InlineData("set_top", """{"From_Account":"administrator","ContactItem":{"Type":1,"To_Account":"{peer}"},"TopFlag":1}""", 60010)]
    [InlineData("set_recv_opt", """{"ContactItem":{"Type":1,"To_Account":"{peer}"},"RecvOpt":"Discard"}""", 50002)]
    [InlineData("set_recv_opt", """{"ContactItem":{"Type":1,"To_Account":"{peer}"},"RecvOpt":1}""", 50002)]
    [InlineData("set_recv_opt", """{"ContactItem":{"Type":1,"To_Account":"nobody-at-all"},"RecvOpt":"AcceptNotNotify"}""", 50001)]
    [InlineData("set_recv_opt", """{"ContactItem":{"Type":2,"ToGroupId":"@TGS#1"},"RecvOpt":"AcceptNotNotify"}""", 51007)]
    [InlineData("mark_contact", """{}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[]}""", 51006)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":4,"ContactItem":{"Type":1,"To_Account":"{peer}"},"CustomMark":"x"}]}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"{peer}"},"SetMark":[65]}]}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"{peer}"},"SetMark":[0]}]}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"{peer}"},"SetMark":[7],"ClearMark":[7]}]}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"{peer}"},"CustomMark":"{long}"}]}""", 50002)]
    [InlineData("mark_contact", """{"MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"{peer}"},"CustomMark":"x"},{"OptType":2}]}""", 50002)]
    [InlineData("get_settings", """{"SinceVersion":-1}""", 50002)]
    [InlineData("get_contact_group", """{}""", 50002)]
    [InlineData("search_contact_group", """{"ContactItem":[]}""", 50002)]
    public async Task What_is_wrong_has_its_code_and_changes_nothing(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        body = body.Replace("{peer}", mia, StringComparison.Ordinal).Replace("{long}", new string('x', 257), StringComparison.Ordinal);

        Assert.Equal(code, await environment.ContactsCodeAsync(command, body, jonas));
        Assert.Equal(0, RecentContacts.Number(await environment.SettingsAsync(jonas), "Version"));
    }

    [Fact]
    public async Task At_most_100_conversations_are_marked_and_300_searched_in_a_call()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        var many = Enumerable.Repeat(RecentContacts.Item(mia), 301).ToArray();

        Assert.Equal(51006, await environment.ContactsCodeAsync("mark_contact", new { MarkItem = Enumerable.Repeat(RecentContacts.Mark(mia, "x"), 101) }, jonas));
        Assert.Equal(50002, await environment.ContactsCodeAsync("search_contact_group", new { ContactItem = many }, jonas));
        Assert.Equal(0, await environment.ContactsCodeAsync("search_contact_group", new { ContactItem = many[..300] }, jonas));
        Assert.Equal(0, RecentContacts.Number(await environment.SettingsAsync(jonas), "Version"));
    }

    [Theory]
    [InlineData("get_list")]
    [InlineData("delete")]
    [InlineData("create_contact_group")]
    [InlineData("update_contact_group")]
    [InlineData("del_contact_group")]
    [InlineData("mark_contact")]
    [InlineData("search_contact_group")]
    [InlineData("get_contact_group")]
    [InlineData("set_top")]
    [InlineData("set_recv_opt")]
    [InlineData("get_settings")]
    public async Task A_body_that_is_no_JSON_is_50002(string command)
    {
        var environment = await fixture.StartedAsync();

        foreach (var body in new[] { "", "not json", "[]" })
        {
            Assert.Equal(50002, await environment.ContactsCodeAsync(command, body));
        }
    }

    // All that is said about the one conversation of an event or answer.
    private static string Summary(JsonElement answer, string peer)
    {
        var item = Assert.Single(answer.GetProperty("ContactItem").EnumerateArray());
        Assert.Equal(peer, RecentContacts.PeerOf(item));
        var groups = item.GetProperty("ContactGroupId");
        string[] parts =
        [
            $"{RecentContacts.Number(item, "TopFlag")}", item.GetProperty("RecvOpt").GetString()!, item.GetProperty("StandardMark").GetString()!,
            item.GetProperty("CustomMark").GetString()!, groups.GetArrayLength() == 0 ? "" : groups.GetRawText(),
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0));
    }
}
