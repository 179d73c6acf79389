using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupRecallTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_recalled_message_is_gone_for_all_counts_no_more_and_everybody_hears_it()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(ben);
        foreach (var (from, text) in new[] { (anna, "one"), (anna, "two"), (ben, "three") })
        {
            await environment.SayAsync(group, from, text);
        }

        var answer = await environment.GroupAsync("group_msg_recall", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(1, 999), Reason = "typo" });
        var heard = await client.WaitForAsync(told => told.IsOf("GroupRecall", group));

        Assert.Equal([(1L, 0), (999, 10030)], answer.GetProperty("RecallRetList").EnumerateArray().Select(item => (item.GetProperty("MsgSeq").GetInt64(), item.GetProperty("RetCode").GetInt32())));
        Assert.Equal([1L], heard.NumbersOf());
        Assert.Equal(("typo", "", 1L), (heard.GetProperty("Reason").GetString(), heard.GetProperty("Operator_Account").GetString(), heard.GetProperty("Seq").GetInt64()));
        var log = await environment.LogOfAsync(group, cleo);
        Assert.Equal((2, "typo", false), (log[0].PlaceOf(), log[0].GetProperty("Reason").GetString(), log[0].TryGetProperty("MsgBody", out _)));
        Assert.Equal((0L, 1L, 2L), (await UnreadAsync(anna) - 1, await UnreadAsync(ben), await UnreadAsync(cleo)));
        Assert.Equal([0], await environment.RecallAsync(group, null, 1));
        Assert.Single(await environment.LogOfAsync(group, ben, isOfChanges: true));
        Assert.Equal((1L, 1L, 2L), (await UnreadAsync(anna), await UnreadAsync(ben), await UnreadAsync(cleo)));

        Task<long> UnreadAsync(string account) => environment.UnreadOfAsync(group, account);
    }

    [Fact]
    public async Task Members_recall_their_own_and_owner_and_admins_that_of_others()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var (first, second) = (await environment.SayAsync(group, ben, "Ben's"), await environment.SayAsync(group, cleo, "Cleo's"));
        var hidden = await environment.SayAsync(group, anna, "for Ben", ("To_Account", new JsonArray(ben)));

        Assert.Equal([0, 10007, 10030], await environment.RecallAsync(group, ben, first, second, 77));
        Assert.Equal([10030], await environment.RecallAsync(group, cleo, hidden));
        Assert.Equal([0], await environment.RecallAsync(group, anna, second));
    }

    [Fact]
    public async Task In_a_private_group_nobody_but_administrators_recalls_that_of_others()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync("Private");
        var number = await environment.SayAsync(group, ben, "Ben's");

        Assert.Equal([10007], await environment.RecallAsync(group, anna, number));
        Assert.Equal([0], await environment.RecallAsync(group, null, number));
    }

    [Fact]
    public async Task Members_have_the_apps_recall_time_and_tips_stay()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { RecallSeconds = 0 });
        var (anna, ben) = (environment.NewAccount("anna"), environment.NewAccount("ben"));
        await api.ImportAsync(anna, ben);
        var created = await api.CallOkAsync(GroupCalls.Service, "create_group", new { Type = "Public", Name = "x", Owner_Account = anna });
        var group = created.GetProperty("GroupId").GetString()!;
        await api.CallOkAsync(GroupCalls.Service, "add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben } } });
        var number = (await api.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, null, "late"), ben)).GetProperty("MsgSeq").GetInt64();

        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > second);
        Assert.Equal(10031, await RecallAsync(ben, number));
        Assert.Equal(10032, await RecallAsync(anna, 1));
        Assert.Equal(0, await RecallAsync(anna, number));

        async Task<int> RecallAsync(string identifier, long seq) =>
            (await api.CallOkAsync(GroupCalls.Service, "group_msg_recall", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(seq) }, identifier))
                .GetProperty("RecallRetList")[0].GetProperty("RetCode").GetInt32();
    }

    [Fact]
    public async Task Recalls_that_are_wrong_have_their_codes_and_change_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");
        await environment.SayAsync(group, anna, "stays");
        var good = new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(1) };

        Assert.Equal(10007, await environment.GroupCodeAsync("group_msg_recall", good, dan));
        Assert.Equal(10010, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = "no-such", good.MsgSeqList }));
        Assert.Equal(10015, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = "ü", good.MsgSeqList }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = group }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = group, MsgSeqList = Array.Empty<object>() }));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_recall", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers([.. Enumerable.Range(1, 11).Select(n => (long)n)]) }));
        foreach (var type in new[] { "AVChatRoom", "BChatRoom" })
        {
            using var api = await environment.AddAppAsync();
            var live = await api.CallOkAsync(GroupCalls.Service, "create_group", new { Type = type, Name = "x" });
            var body = new { GroupId = live.GetProperty("GroupId").GetString(), good.MsgSeqList };
            Assert.Equal(10033, (await api.CallAsync(GroupCalls.Service, "group_msg_recall", body)).GetProperty("ErrorCode").GetInt32());
        }

        Assert.Equal("stays", Messages.TextOf(Assert.Single(await environment.LogOfAsync(group, anna))));
    }
}
