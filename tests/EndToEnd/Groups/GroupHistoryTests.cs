using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupHistoryTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task History_is_paged_backwards_and_newest_first()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        for (var i = 1; i <= 25; i++)
        {
            await environment.SayAsync(group, anna, $"{i}", ("MsgPriority", i == 25 ? "High" : "Normal"));
        }

        var newest = await environment.GroupAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 30 }, ben);
        var rest = await environment.GroupAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 20, ReqMsgSeq = 5 });

        Assert.Equal((0, group), (newest.GetProperty("IsFinished").GetInt32(), newest.GetProperty("GroupId").GetString()));
        Assert.Equal(Enumerable.Range(6, 20).Reverse().Select(i => $"{i}"), Messages.TextsOf(newest.GetProperty("RspMsgList").EnumerateArray()));
        var first = newest.GetProperty("RspMsgList")[0];
        Assert.Equal((anna, 25L, 1, 0), (first.GetProperty("From_Account").GetString(), first.GetProperty("MsgSeq").GetInt64(), first.GetProperty("MsgPriority").GetInt32(), first.PlaceOf()));
        Assert.True(first.GetProperty("MsgTimeStamp").GetInt64() > 0 && first.GetProperty("MsgRandom").GetInt64() > 0);
        Assert.Equal(1, rest.GetProperty("IsFinished").GetInt32());
        Assert.Equal(["5", "4", "3", "2", "1"], Messages.TextsOf(rest.GetProperty("RspMsgList").EnumerateArray()));
    }

    [Fact]
    public async Task Numbers_without_a_visible_message_are_places()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await environment.SayAsync(group, anna, "recalled");
        await environment.SayAsync(group, anna, "for Ben", ("To_Account", new JsonArray(ben)));
        await environment.SayAsync(group, anna, "for all");
        await environment.RecallAsync(group, null, 1);

        Assert.Equal([(3L, 0), (2, 1), (1, 1)], Places(await environment.HistoryOfAsync(group, cleo)));
        Assert.Equal([(3L, 0), (2, 0), (1, 1)], Places(await environment.HistoryOfAsync(group, ben)));
        Assert.Equal([(3L, 0), (2, 0), (1, 2)], Places(await environment.HistoryOfAsync(group, withRecalled: 1)));
        Assert.All((await environment.HistoryOfAsync(group, cleo)).Skip(1), place => Assert.Equal(0, place.GetProperty("MsgBody").GetArrayLength()));
        Assert.Equal(["GroupMessage", "GroupHidden", "GroupMessage"], (await environment.LogOfAsync(group, cleo)).Select(Messages.TypeOf));
        Assert.Equal([2, 0, 0], (await environment.LogOfAsync(group, ben)).Select(GroupMessageCalls.PlaceOf));
        Assert.Equal(["", ben], (await environment.LogOfAsync(group, ben)).Take(2).Select(entry =>
            entry.TryGetProperty("To_Account", out var to) ? to[0].GetString() : entry.TryGetProperty("MsgBody", out _) ? "body" : ""));
    }

    [Theory]
    [InlineData("Public", false)]
    [InlineData("Private", false)]
    [InlineData("ChatRoom", true)]
    public async Task Who_comes_later_sees_earlier_messages_where_the_type_says_so(string type, bool isOpen)
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync(type);
        var dan = await environment.ImportAsync("dan");
        await environment.SayAsync(group, anna, "before");
        await environment.GroupAsync("modify_group_msg", new { GroupId = group, MsgSeq = 1, CloudCustomData = "edited" }, service: "openim");
        await environment.RecallAsync(group, null, 1);
        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > second);
        await environment.JoinAsync(group, dan);
        await environment.SayAsync(group, anna, "after");

        var log = await environment.LogOfAsync(group, dan);
        Assert.Equal(isOpen ? [1L, 2] : [2L], log.Select(entry => entry.GetProperty("Seq").GetInt64()));
        Assert.Equal(isOpen ? [0, 2] : [0, 1], (await environment.HistoryOfAsync(group, dan, withRecalled: 1)).Select(GroupMessageCalls.PlaceOf));
        Assert.Equal(isOpen ? 1 : 2, (await environment.StateOfAsync(group, dan)).GetProperty("FirstSeq").GetInt64());
        Assert.Equal(isOpen ? 0 : 10030, Assert.Single(await environment.RecallAsync(group, type == "ChatRoom" ? anna : dan, 1)));
        Assert.Equal(2, (await environment.LogOfAsync(group, ben)).Count);
        var changes = await environment.LogOfAsync(group, dan, isOfChanges: true);
        Assert.Equal(["GroupModify", "GroupRecall"], changes.Take(2).Select(Messages.TypeOf));
        Assert.Equal(isOpen, changes[0].TryGetProperty("CloudCustomData", out _));
    }

    [Fact]
    public async Task The_logs_read_forwards_and_backwards_in_pages_of_any_size()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        for (var i = 1; i <= 7; i++)
        {
            await environment.SayAsync(group, anna, $"{i}");
        }

        await environment.RecallAsync(group, anna, 2);
        await environment.RecallAsync(group, anna, 3, 4);
        foreach (var size in new[] { 1, 3, 200 })
        {
            Assert.Equal(Enumerable.Range(1, 7), (await environment.LogOfAsync(group, ben, pageSize: size)).Select(entry => entry.GetProperty("Seq").GetInt32()));
            var changes = await environment.LogOfAsync(group, ben, isOfChanges: true, size);
            Assert.Equal([[2L], [3, 4]], changes.Select(GroupMessageCalls.NumbersOf));
            Assert.All(changes, change => Assert.Equal(("GroupRecall", $"groupchange:{group}", anna),
                (Messages.TypeOf(change), change.GetProperty("Timeline").GetString(), change.GetProperty("Operator_Account").GetString())));
        }

        var before = await environment.GroupAsync("get_group_log", new { GroupId = group, BeforeSeq = 6, MaxCnt = 3 }, ben);
        Assert.Equal((3L, 5L), (before.GetProperty("FromSeq").GetInt64(), before.GetProperty("UpToSeq").GetInt64()));
        Assert.Equal([2, 2, 0], before.GetProperty("Entries").EnumerateArray().Select(GroupMessageCalls.PlaceOf));
    }

    [Fact]
    public async Task Questions_that_are_wrong_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);
        var good = new { GroupId = group, ReqMsgNumber = 5 };

        Assert.Equal(10007, await environment.GroupCodeAsync("group_msg_get_simple", good, dan));
        Assert.Equal(10010, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = "no-such", ReqMsgNumber = 5 }));
        Assert.Equal(10015, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = new string('g', 49), ReqMsgNumber = 5 }));
        Assert.Equal(10044, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = live, ReqMsgNumber = 5 }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = group }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 0 }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 5, ReqMsgSeq = 0 }));
        Assert.Equal(10011, await environment.GroupCodeAsync("group_msg_get_simple", "no json"));
        Assert.Equal(0, await environment.GroupCodeAsync("group_msg_get_simple", good));
        Assert.Equal(10007, await environment.GroupCodeAsync("get_group_log", new { GroupId = group, AfterSeq = 0 }, dan));
        Assert.Equal(60010, await environment.GroupCodeAsync("get_group_log", new { GroupId = group, AfterSeq = 0, Owner_Account = anna }, dan));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_log", new { GroupId = group }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_log", new { GroupId = group, AfterSeq = 0, BeforeSeq = 9 }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_log", new { GroupId = group, AfterSeq = 0, MaxCnt = 201 }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_log", new { GroupId = group, AfterSeq = 0, Timeline = "group:other" }, anna));
        Assert.Equal(10044, await environment.GroupCodeAsync("get_group_log", new { GroupId = live, AfterSeq = 0 }, anna));
    }

    private static IEnumerable<(long Seq, int Place)> Places(IReadOnlyList<System.Text.Json.JsonElement> messages) =>
        messages.Select(message => (message.GetProperty("MsgSeq").GetInt64(), message.PlaceOf()));
}
