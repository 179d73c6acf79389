using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Groups in the conversation list, and what accounts set about them.</summary>
public sealed class GroupConversationTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Groups_are_listed_beside_accounts_for_those_who_are_in_them_with_the_time_of_their_last_message()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var sent = await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(group, anna, "hello"));
        var time = sent.GetProperty("MsgTime").GetInt64();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > time);
        await environment.SendTextAsync(cleo, ben, "later");

        var list = await environment.ListAsync(ben);
        Assert.Equal([(1L, cleo), (2, group)], list.Select(Named));
        Assert.Equal((time, 0L), (RecentContacts.Number(list[1], "MsgTime"), RecentContacts.Number(list[1], "TopFlag")));

        await environment.ContactsAsync("set_top", new { ContactItem = RecentContacts.GroupItem(group), TopFlag = 1 }, ben);
        await environment.SayAsync(group, anna, "quiet", ("SendMsgControl", new JsonArray("NoLastMsg")));
        await environment.SayAsync(group, anna, "for cleo", ("To_Account", new JsonArray(cleo)));
        list = await environment.ListAsync(ben);
        Assert.Equal([(2L, group), (1, cleo)], list.Select(Named));
        Assert.Equal((time, 1L), (RecentContacts.Number(list[0], "MsgTime"), RecentContacts.Number(list[0], "TopFlag")));

        await environment.GroupAsync("quit_group", new { GroupId = group }, ben);
        Assert.Equal([(1L, cleo)], (await environment.ListAsync(ben)).Select(Named));
        Assert.Empty(await environment.ListAsync(await environment.ImportAsync("stranger")));
        await environment.GroupAsync("destroy_group", new { GroupId = group });
        Assert.DoesNotContain((2L, group), (await environment.ListAsync(anna)).Select(Named));
    }

    [Fact]
    public async Task A_group_in_which_an_account_sees_no_message_yet_is_empty()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        Assert.Empty(await environment.ListAsync(ben, flags: 5));
        Assert.Equal((group, 0L), Assert.Single((await environment.ListAsync(ben)).Select(item => (Named(item).Name, RecentContacts.Number(item, "MsgTime")))));

        var late = await environment.ImportAsync("late");
        await environment.GroupAsync("modify_group_base_info", new { GroupId = group, HistoryMsgBeforeJoin = "Off" });
        await environment.SayAsync(group, anna, "before");
        var time = RecentContacts.Number(Assert.Single(await environment.ListAsync(ben, flags: 5)), "MsgTime");
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > time);
        await environment.JoinAsync(group, late);

        Assert.Empty(await environment.ListAsync(late, flags: 5));
        await environment.SayAsync(group, anna, "after");
        Assert.Single(await environment.ListAsync(late, flags: 5));
    }

    [Fact]
    public async Task A_deleted_group_is_read_and_pinned_no_more_and_comes_back_with_the_next_message()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        await environment.SayAsync(group, anna, "one");
        await environment.ContactsAsync("set_top", new { ContactItem = RecentContacts.GroupItem(group), TopFlag = 1 }, ben);
        await using var device = await environment.ConnectAsync(ben);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            await environment.ContactsAsync("delete", new { From_Account = ben, Type = 2, ToGroupid = group });
        }

        Assert.Empty(await environment.ListAsync(ben));
        Assert.Equal(0, await environment.UnreadOfAsync(group, ben));
        var heard = await device.WaitForAsync(told => Messages.TypeOf(told) == "ConversationSettings");
        var item = Assert.Single(heard.GetProperty("ContactItem").EnumerateArray());
        Assert.Equal((group, 0, 1L), (item.GetProperty("ToGroupId").GetString(), item.GetProperty("TopFlag").GetInt32(), item.GetProperty("HiddenSeq").GetInt64()));
        await environment.SayAsync(group, anna, "quiet", ("SendMsgControl", new JsonArray("NoLastMsg")));
        Assert.Empty(await environment.ListAsync(ben));

        await environment.SayAsync(group, anna, "two");

        Assert.Equal((2L, group), Named(Assert.Single(await environment.ListAsync(ben))));
        Assert.Equal(0, RecentContacts.Number((await environment.ListAsync(ben))[0], "TopFlag"));
        Assert.Equal(["one", "quiet", "two"], Messages.TextsOf(await environment.LogOfAsync(group, ben)));
        Assert.Equal(1, device.Events.Count(told => Messages.TypeOf(told) == "ConversationSettings"));
    }

    [Fact]
    public async Task Deleting_with_the_history_takes_it_from_the_owner_alone()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        await environment.SayAsync(group, anna, "one");

        await environment.ContactsAsync("delete", new { Type = 2, ToGroupId = group, ClearRamble = 1 }, ben);
        await environment.SayAsync(group, anna, "two");

        Assert.Equal(["two"], Messages.TextsOf(await environment.LogOfAsync(group, ben)));
        Assert.Equal(["two"], Messages.TextsOf((await environment.HistoryOfAsync(group, ben)).Where(message => message.PlaceOf() == 0)));
        Assert.Equal(["one", "two"], Messages.TextsOf(await environment.LogOfAsync(group, anna)));
        Assert.Equal(1, await environment.UnreadOfAsync(group, ben));
        Assert.Single(await environment.ListAsync(ben));
    }

    [Fact]
    public async Task More_conversations_of_both_kinds_than_fit_a_page_come_once_each_newest_first()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 70);
        var groups = new string[60];
        await Parallel.ForEachAsync(Enumerable.Range(0, groups.Length), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
        {
            groups[n] = await environment.CreateGroupAsync("Public", jonas);
            await environment.SayAsync(groups[n], jonas, "hello");
        });
        await environment.Api.CallOkAsync("openim", "batchsendmsg", new
        {
            From_Account = jonas,
            To_Account = peers,
            MsgRandom = 1,
            MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "hello" } } },
        });
        await environment.ContactsAsync("set_top", new { ContactItem = RecentContacts.GroupItem(groups[7]), TopFlag = 1 }, jonas);

        var list = await environment.ListAsync(jonas);

        Assert.Equal(peers.Select(peer => (1L, peer)).Concat(groups.Select(group => (2L, group))).Order(), list.Select(Named).Order());
        Assert.Equal((2L, groups[7]), Named(list[0]));
        var times = list.Skip(1).Select(item => RecentContacts.Number(item, "MsgTime")).ToList();
        Assert.Equal(times.OrderDescending(), times);
    }

    [Fact]
    public async Task A_member_may_mark_a_group_silence_it_and_put_it_into_a_conversation_group_and_nobody_else()
    {
        var environment = await fixture.StartedAsync();
        var (group, _, ben, _) = await environment.HikingAsync();
        var stranger = await environment.ImportAsync("stranger");
        var item = RecentContacts.GroupItem(group);
        Task<int> PinAsync(string account, string name, int flag) =>
            environment.ContactsCodeAsync("set_top", new { ContactItem = RecentContacts.GroupItem(name), TopFlag = flag }, account);

        await environment.ContactsAsync("set_recv_opt", new { ContactItem = item, RecvOpt = "AcceptNotNotify" }, ben);
        var marked = await environment.MarkAsync(ben, new { OptType = 2, ContactItem = item, CustomMark = "hills" });
        var created = await environment.ContactsAsync("create_contact_group", new { GroupContactItem = new[] { new { GroupName = "out", ContactItem = new[] { item } } } }, ben);
        Assert.Equal([0], RecentContacts.ResultsOf(marked.GetProperty("ResultItem")));
        Assert.Equal([0], RecentContacts.ResultsOf(created.GetProperty("GroupResultItem")[0].GetProperty("ResultItem")));
        var set = Assert.Single((await environment.SettingsAsync(ben)).GetProperty("ContactItem").EnumerateArray());
        Assert.Equal((group, "hills", "AcceptNotNotify"), (set.GetProperty("ToGroupId").GetString(), set.GetProperty("CustomMark").GetString(), set.GetProperty("RecvOpt").GetString()));
        Assert.Equal(group, Assert.Single(await environment.MarkedAsync(ben)).GetProperty("ToGroupId").GetString());

        var room = await environment.CreateGroupAsync("AVChatRoom", ben);
        Assert.Equal(51007, await PinAsync(stranger, group, 1));
        Assert.Equal(51007, await PinAsync(ben, room, 1));
        Assert.Equal(51007, await PinAsync(ben, "no such group", 1));
        Assert.Equal(51007, await environment.ContactsCodeAsync("delete", new { Type = 2, ToGroupid = group }, stranger));
        Assert.Empty((await environment.SettingsAsync(stranger)).GetProperty("ContactItem").EnumerateArray());

        Assert.Equal(0, await PinAsync(ben, group, 1));
        await environment.GroupAsync("quit_group", new { GroupId = group }, ben);
        Assert.Empty(await environment.ListAsync(ben));
        Assert.Equal(0, await PinAsync(ben, group, 0));
        Assert.Equal(51007, await environment.ContactsCodeAsync("delete", new { Type = 2, ToGroupid = group }, ben));
    }

    private static (long Type, string Name) Named(JsonElement item) =>
        (RecentContacts.Number(item, "Type"), item.GetProperty(RecentContacts.Number(item, "Type") == 2 ? "GroupId" : "To_Account").GetString()!);
}
