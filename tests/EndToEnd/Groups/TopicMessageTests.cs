using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>What is said in topics: who hears it, where it is read, and who may speak.</summary>
public sealed class TopicMessageTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_message_is_heard_by_the_whole_community_and_stands_in_the_log_of_its_topic_only()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var (community, other) = (TopicCalls.CommunityOf(topic), await environment.CreateTopicAsync(TopicCalls.CommunityOf(topic), "sport", anna));
        await using var client = await environment.ConnectAsync(ben);

        Assert.Equal(1, await environment.SayAsync(community, anna, "to all"));
        Assert.Equal(1, await environment.SayInTopicAsync(topic, anna, "soup"));
        Assert.Equal(2, await environment.SayInTopicAsync(topic, ben, "bread"));
        Assert.Equal(1, await environment.SayInTopicAsync(other, anna, "ball"));
        var heard = await client.WaitForCountAsync(4, told => Messages.TypeOf(told) == "GroupMessage" && told.GetProperty("GroupId").GetString() == community);

        Assert.Equal(
            [("group:" + community, "to all"), ("group:" + topic, "bread"), ("group:" + topic, "soup"), ("group:" + other, "ball")],
            heard.Select(told => (told.GetProperty("Timeline").GetString()!, Messages.TextOf(told))).OrderBy(told => told.Item1, StringComparer.Ordinal).ThenBy(told => told.Item2, StringComparer.Ordinal));
        Assert.Equal(["bread", "soup"], await environment.TextsAsync(community, topic, ben));
        Assert.Equal(["ball"], await environment.TextsAsync(community, other));
        Assert.Equal(["to all"], await environment.TextsAsync(community, null, ben));
        var log = await environment.GroupAsync("get_group_log", new { GroupId = community, TopicId = topic, AfterSeq = 0 }, ben);
        Assert.Equal(("group:" + topic, 2), (log.GetProperty("Timeline").GetString(), log.GetProperty("Entries").GetArrayLength()));
        Assert.All(log.GetProperty("Entries").EnumerateArray(), entry => Assert.True(entry.IsOfTopic("GroupMessage", topic)));
    }

    [Fact]
    public async Task A_repeated_message_is_the_same_in_its_topic_and_another_in_the_next()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, _) = await TopicAsync(environment);
        var (community, other) = (TopicCalls.CommunityOf(topic), await environment.CreateTopicAsync(TopicCalls.CommunityOf(topic), "sport", anna));

        foreach (var place in new[] { topic, topic, other })
        {
            var sent = await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(community, null, "once", 77, ("TopicId", place)), anna);
            Assert.Equal(1, sent.GetProperty("MsgSeq").GetInt64());
        }
    }

    [Fact]
    public async Task Messages_are_recalled_modified_and_deleted_in_their_topic()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var community = TopicCalls.CommunityOf(topic);
        await using var client = await environment.ConnectAsync(ben);
        foreach (var text in new[] { "one", "two", "three" })
        {
            await environment.SayAsync(community, ben, $"whole {text}");
            await environment.SayInTopicAsync(topic, ben, text);
        }

        var recalled = await environment.GroupAsync("group_msg_recall", new { GroupId = community, TopicId = topic, MsgSeqList = new[] { new { MsgSeq = 1 }, new { MsgSeq = 9 } } }, ben);
        var modified = await environment.GroupAsync("modify_group_msg", new { GroupId = community, TopicId = topic, MsgSeq = 2, CloudCustomData = "edited" }, ben, "openim");
        await client.WaitForAsync(told => told.IsOfTopic("GroupRecall", topic));
        var change = await client.WaitForAsync(told => told.IsOfTopic("GroupModify", topic));

        Assert.Equal([0, 10030], recalled.GetProperty("RecallRetList").EnumerateArray().Select(item => item.GetProperty("RetCode").GetInt32()));
        Assert.Equal("succeed", modified.GetProperty("ErrorInfo").GetString());
        Assert.Equal((2L, "groupchange:" + topic), (change.GetProperty("Seq").GetInt64(), change.GetProperty("Timeline").GetString()));
        Assert.Equal(["three", "two"], await environment.TextsAsync(community, topic));

        await environment.GroupAsync("delete_group_msg_by_sender", new { GroupId = community, TopicId = topic, Sender_Account = ben });
        var deleted = await client.WaitForAsync(told => told.IsOfTopic("GroupDelete", topic));

        Assert.Equal([2L, 3L], deleted.NumbersOf());
        Assert.Empty(await environment.TextsAsync(community, topic));
        Assert.Equal(["whole three", "whole two", "whole one"], await environment.TextsAsync(community));
        Assert.Equal(0, await environment.UnreadInTopicAsync(topic, anna));
    }

    [Fact]
    public async Task Each_topic_has_its_own_unread_number_and_read_position()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var community = TopicCalls.CommunityOf(topic);
        await using var client = await environment.ConnectAsync(ben);
        await environment.SayInTopicAsync(topic, anna, "@ben", ("GroupAtInfo", new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = ben })));
        await environment.SayInTopicAsync(topic, anna, "@all", ("GroupAtInfo", new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 1 })));
        await environment.SayInTopicAsync(topic, ben, "mine");

        var before = (await environment.LookAtTopicAsync(topic, ben)).Self;
        var read = await environment.GroupAsync("group_msg_read", new { GroupId = community, TopicId = topic, MsgSeq = 1 }, ben);
        var heard = await client.WaitForAsync(told => told.IsOfTopic("GroupRead", topic));
        var after = (await environment.LookAtTopicAsync(topic, ben)).Self;

        Assert.Equal((2L, "[1]", "[2]"), (before.GetProperty("UnreadMsgNum").GetInt64(), before.GetProperty("Mentions").GetRawText(), before.GetProperty("MentionsOfAll").GetRawText()));
        Assert.Equal((1L, 1L), (read.GetProperty("ReadSeq").GetInt64(), read.GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal(1L, heard.GetProperty("Content").GetProperty("ReadSeq").GetInt64());
        Assert.Equal((1L, "[]"), (after.GetProperty("UnreadMsgNum").GetInt64(), after.GetProperty("Mentions").GetRawText()));
        Assert.Equal(0, await environment.UnreadOfAsync(community, ben));
        Assert.Equal(1, await environment.UnreadInTopicAsync(topic, anna));
    }

    [Fact]
    public async Task Who_comes_later_has_nothing_unread_until_it_has_looked_and_who_comes_back_begins_anew()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var (community, cleo) = (TopicCalls.CommunityOf(topic), await environment.ImportAsync("cleo"));
        await environment.SayInTopicAsync(topic, anna, "early");
        // Times are whole seconds: a topic of the same second counts as one that came later.
        var joined = await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { community } });
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > joined.GetProperty("GroupInfo")[0].GetProperty("CreateTime").GetInt64() + 1);
        await environment.JoinAsync(community, cleo);

        Assert.Equal(0, await environment.UnreadInTopicAsync(topic, cleo));
        await environment.SayInTopicAsync(topic, anna, "late");
        Assert.Equal(1, await environment.UnreadInTopicAsync(topic, cleo));
        Assert.Equal(["late", "early"], await environment.TextsAsync(community, topic, cleo));

        await environment.GroupAsync("quit_group", new { GroupId = community }, cleo);
        Assert.Equal(10007, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = community, TopicId = topic, ReqMsgNumber = 1 }, cleo));
        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > second);
        await environment.SayInTopicAsync(topic, anna, "while away");
        await environment.JoinAsync(community, cleo);

        Assert.Equal(0, await environment.UnreadInTopicAsync(topic, cleo));
        Assert.Equal(3, await environment.UnreadInTopicAsync(topic, ben));
    }

    [Fact]
    public async Task Who_looks_at_a_topic_in_which_nothing_was_said_or_reads_to_its_end_has_what_is_said_then_unread()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, _) = await TopicAsync(environment);
        var (community, other) = (TopicCalls.CommunityOf(topic), await environment.CreateTopicAsync(TopicCalls.CommunityOf(topic), "sport", anna));
        await environment.SayInTopicAsync(other, anna, "early");
        var created = (await environment.LookAtTopicAsync(other, anna)).Info.GetProperty("CreateTime").GetInt64();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > created + 1);
        var (cleo, dan) = (await environment.ImportAsync("cleo"), await environment.ImportAsync("dan"));
        await environment.JoinAsync(community, cleo);
        await environment.JoinAsync(community, dan);

        Assert.Equal(0, await environment.UnreadInTopicAsync(topic, cleo));
        await environment.GroupAsync("group_msg_read", new { GroupId = community, TopicId = other, MsgSeq = 1 }, dan);
        await environment.SayInTopicAsync(topic, anna, "first");
        await environment.SayInTopicAsync(other, anna, "late");

        Assert.Equal(1, await environment.UnreadInTopicAsync(topic, cleo));
        Assert.Equal(1, await environment.UnreadInTopicAsync(other, dan));
    }

    [Fact]
    public async Task Many_members_are_muted_in_a_topic_at_once()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, _) = await TopicAsync(environment);
        var (community, crowd) = (TopicCalls.CommunityOf(topic), await Task.WhenAll(Enumerable.Range(0, 45).Select(_ => environment.ImportAsync("crowd"))));
        await environment.GroupAsync("add_group_member", new { GroupId = community, MemberList = crowd.Select(account => new { Member_Account = account }) });

        await environment.GroupAsync("forbid_send_msg", new { GroupId = community, TopicId = topic, Members_Account = crowd, MuteTime = 600 }, anna);

        var muted = (await environment.GroupAsync("get_group_muted_account", new { GroupId = community, TopicId = topic }, anna)).GetProperty("MutedAccountList");
        Assert.Equal(crowd.Order(StringComparer.Ordinal), muted.EnumerateArray().Select(one => one.GetProperty("Member_Account").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_mute_in_a_topic_outlasts_leaving_and_its_end_does_too()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var (community, cleo) = (TopicCalls.CommunityOf(topic), await environment.ImportAsync("cleo"));
        await environment.JoinAsync(community, cleo);
        await environment.SayInTopicAsync(topic, ben, "b");
        await environment.SayInTopicAsync(topic, cleo, "c");
        await MuteAsync(cleo, 600);
        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (var account in new[] { ben, cleo })
        {
            await environment.GroupAsync("quit_group", new { GroupId = community }, account);
        }

        await MuteAsync(ben, 600);
        await MuteAsync(cleo, 0);
        // Memberships are told apart by the second in which they began.
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > second + 1);
        await environment.JoinAsync(community, ben);
        await environment.JoinAsync(community, cleo);

        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(community, null, "b", GroupMessageCalls.NewRandom(), ("TopicId", topic)), ben));
        Assert.True((await environment.LookAtTopicAsync(topic, ben)).Self.GetProperty("MuteUntil").GetInt64() > 0);
        await environment.SayInTopicAsync(topic, cleo, "again");

        Task MuteAsync(string account, int seconds) =>
            environment.GroupAsync("forbid_send_msg", new { GroupId = community, TopicId = topic, Members_Account = new[] { account }, MuteTime = seconds }, anna);
    }

    [Fact]
    public async Task Who_is_muted_here_or_in_the_community_may_not_speak_and_who_is_no_member_neither()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var (community, other) = (TopicCalls.CommunityOf(topic), await environment.CreateTopicAsync(TopicCalls.CommunityOf(topic), "sport", anna));
        await environment.SayInTopicAsync(topic, ben, "hello");

        await MuteAsync(topic, 600);
        Assert.Equal((10017, 0, 0), (await SayAsync(topic), await SayAsync(other), await SayAsync(null)));
        var muted = await environment.GroupAsync("get_group_muted_account", new { GroupId = community, TopicId = topic }, anna);
        Assert.Equal((community, ben), (muted.GetProperty("GroupId").GetString(), muted.GetProperty("MutedAccountList")[0].GetProperty("Member_Account").GetString()));
        Assert.Equal(0, (await environment.GroupAsync("get_group_muted_account", new { GroupId = community }, anna)).GetProperty("MutedAccountList").GetArrayLength());
        Assert.True((await environment.LookAtTopicAsync(topic, ben)).Self.GetProperty("MuteUntil").GetInt64() > 0);
        await MuteAsync(topic, 0);
        Assert.Equal(0, await SayAsync(topic));

        await MuteAsync(null, 600);
        Assert.True((await environment.LookAtTopicAsync(topic, ben)).Self.GetProperty("MuteUntil").GetInt64() > 0);
        Assert.Equal((10017, 10017, 10017), (await SayAsync(topic), await SayAsync(other), await SayAsync(null)));
        await MuteAsync(null, 0);
        Assert.Equal((0, 0), (await SayAsync(topic), await SayAsync(null)));

        await environment.TopicAsync("modify_topic", new { GroupId = community, TopicId = topic, ShutUpAllMember = "On" }, anna);
        Assert.Equal((10017, 0), (await SayAsync(topic), await SayAsync(other)));
        await environment.SayInTopicAsync(topic, anna, "I may");
        await environment.GroupAsync("modify_group_base_info", new { GroupId = community, MuteAllMember = "On" }, anna);
        Assert.Equal((10017, 10017), (await SayAsync(other), await SayAsync(null)));

        await environment.GroupAsync("delete_group_member", new { GroupId = community, MemberToDel_Account = new[] { ben } }, anna);
        Assert.Equal((10007, 10007), (await SayAsync(topic), await SayAsync(other)));
        Assert.Equal(10007, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = community, TopicId = topic, MsgSeqList = new[] { new { MsgSeq = 1 } } }, ben));
        Assert.Equal(10007, await environment.GroupCodeAsync("get_group_log", new { GroupId = community, TopicId = topic, AfterSeq = 0 }, ben));

        Task<int> SayAsync(string? place) =>
            environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(community, null, "again", GroupMessageCalls.NewRandom(), ("TopicId", place ?? "")), ben);

        Task MuteAsync(string? place, int seconds) =>
            environment.GroupAsync("forbid_send_msg", new { GroupId = community, TopicId = place ?? "", Members_Account = new[] { ben }, MuteTime = seconds }, anna);
    }

    [Fact]
    public async Task What_is_only_for_who_is_there_is_heard_with_its_topic()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, ben) = await TopicAsync(environment);
        var community = TopicCalls.CommunityOf(topic);
        await using var client = await environment.ConnectAsync(ben);

        await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(community, null, "typing", 5, ("TopicId", topic), ("OnlineOnlyFlag", 1)), anna);
        await environment.GroupAsync("send_group_system_notification", new { GroupId = community, TopicId = topic, Content = "refresh" });
        await environment.GroupAsync("send_group_system_notification", new { GroupId = community, TopicId = topic, Content = "you", ToMembers_Account = new[] { ben } });

        await client.WaitForAsync(told => told.IsOfTopic("GroupMessage", topic) && !told.TryGetProperty("Seq", out _));
        await client.WaitForCountAsync(2, told => told.IsOfTopic("GroupNotice", topic));
        Assert.Empty(await environment.TextsAsync(community, topic));
    }

    [Fact]
    public async Task A_topic_of_another_community_or_none_is_refused()
    {
        var environment = await fixture.StartedAsync();
        var (topic, anna, _) = await TopicAsync(environment);
        var (community, other) = (TopicCalls.CommunityOf(topic), await environment.CreateCommunityAsync(anna));

        Assert.Equal(10015, await SayAsync(other, topic));
        Assert.Equal(10015, await SayAsync(community, "nonsense"));
        Assert.Equal(110003, await SayAsync(community, $"{community}@TOPIC#_nope"));
        Assert.Equal(10015, await SayAsync(topic, topic));
        Assert.Equal(11000, await environment.GroupCodeAsync("get_group_member_info", new { GroupId = community, TopicId = topic }, anna));
        Assert.Equal(110003, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = community, TopicId = $"{community}@TOPIC#_nope", ReqMsgNumber = 1 }, anna));

        Task<int> SayAsync(string group, string place) => environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "x", 3, ("TopicId", place)), anna);
    }

    private static async Task<(string Topic, string Anna, string Ben)> TopicAsync(LocalEnvironment environment)
    {
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var community = await environment.CreateCommunityAsync(anna, ben);
        return (await environment.CreateTopicAsync(community, "food", anna), anna, ben);
    }
}
