using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class MessageChangeTests(LocalEnvironmentFixture fixture)
{
    private static JsonArray Body(string text) =>
        new(new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } });

    [Fact]
    public async Task A_modified_message_has_its_new_content_on_both_sides_and_every_device_hears_it()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var sender = await environment.ConnectAsync(mia);
        await using var receiver = await environment.ConnectAsync(jonas);
        var key = await environment.SendTextAsync(mia, jonas, "at noon");

        var answer = await environment.Api.CallOkAsync(
            "openim", "modify_c2c_msg", new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body("at one") }, mia);
        await environment.Api.CallOkAsync("openim", "modify_c2c_msg", new { From_Account = mia, To_Account = jonas, MsgKey = key, CloudCustomData = "edited" });

        Assert.Equal("succeed", answer.GetProperty("ErrorInfo").GetString());
        foreach (var device in new[] { sender, receiver })
        {
            var heard = await device.WaitForCountAsync(2, entry => Messages.TypeOf(entry) == "C2CModify");
            Assert.All(heard, entry => Assert.Equal(("at one", 1L), (Messages.TextOf(entry), entry.GetProperty("TargetSeq").GetInt64())));
            Assert.Single(heard, entry => entry.TryGetProperty("CloudCustomData", out var data) && data.GetString() == "edited");
        }

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            var message = Assert.Single(await environment.HistoryAsync(owner, peer));
            Assert.Equal(("at one", "edited", key), (Messages.TextOf(message), message.GetProperty("CloudCustomData").GetString(), message.GetProperty("MsgKey").GetString()));
        }
    }

    [Fact]
    public async Task Modifying_what_is_not_there_or_was_recalled_or_is_malformed_is_refused()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "as it was");

        Assert.Equal(20022, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = "1_2_3", MsgBody = Body("x") }));
        Assert.Equal(90002, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key }));
        Assert.Equal(90002, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Array.Empty<int>() }));
        Assert.Equal(90007, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = "x" }));
        Assert.Equal(90010, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, CloudCustomData = 1 }));
        Assert.Equal(90012, await ModifyAsync(environment, new { From_Account = mia, To_Account = "nobody-at-all", MsgKey = key, MsgBody = Body("x") }));
        Assert.Equal(93000, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body(new string('x', 9_000)) }));
        Assert.Equal(60010, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body("x") }, jonas));
        Assert.Equal("as it was", Messages.TextOf(Assert.Single(await environment.HistoryAsync(jonas, mia))));

        await environment.Api.CallOkAsync("openim", "admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key });
        Assert.Equal(20023, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body("x") }));
    }

    [Fact]
    public async Task A_muted_account_cannot_speak_by_modifying_and_parts_do_not_add_up_beyond_the_limit()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "as it was");
        Assert.Equal(0, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body(new string('x', 8_000)) }, mia));
        Assert.Equal(93000, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, CloudCustomData = new string('x', 8_000) }, mia));
        await environment.Api.CallOkAsync("openconfigsvr", "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = 600 });

        Assert.Equal(20012, await ModifyAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body("muted") }, mia));
        Assert.Equal(8_000, Messages.TextOf(Assert.Single(await environment.HistoryAsync(jonas, mia))).Length);
    }

    [Fact]
    public async Task Concurrent_modifications_end_with_the_same_content_on_both_sides()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "first");

        await Task.WhenAll(Enumerable.Range(1, 12).Select(n => environment.Api.CallOkAsync("openim", "modify_c2c_msg", n % 2 == 0
            ? new { From_Account = mia, To_Account = jonas, MsgKey = key, MsgBody = Body($"{n}") }
            : new { From_Account = mia, To_Account = jonas, MsgKey = key, CloudCustomData = $"{n}" })));

        var (sent, received) = (Assert.Single(await environment.HistoryAsync(mia, jonas)), Assert.Single(await environment.HistoryAsync(jonas, mia)));
        Assert.Equal(sent.GetRawText(), received.GetRawText());
        Assert.NotEqual("first", Messages.TextOf(sent));
        Assert.True(sent.TryGetProperty("CloudCustomData", out _));
    }

    [Fact]
    public async Task Deleting_is_for_one_side_only_and_its_devices_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var device = await environment.ConnectAsync(jonas);
        var keys = new List<string>();
        for (uint n = 1; n <= 4; n++)
        {
            var (from, to) = n % 2 == 0 ? (jonas, mia) : (mia, jonas);
            keys.Add(await environment.SendTextAsync(from, to, $"{n}", n));
        }

        await environment.Api.CallOkAsync(
            "openim", "delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { keys[0], keys[1], "1_2_3" } }, jonas);
        await environment.Api.CallOkAsync("openim", "delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { keys[0] } });

        var heard = await device.WaitForAsync(entry => Messages.TypeOf(entry) == "C2CDelete");
        Assert.Equal([(keys[0], 1L), (keys[1], 2L)], heard.GetProperty("Targets").EnumerateArray()
            .Select(target => (target.GetProperty("MsgKey").GetString()!, target.GetProperty("Seq").GetInt64())));
        Assert.Equal(["3", "4"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
        Assert.Equal(["1", "2", "3", "4"], Messages.TextsOf(await environment.HistoryAsync(mia, jonas)));
        Assert.Equal([3L, 4L, 5L], (await environment.LogAsync(jonas, mia)).Select(entry => entry.GetProperty("Seq").GetInt64()));
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
    }

    [Fact]
    public async Task A_bad_list_of_keys_deletes_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "stays");

        foreach (var keys in new object[] { Array.Empty<string>(), new[] { key, "x" }, new object[] { 1 }, Enumerable.Range(0, 31).Select(n => $"{n}_1_1"), key })
        {
            Assert.Equal(90054, await environment.CodeAsync("delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = keys }));
        }

        Assert.Equal(60010, await environment.CodeAsync("delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { key } }, mia));
        Assert.Single(await environment.HistoryAsync(jonas, mia));
    }

    [Fact]
    public async Task A_read_receipt_reaches_the_sender_and_shows_in_the_history_of_both()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var sender = await environment.ConnectAsync(mia);
        var key = (await environment.SendAsync(Messages.Text(mia, jonas, "important", more: ("IsNeedReadReceipt", 1)))).GetProperty("MsgKey").GetString();
        await environment.SendTextAsync(mia, jonas, "less so", random: 8);
        var receipt = new { Operator_Account = jonas, Peer_Account = mia, C2CMsgInfo = new[] { new { From_Account = mia, To_Account = jonas, MsgKey = key } } };

        await environment.Api.CallOkAsync("openim", "c2c_msg_read_receipt", receipt, jonas);
        await environment.Api.CallOkAsync("openim", "c2c_msg_read_receipt", receipt);

        var heard = await sender.WaitForAsync(entry => Messages.TypeOf(entry) == "C2CReceipt");
        Assert.Equal(key, heard.GetProperty("Targets")[0].GetProperty("MsgKey").GetString());
        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            Assert.Equal([1, 0], (await environment.HistoryAsync(owner, peer)).Select(message => message.GetProperty("IsPeerRead").GetInt32()));
            Assert.Single(await environment.LogAsync(owner, peer), entry => Messages.TypeOf(entry) == "C2CReceipt");
        }
    }

    [Fact]
    public async Task Receipts_for_others_messages_or_for_none_are_refused()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "not his");
        object Receipt(string from, string to, object messageKey) =>
            new { Operator_Account = jonas, Peer_Account = mia, C2CMsgInfo = new[] { new { From_Account = from, To_Account = to, MsgKey = messageKey } } };

        Assert.Equal(20022, await environment.CodeAsync("c2c_msg_read_receipt", Receipt(mia, jonas, "1_2_3")));
        Assert.Equal(90008, await environment.CodeAsync("c2c_msg_read_receipt", Receipt(jonas, jonas, key)));
        Assert.Equal(90003, await environment.CodeAsync("c2c_msg_read_receipt", Receipt(mia, mia, key)));
        Assert.Equal(90054, await environment.CodeAsync("c2c_msg_read_receipt", Receipt(mia, jonas, "x")));
        Assert.Equal(60010, await environment.CodeAsync("c2c_msg_read_receipt", Receipt(mia, jonas, key), mia));
        Assert.Equal(90001, await environment.CodeAsync("c2c_msg_read_receipt", new { Operator_Account = jonas, Peer_Account = mia }));
        Assert.Equal(90001, await environment.CodeAsync("c2c_msg_read_receipt", new { Operator_Account = jonas, Peer_Account = mia, C2CMsgInfo = new[] { 1 } }));
        Assert.Equal(0, Assert.Single(await environment.HistoryAsync(mia, jonas)).GetProperty("IsPeerRead").GetInt32());
    }

    [Fact]
    public async Task The_log_reads_forwards_and_backwards_in_pages_of_any_size()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        for (uint n = 1; n <= 9; n++)
        {
            await environment.SendTextAsync(mia, jonas, $"{n}", n);
        }

        foreach (var size in new[] { 1, 2, 4, 9, 100 })
        {
            Assert.Equal(Enumerable.Range(1, 9).Select(n => $"{n}"), Messages.TextsOf(await environment.LogAsync(jonas, mia, size)));
        }

        var page = await environment.Api.CallOkAsync("openim", "get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, BeforeSeq = 8, MaxCnt = 3 }, jonas);
        Assert.Equal(["5", "6", "7"], Messages.TextsOf(page.GetProperty("Entries").EnumerateArray()));
        foreach (var after in new[] { 9, long.MaxValue - 1, long.MaxValue })
        {
            var end = await environment.Api.CallOkAsync("openim", "get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, AfterSeq = after }, jonas);
            Assert.Equal((0, 9L), (end.GetProperty("Entries").GetArrayLength(), end.GetProperty("UpToSeq").GetInt64()));
        }

        Assert.Equal((5L, 7L, 9L), (page.GetProperty("FromSeq").GetInt64(), page.GetProperty("UpToSeq").GetInt64(), page.GetProperty("LastSeq").GetInt64()));
    }

    [Fact]
    public async Task Bad_questions_for_the_log_are_refused_and_an_unknown_conversation_is_empty()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));

        Assert.Equal(90001, await environment.CodeAsync("get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia }));
        Assert.Equal(90001, await environment.CodeAsync("get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, AfterSeq = 1, BeforeSeq = 1 }));
        Assert.Equal(90001, await environment.CodeAsync("get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, AfterSeq = 0, MaxCnt = 201 }));
        Assert.Equal(90001, await environment.CodeAsync("get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, AfterSeq = -1 }));
        Assert.Equal(60010, await environment.CodeAsync("get_c2c_log", new { Owner_Account = jonas, Peer_Account = mia, AfterSeq = 0 }, mia));
        Assert.Equal(60010, await environment.CodeAsync("sync", new { Owner_Account = jonas }, mia));
        Assert.Empty(await environment.LogAsync(jonas, mia));
    }

    private static Task<int> ModifyAsync(LocalEnvironment environment, object body, string? identifier = null) =>
        environment.CodeAsync("modify_c2c_msg", JsonSerializer.Serialize(body), identifier);
}
