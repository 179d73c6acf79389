using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Apps;
using Parley.Tests.Support;
using Texts = Parley.Tests.EndToEnd.Messages;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks of one-to-one messages: every field of their requests, and what answers do.</summary>
public sealed class MessageCallbackTests(AzuriteFixture azurite)
{
    private const string Before = "C2C.CallbackBeforeSendMsg";
    private const string After = "C2C.CallbackAfterSendMsg";

    [Fact]
    public async Task Before_and_after_a_message_the_app_gets_the_documented_fields()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var message = Texts.Text(mia, jonas, "hello 你好", 71, 90211, ("CloudCustomData", "{\"thread\":9}"));

        var answer = await lab.CallAsync("sendmsg", message.ToJsonString());
        await lab.DrainAsync(jonas);

        var time = answer.GetProperty("MsgTime").GetInt64();
        var common = new JsonObject
        {
            ["From_Account"] = mia,
            ["To_Account"] = jonas,
            ["MsgSeq"] = 71,
            ["MsgRandom"] = 90211,
            ["MsgTime"] = time,
            ["MsgKey"] = $"71_90211_{time}",
            ["OnlineOnlyFlag"] = 0,
            ["MsgBody"] = message["MsgBody"]!.DeepClone(),
            ["CloudCustomData"] = "{\"thread\":9}",
        };
        Assert.Equal($"71_90211_{time}", answer.GetProperty("MsgKey").GetString());
        AssertIs(lab, Assert.Single(lab.Receiver.Of(Before)), With(common, ("CallbackCommand", Before)), "RESTAPI");
        AssertIs(
            lab, Assert.Single(lab.Receiver.Of(After)),
            With(common, ("CallbackCommand", After), ("SendMsgResult", 0), ("ErrorInfo", "send msg succeed"), ("UnreadMsgNum", 1)), "RESTAPI");
        Assert.Equal([Before, After], lab.Receiver.Received.Select(callback => callback.Command));
    }

    [Fact]
    public async Task Without_more_the_fields_are_empty_and_an_accounts_own_message_names_no_REST_API()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var message = Texts.Text(mia, jonas, "psst", more: ("OnlineOnlyFlag", 1));

        var answer = await lab.CallAsync("sendmsg", message.ToJsonString(), identifier: mia);
        await lab.DrainAsync(jonas);

        Assert.Equal(0, Code(answer));
        var (before, after) = (Assert.Single(lab.Receiver.Of(Before)), Assert.Single(lab.Receiver.Of(After)));
        Assert.Equal(("Unknown", "203.0.113.7"), (before.Query["OptPlatform"], before.Query["ClientIP"]));
        Assert.Equal("Unknown", after.Query["OptPlatform"]);
        Assert.Equal(("1", "\"\""), (before.Fields["OnlineOnlyFlag"], before.Fields["CloudCustomData"]));
        Assert.Equal(("1", "0"), (after.Fields["OnlineOnlyFlag"], after.Fields["UnreadMsgNum"]));
        Assert.Equal(before.Fields["MsgKey"], after.Fields["MsgKey"]);
        Assert.Equal($"\"{answer.GetProperty("MsgKey").GetString()}\"", after.Fields["MsgKey"]);
    }

    [Fact]
    public async Task A_report_of_reading_is_told_once_with_what_is_unread_in_all()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, Only("C2C.CallbackAfterMsgReport"));
        var (mia, jonas, eve) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"), await lab.ImportAsync("eve"));
        await lab.SendAsync(mia, jonas, "one");
        await lab.SendAsync(eve, jonas, "two");
        var readTime = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            await lab.CallAsync("admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia, MsgReadTime = readTime });
        }

        await lab.DrainAsync(jonas);

        AssertIs(lab, Assert.Single(lab.Receiver.Received), new JsonObject
        {
            ["CallbackCommand"] = "C2C.CallbackAfterMsgReport",
            ["Report_Account"] = jonas,
            ["Peer_Account"] = mia,
            ["LastReadTime"] = readTime,
            ["UnreadMsgNum"] = 1,
        }, "RESTAPI");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recall_is_told_once_also_where_the_receiver_has_deleted_the_message(bool isDeleted)
    {
        await using var lab = await CallbackLab.StartAsync(azurite, Only("C2C.CallbackAfterMsgWithDraw"));
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var key = await lab.SendAsync(mia, jonas, "oops");
        await lab.SendAsync(mia, jonas, "stays", 2);
        if (isDeleted)
        {
            await lab.CallAsync("delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { key } });
        }

        var codes = new List<int>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            codes.Add(Code(await lab.CallAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key })));
        }

        await lab.DrainAsync(mia, jonas);

        Assert.Equal([0, 20023], codes);
        AssertIs(lab, Assert.Single(lab.Receiver.Received), new JsonObject
        {
            ["CallbackCommand"] = "C2C.CallbackAfterMsgWithDraw",
            ["From_Account"] = mia,
            ["To_Account"] = jonas,
            ["MsgKey"] = key,
            ["UnreadMsgNum"] = 1,
        }, "RESTAPI");
    }

    [Theory]
    [InlineData(1, "no", 20006, null)]
    [InlineData(120001, "not in this app", 120001, "not in this app")]
    [InlineData(130000, "", 130000, "")]
    [InlineData(120000, "", 20006, null)]
    [InlineData(130001, "", 20006, null)]
    [InlineData(10100, "", 20006, null)]
    public async Task A_refusal_reaches_the_sender_and_nothing_is_sent(int answered, string info, int code, string? text)
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = _ => CallbackReply.Code(answered, info);

        var answer = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "hello", 5).ToJsonString());
        await lab.DrainAsync(jonas);

        Assert.Equal(code, Code(answer));
        Assert.Equal(text ?? answer.GetProperty("ErrorInfo").GetString(), answer.GetProperty("ErrorInfo").GetString());
        Assert.Empty(await HistoryAsync(lab, jonas, mia));
        Assert.Empty(await HistoryAsync(lab, mia, jonas));
        Assert.Equal([Before], lab.Receiver.Received.Select(callback => callback.Command));
    }

    [Fact]
    public async Task A_dropped_message_succeeds_for_the_sender_and_for_nobody_else()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = _ => CallbackReply.Code(2);

        var answer = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "hello", 5).ToJsonString());
        await lab.DrainAsync(jonas);

        Assert.Equal(0, Code(answer));
        Assert.Equal($"5_7_{answer.GetProperty("MsgTime")}", answer.GetProperty("MsgKey").GetString());
        Assert.Empty(await HistoryAsync(lab, jonas, mia));
        Assert.Empty(await HistoryAsync(lab, mia, jonas));
        Assert.Equal([Before], lab.Receiver.Received.Select(callback => callback.Command));
    }

    [Fact]
    public async Task The_app_rewrites_what_both_sides_and_the_callback_after_see()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = callback => callback.Command != Before ? CallbackReply.Ok : CallbackReply.Json(
            """{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"h****"}}],"CloudCustomData":"seen","OfflinePushInfo":{"Desc":"new"}}""");

        var answer = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "hello").ToJsonString());
        await lab.DrainAsync(jonas);

        Assert.Equal(0, Code(answer));
        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            var stored = Assert.Single(await HistoryAsync(lab, owner, peer));
            Assert.Equal(("h****", "seen"), (Texts.TextOf(stored), stored.GetProperty("CloudCustomData").GetString()));
        }

        var row = (await StoredRows.ReadAsync(await azurite.ConnectionStringAsync(), lab.Key(jonas), $"m|{mia}|000000000001"))!;
        Assert.Equal("""{"Desc":"new"}""", row.GetString("OfflinePushInfo"));
        var after = Assert.Single(lab.Receiver.Of(After));
        Assert.Equal(("h****", "seen"), (Texts.TextOf(after.Body), after.Text("CloudCustomData")));
    }

    [Theory]
    [InlineData("""{"ErrorCode":0,"MsgBody":"text"}""")]
    [InlineData("""{"ErrorCode":0,"MsgBody":[]}""")]
    [InlineData("""{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":5}}]}""")]
    [InlineData("""{"ErrorCode":0,"CloudCustomData":7}""")]
    [InlineData("""{"ErrorCode":0,"OfflinePushInfo":[]}""")]
    [InlineData("long")]
    [InlineData("garbage")]
    [InlineData("500")]
    public async Task What_is_no_proper_answer_is_what_the_app_wants_of_a_failure(string answer)
    {
        await using var lab = await CallbackLab.StartAsync(azurite, settings: ("Callbacks:CircuitFailures", "1000"));
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = callback => callback.Command != Before ? CallbackReply.Ok : answer switch
        {
            "garbage" => CallbackReply.Garbage,
            "500" => CallbackReply.Error,
            "long" => CallbackReply.Json($$"""{"ErrorCode":0,"CloudCustomData":"{{new string('x', 9_000)}}"}"""),
            _ => CallbackReply.Json(answer),
        };

        var allowed = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "as it was").ToJsonString());
        await lab.CallAsync("set_app_settings", """{"CallbackFailurePolicy":"Refuse"}""", service: "openconfigsvr");
        var refused = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "not sent").ToJsonString());

        Assert.Equal((0, 80003), (Code(allowed), Code(refused)));
        Assert.Equal(["as it was"], Texts.TextsOf(await HistoryAsync(lab, jonas, mia)));
    }

    [Fact]
    public async Task A_receiver_that_is_too_slow_delays_some_messages_and_then_none()
    {
        await using var lab = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = [Before] }, ("Callbacks:CircuitMilliseconds", "300000"));
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        lab.Receiver.Script = _ => CallbackReply.Ok.After(60_000);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(n => lab.SendAsync(mia, jonas, $"slow {n}", (uint)n)));
        var asked = lab.Receiver.Received.Count;
        foreach (var n in Enumerable.Range(5, 20))
        {
            await lab.SendAsync(mia, jonas, $"quick {n}", (uint)n);
        }

        Assert.Equal((5, 5), (asked, lab.Receiver.Received.Count));
        Assert.Equal(25, (await HistoryAsync(lab, jonas, mia)).Count);
    }

    [Fact]
    public async Task An_administrator_may_do_without_callbacks_for_a_message_and_an_account_may_not()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        JsonObject Without(params string[] forbidden) => Texts.Text(mia, jonas, "hello", more: ("ForbidCallbackControl", JsonSerializer.SerializeToNode(forbidden)));

        async Task<IEnumerable<string>> SendAsync(JsonObject message, string identifier)
        {
            var before = lab.Receiver.Received.Count;
            Assert.Equal(0, Code(await lab.CallAsync("sendmsg", message.ToJsonString(), identifier)));
            await lab.DrainAsync(jonas);
            return lab.Receiver.Received.Skip(before).Select(callback => callback.Command);
        }

        var (noBefore, noAfter) = ("ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback");
        Assert.Equal([After], await SendAsync(Without(noBefore), "administrator"));
        Assert.Equal([Before], await SendAsync(Without(noAfter, "SomethingElse"), "administrator"));
        Assert.Empty(await SendAsync(Without(noBefore, noAfter), "administrator"));
        Assert.Equal([Before, After], await SendAsync(Without(noBefore, noAfter), mia));
    }

    [Fact]
    public async Task What_could_not_be_sent_is_told_with_the_error_unless_the_app_has_refused_it()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        await lab.CallAsync("add", new { DirtyWordsList = new[] { "rude-word" } }, service: "openim_dirty_words");

        var dirty = await lab.CallAsync("sendmsg", Texts.Text(mia, jonas, "a rude-word").ToJsonString());
        var nobody = await lab.CallAsync("sendmsg", Texts.Text(mia, "nobody-at-all", "hello").ToJsonString());
        var unknown = await lab.CallAsync("sendmsg", Texts.Text("nobody-at-all", jonas, "hello").ToJsonString());
        await lab.DrainAsync(mia, jonas);

        Assert.Equal((80001, 90012, 20003), (Code(dirty), Code(nobody), Code(unknown)));
        var told = lab.Receiver.Of(After).OrderBy(callback => callback.Fields["SendMsgResult"]).ToList();
        Assert.Equal(["80001", "90012"], told.Select(callback => callback.Fields["SendMsgResult"]));
        Assert.All(told, callback => Assert.Equal("-1", callback.Fields["UnreadMsgNum"]));
        Assert.Equal(dirty.GetProperty("ErrorInfo").GetString(), told[0].Text("ErrorInfo"));
        Assert.Equal("nobody-at-all", told[1].Text("To_Account"));
        Assert.Equal(["nobody-at-all"], lab.Receiver.Of(Before).Select(callback => callback.Text("To_Account")));
    }

    [Fact]
    public async Task Imports_and_batches_and_repeated_calls_tell_nothing_more()
    {
        await using var lab = await CallbackLab.StartAsync(azurite);
        var (mia, jonas) = (await lab.ImportAsync("mia"), await lab.ImportAsync("jonas"));
        var import = Texts.Text(mia, jonas, "old", 1, 1, ("SyncFromOldSystem", 5), ("MsgTimeStamp", 1_690_000_000));
        var batch = Texts.Text(mia, jonas, "all", 2, 2, ("To_Account", new JsonArray(jonas)));

        Assert.Equal(0, Code(await lab.CallAsync("importmsg", import.ToJsonString())));
        Assert.Equal(0, Code(await lab.CallAsync("batchsendmsg", batch.ToJsonString())));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => lab.SendAsync(mia, jonas, "once", 3)));
        await lab.DrainAsync(jonas);

        Assert.Equal("once", Texts.TextOf(Assert.Single(lab.Receiver.Of(After)).Body));
        Assert.All(lab.Receiver.Of(Before), callback => Assert.Equal("once", Texts.TextOf(callback.Body)));
    }

    private static Func<App, App> Only(string command) => app => app with { CallbackCommands = [command] };

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();

    private static JsonObject With(JsonObject fields, params (string Name, JsonNode Value)[] more)
    {
        var all = (JsonObject)fields.DeepClone();
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }

        return all;
    }

    // The body has these fields and no others, and comes with the query that belongs to it.
    private static void AssertIs(CallbackLab lab, ReceivedCallback callback, JsonObject expected, string platform)
    {
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(callback.RawBody)), $"Expected {expected.ToJsonString()}\nGot      {callback.Body.GetRawText()}");
        Assert.Equal($"{lab.App.SdkAppId}", callback.Query["SdkAppid"]);
        Assert.Equal(callback.Command, callback.Query["CallbackCommand"]);
        Assert.Equal(("json", "203.0.113.7", platform), (callback.Query["contenttype"], callback.Query["ClientIP"], callback.Query["OptPlatform"]));
        Assert.NotEmpty(callback.Query["Sign"]);
    }

    private static async Task<IReadOnlyList<JsonElement>> HistoryAsync(CallbackLab lab, string owner, string peer)
    {
        var body = new { Operator_Account = owner, Peer_Account = peer, MaxCnt = 100, MinTime = 0, MaxTime = 9_999_999_999 };
        return [.. (await lab.CallAsync("admin_getroammsg", body)).GetProperty("MsgList").EnumerateArray()];
    }
}
