using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;
using Texts = Parley.Tests.EndToEnd.Messages;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks about messages to groups and live rooms: every field of their requests, and what answers do.</summary>
public sealed class GroupMessageCallbackTests(AzuriteFixture azurite)
{
    private const string Before = "Group.CallbackBeforeSendMsg";
    private const string After = "Group.CallbackAfterSendMsg";
    private const string Failed = "Group.CallbackSendMsgException";

    [Fact]
    public async Task Before_and_after_a_message_the_app_gets_the_documented_fields()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben");
        var group = await lab.CreateAsync("Public", people[0], people[1]);
        var at = new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = people[0] });
        var message = GroupCalls.GroupText(group, people[1], "start at 8", 3120457, ("CloudCustomData", "{\"n\":1}"), ("GroupAtInfo", at.DeepClone()));

        var answer = await lab.DoAsync("send_group_msg", message);
        await lab.DoAsync("send_group_msg", message);

        var common = new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["From_Account"] = people[1],
            ["Operator_Account"] = "administrator",
            ["Random"] = 3120457,
            ["OnlineOnlyFlag"] = 0,
            ["MsgBody"] = JsonNode.Parse(message)!["MsgBody"]!.DeepClone(),
            ["CloudCustomData"] = "{\"n\":1}",
        };
        GroupCallbackLab.AssertIs(lab.Receiver.Of(Before)[0], common);
        var after = (JsonObject)common.DeepClone();
        (after["MsgSeq"], after["MsgTime"], after["GroupAtInfo"]) = (answer.GetProperty("MsgSeq").GetInt64(), answer.GetProperty("MsgTime").GetInt64(), at);
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, After), after);
        Assert.Empty(lab.Receiver.Of(Failed));
    }

    [Fact]
    public async Task Callbacks_of_a_group_come_in_the_order_of_its_messages_whoever_sent_them()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite, app => app with { CallbackCommands = [After], GroupMessagesPerSecond = 1000 });
        var people = await lab.ImportAsync([.. Enumerable.Range(0, 8).Select(n => $"p{n}")]);
        var group = await lab.CreateAsync("ChatRoom", people[0], people[1..]);
        var sent = await Task.WhenAll(people.SelectMany((from, i) => Enumerable.Range(0, 10).Select(n =>
            lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, $"{i}-{n}", (uint)((i * 100) + n)), from))));

        var told = await lab.SentAsync(group, After);

        Assert.Equal(Enumerable.Range(1, 80).Select(n => (long)n), told.Select(callback => callback.Body.GetProperty("MsgSeq").GetInt64()));
        Assert.Equal(80, sent.Select(answer => answer.GetProperty("MsgSeq").GetInt64()).Distinct().Count());
    }

    [Theory]
    [InlineData(1, 10016)]
    [InlineData(10100, 10100)]
    [InlineData(10200, 10200)]
    [InlineData(10201, 10016)]
    public async Task What_the_app_refuses_is_not_sent_nor_told(int answer, int code)
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);
        lab.Receiver.Script = Answering($$"""{"ActionStatus":"OK","ErrorCode":{{answer}},"ErrorInfo":"blocked word"}""");

        Assert.Equal(code, await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "x"), anna));

        Assert.Empty(await lab.SentAsync(group, After));
        Assert.Empty(lab.Receiver.Of(Failed));
        Assert.Empty(await HistoryAsync(lab, group));
    }

    [Fact]
    public async Task What_the_app_drops_looks_sent_to_its_sender_and_is_not()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);
        lab.Receiver.Script = Answering("""{"ActionStatus":"OK","ErrorCode":2,"ErrorInfo":""}""");

        var answer = await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, "x"), anna);

        Assert.False(answer.TryGetProperty("MsgDropReason", out _));
        Assert.Empty(await HistoryAsync(lab, group));
        Assert.Empty(await lab.SentAsync(group, After));
    }

    [Fact]
    public async Task What_the_app_rewrites_is_sent_as_it_wants_it()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);
        lab.Receiver.Script = Answering("""{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"s***"}}],"CloudCustomData":"seen"}""");

        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, "shit"), anna);

        var stored = Assert.Single(await HistoryAsync(lab, group));
        Assert.Equal(("s***", "seen"), (Texts.TextOf(stored), stored.GetProperty("CloudCustomData").GetString()));
        Assert.Equal("s***", Texts.TextOf((await lab.OnlyAsync(group, After)).Body));
    }

    [Fact]
    public async Task A_callback_that_fails_lets_messages_through_or_not_as_the_app_wants()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);
        lab.Receiver.Script = callback => callback.Command == Before ? CallbackReply.Error : CallbackReply.Ok;

        var allowed = await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "one", 1), anna);
        await lab.DoAsync("set_app_settings", new { CallbackFailurePolicy = "Refuse" }, service: "openconfigsvr");
        var refused = await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "two", 2), anna);

        Assert.Equal((0, 80003), (allowed, refused));
        Assert.Single(await HistoryAsync(lab, group));
    }

    [Fact]
    public async Task A_message_over_the_rate_is_asked_for_and_told_as_failed_only()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite, app => app with { GroupMessagesPerSecond = 1 });
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);

        var answers = await Task.WhenAll(Enumerable.Range(1, 12).Select(n => lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, $"{n}", (uint)n), anna)));
        var dropped = answers.Count(answer => answer.TryGetProperty("MsgDropReason", out _));

        Assert.True(dropped > 0);
        Assert.Equal((12, 12 - dropped), (lab.Receiver.Of(Before).Count, (await lab.SentAsync(group, After)).Count));
        var failed = await lab.SentAsync(group, Failed);
        Assert.Equal(dropped, failed.Count);
        var body = JsonNode.Parse(failed[0].RawBody)!.AsObject();
        GroupCallbackLab.AssertIs(failed[0], new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["From_Account"] = anna,
            ["Operator_Account"] = anna,
            ["Random"] = body["Random"]!.DeepClone(),
            ["OnlineOnlyFlag"] = 0,
            ["MsgBody"] = body["MsgBody"]!.DeepClone(),
            ["CloudCustomData"] = "",
            ["ErrorCode"] = 10023,
            ["ErrorInfo"] = body["ErrorInfo"]!.DeepClone(),
        });
    }

    [Fact]
    public async Task Who_may_not_send_is_told_as_failed_with_the_error()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "zoe");
        var group = await lab.CreateAsync("Public", people[0], people[1]);
        await lab.DoAsync("forbid_send_msg", new { GroupId = group, Members_Account = new[] { people[1] }, ShutUpTime = 600 });
        await lab.CallAsync("add", new { DirtyWordsList = new[] { "rude-word" } }, service: "openim_dirty_words");

        Assert.Equal(10017, await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "x", 1), people[1]));
        Assert.Equal(10007, await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "x", 2), people[2]));
        Assert.Equal(80001, await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "a rude-word", 3), people[0]));

        var failed = await lab.SentAsync(group, Failed);
        Assert.Equal(["10017", "10007", "80001"], failed.Select(callback => callback.Fields["ErrorCode"]));
        Assert.Equal(2, lab.Receiver.Of(Before).Count);
        Assert.Empty(lab.Receiver.Of(After));
    }

    [Fact]
    public async Task An_administrator_may_do_without_callbacks_and_an_online_only_message_says_so()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);
        var forbidden = new JsonArray("ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback");

        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, anna, "quiet", 1, ("ForbidCallbackControl", forbidden.DeepClone())));
        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, "own", 2, ("ForbidCallbackControl", forbidden.DeepClone())), anna);
        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, anna, "now", 3, ("OnlineOnlyFlag", 1)));

        var told = await lab.SentAsync(group, After);
        Assert.Equal(["own", "now"], told.Select(callback => Texts.TextOf(callback.Body)));
        Assert.Equal(("0", "1", "0"), (told[0].Fields["OnlineOnlyFlag"], told[1].Fields["OnlineOnlyFlag"], told[1].Fields["MsgSeq"]));
        Assert.Equal(2, lab.Receiver.Of(Before).Count);
    }

    [Fact]
    public async Task Recalls_and_receipts_are_told()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo");
        var group = await lab.CreateAsync("Public", people[0], people[1], people[2]);
        var first = (await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, "one", 1, ("NeedReadReceipt", 1)), people[0])).GetProperty("MsgSeq").GetInt64();
        var second = (await lab.DoAsync("send_group_msg", GroupCalls.GroupText(group, null, "two", 2), people[0])).GetProperty("MsgSeq").GetInt64();

        await lab.DoAsync("group_msg_receipt", new { GroupId = group, MsgSeqList = new[] { new { MsgSeq = first } } }, people[1]);
        await lab.DoAsync("group_msg_receipt", new { GroupId = group, MsgSeqList = new[] { new { MsgSeq = first } } }, people[1]);
        await lab.DoAsync("group_msg_recall", new { GroupId = group, MsgSeqList = new[] { new { MsgSeq = second }, new { MsgSeq = 999L } } });
        await lab.DoAsync("group_msg_recall", new { GroupId = group, MsgSeqList = new[] { new { MsgSeq = second } } });

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, "Group.CallbackAfterReadReceipt"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["GroupMsgReceiptList"] = new JsonArray(new JsonObject
            {
                ["MsgSeq"] = first,
                ["ReadNum"] = 1,
                ["UnreadNum"] = 1,
                ["ReadReceiptMembers"] = GroupCallbackLab.Members(people[1]),
            }),
        });
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, "Group.CallbackAfterRecallMsg"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["Operator_Account"] = "administrator",
            ["MsgSeqList"] = new JsonArray(new JsonObject { ["MsgSeq"] = second }),
        });
    }

    private static Func<ReceivedCallback, CallbackReply> Answering(string answer) => callback => callback.Command == Before ? CallbackReply.Json(answer) : CallbackReply.Ok;

    private static async Task<IReadOnlyList<JsonElement>> HistoryAsync(GroupCallbackLab lab, string group) =>
        [.. (await lab.DoAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 20 })).GetProperty("RspMsgList").EnumerateArray()
            .Where(message => message.GetProperty("From_Account").GetString() is { Length: > 0 } from && !from.StartsWith('@'))];
}
