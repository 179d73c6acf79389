using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class SendGroupMessageTests(LocalEnvironmentFixture fixture)
{
    /// <summary>A field that is put in place of the good one, null to leave it out, and the code.</summary>
    public static TheoryData<string, string?, int> Fields => new()
    {
        { "GroupId", null, 10004 }, { "GroupId", "7", 10004 }, { "GroupId", "\"\"", 10015 }, { "GroupId", "\"no-such-group\"", 10010 }, { "Random", null, 10004 }, { "Random", "-1", 10004 },
        { "Random", "4294967296", 10004 }, { "MsgBody", null, 10004 }, { "MsgBody", "[]", 10004 }, { "MsgBody", "{}", 10004 }, { "MsgBody", "[{\"MsgType\":\"TIMTextElem\"}]", 10004 },
        { "MsgPriority", "\"high\"", 10004 }, { "MsgPriority", "1", 10004 }, { "From_Account", "\"nobody at all\"", 10019 }, { "From_Account", "7", 10004 },
        { "SendMsgControl", "\"NoUnread\"", 10004 }, { "ForbidCallbackControl", "{}", 10004 }, { "GroupAtInfo", "{}", 10004 }, { "GroupAtInfo", "[{\"GroupAtAllFlag\":0}]", 10004 },
        { "GroupAtInfo", "[{\"GroupAtAllFlag\":2}]", 10004 }, { "To_Account", "\"x\"", 10004 }, { "To_Account", "[]", 10004 }, { "To_Account", "[7]", 10004 }, { "CloudCustomData", "7", 10004 },
        { "SupportMessageExtension", "2", 10004 }, { "NeedReadReceipt", "2", 10004 }, { "OnlineOnlyFlag", "\"1\"", 10004 }, { "TopicId", "\"@TGS#_x@TOPIC#_y\"", 10015 },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_bad_field_has_its_code_and_nothing_is_sent(string field, string? value, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var body = JsonNode.Parse(GroupCalls.GroupText(group, anna, "hello"))!.AsObject();
        body.Remove(field);
        if (value is not null)
        {
            body[field] = JsonNode.Parse(value);
        }

        Assert.Equal(code, await environment.GroupCodeAsync("send_group_msg", body.ToJsonString()));
        Assert.Empty(await environment.LogOfAsync(group, anna));
    }

    [Fact]
    public async Task What_is_too_much_has_its_code()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        var mentions = Enumerable.Range(0, 31).Select(i => new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = $"n{i}" }).ToArray<JsonNode>();
        var receivers = Enumerable.Range(0, 51).Select(i => JsonValue.Create($"n{i}")).ToArray<JsonNode>();

        Assert.Equal(10053, await CodeAsync(("GroupAtInfo", new JsonArray(mentions))));
        Assert.Equal(10005, await CodeAsync(("To_Account", new JsonArray(receivers))));
        Assert.Equal(80002, await CodeAsync(("CloudCustomData", new string('x', 9_001))));
        Assert.Equal(10004, await CodeAsync(("OnlineOnlyFlag", 1), ("SendMsgControl", new JsonArray("NoUnread"))));
        Assert.Equal(60010, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, anna, "as Anna"), ben));
        Assert.Empty(await environment.LogOfAsync(group, anna));

        Task<int> CodeAsync(params (string, JsonNode?)[] more) => environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, anna, "hello", 7, more));
    }

    [Fact]
    public async Task Everything_that_a_message_carries_is_heard_and_read_back()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(cleo);
        var mention = new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = cleo }, new JsonObject { ["GroupAtAllFlag"] = 1 });

        var sent = await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(
            group, ben, "all of it", 9, ("MsgPriority", "Lowest"), ("CloudCustomData", "custom"), ("GroupAtInfo", mention), ("NeedReadReceipt", 1), ("SupportMessageExtension", 1),
            ("OfflinePushInfo", new JsonObject { ["PushFlag"] = 0, ["Desc"] = "push" }), ("SendMsgControl", new JsonArray("NoUnread", "NoLastMsg")), ("ForbidCallbackControl", new JsonArray("ForbidBeforeSendMsgCallback"))));
        var heard = await client.WaitForAsync(told => told.IsGroupText(group));
        var read = Assert.Single(await environment.LogOfAsync(group, cleo));
        var listed = Assert.Single(await environment.HistoryOfAsync(group));

        Assert.True(sent.GetProperty("MsgTime").GetInt64() > 1_700_000_000);
        Assert.False(sent.TryGetProperty("MsgDropReason", out _));
        Assert.Equal(heard.GetRawText(), read.GetRawText());
        Assert.Equal((ben, "Lowest", "custom", 9), (
            heard.GetProperty("From_Account").GetString(), heard.GetProperty("MsgPriority").GetString(), heard.GetProperty("CloudCustomData").GetString(), heard.GetProperty("MsgRandom").GetInt32()));
        Assert.Equal(2, heard.GetProperty("GroupAtInfo").GetArrayLength());
        Assert.All(new[] { "NeedReadReceipt", "SupportMessageExtension", "NoUnread", "NoLastMsg" }, flag => Assert.Equal(1, heard.GetProperty(flag).GetInt32()));
        Assert.Equal((4, "custom"), (listed.GetProperty("MsgPriority").GetInt32(), listed.GetProperty("CloudCustomData").GetString()));
        Assert.Equal(0, await environment.UnreadOfAsync(group, cleo));
        Assert.Equal(0, await environment.UnreadOfAsync(group, anna));
    }

    [Fact]
    public async Task A_repeated_call_gives_the_same_number_and_another_message_its_own()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(ben);

        Assert.Equal(1, await environment.SendGroupTextAsync(group, anna, "once", 1));
        Assert.Equal(1, await environment.SendGroupTextAsync(group, anna, "once", 1));
        Assert.Equal(2, await environment.SendGroupTextAsync(group, anna, "twice", 2));
        Assert.Equal(3, await environment.SendGroupTextAsync(group, ben, "once", 1));

        var heard = await client.WaitForCountAsync(3, told => told.IsGroupText(group));
        Assert.Equal(["once", "twice", "once"], heard.Select(Messages.TextOf));
        Assert.Equal(1, await environment.UnreadOfAsync(group, anna));
    }

    [Theory]
    [InlineData("OnlineOnlyFlag")]
    [InlineData("MsgOnlineOnlyFlag")]
    public async Task An_online_only_message_is_heard_and_stored_nowhere(string flag)
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var bens = await environment.ConnectAsync(ben);
        await using var cleos = await environment.ConnectAsync(cleo);

        var sent = await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(group, anna, "typing", 1, (flag, 1)));
        await environment.GroupAsync("send_group_msg", GroupCalls.GroupText(group, anna, "psst", 2, (flag, 1), ("To_Account", new JsonArray(ben))));
        var heard = await bens.WaitForCountAsync(2, told => told.IsGroupText(group));
        Assert.Equal(1, await environment.SendGroupTextAsync(group, anna, "stored", 3));
        await cleos.WaitForAsync(told => told.IsGroupText(group) && Messages.TextOf(told) == "stored");

        Assert.Equal(0, sent.GetProperty("MsgSeq").GetInt64());
        Assert.All(heard.Take(2), told => Assert.Equal((1, false), (told.GetProperty("OnlineOnlyFlag").GetInt32(), told.TryGetProperty("Seq", out _))));
        Assert.DoesNotContain(cleos.Events, told => told.IsGroupText(group) && Messages.TextOf(told) == "psst");
        Assert.Equal("stored", Messages.TextOf(Assert.Single(await environment.LogOfAsync(group, ben))));
        Assert.Equal(1, await environment.UnreadOfAsync(group, ben));
    }

    [Fact]
    public async Task A_message_to_some_is_heard_and_read_by_them_and_counts_for_nobody()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var bens = await environment.ConnectAsync(ben);
        await using var cleos = await environment.ConnectAsync(cleo);

        await environment.SayAsync(group, anna, "for Ben", ("To_Account", new JsonArray(ben, "no member at all")));
        await environment.SayAsync(group, anna, "for all");
        await bens.WaitForCountAsync(2, told => told.IsGroupText(group));
        await cleos.WaitForAsync(told => told.IsGroupText(group));

        Assert.Equal(["for all"], cleos.Events.Where(told => told.IsGroupText(group)).Select(Messages.TextOf));
        Assert.Contains(cleos.Events, told => told.IsOf("GroupHidden", group) && told.GetProperty("Seq").GetInt64() == 1);
        Assert.Equal((1L, 1L), (await environment.UnreadOfAsync(group, ben), await environment.UnreadOfAsync(group, cleo)));
    }

    [Fact]
    public async Task More_messages_than_a_group_takes_are_dropped_with_a_word_to_their_senders_alone()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { GroupMessagesPerSecond = 3 });
        await app.ImportAsync("anna");
        var group = await app.CreateGroupAsync("Public", "anna");

        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(i => app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, "anna", $"{i}", (uint)i))));

        var dropped = answers.Where(answer => answer.TryGetProperty("MsgDropReason", out _)).ToList();
        Assert.NotEmpty(dropped);
        Assert.All(dropped, answer => Assert.Equal(("MsgFreqCtrl", 0L), (answer.GetProperty("MsgDropReason").GetString(), answer.GetProperty("MsgSeq").GetInt64())));
        var numbers = answers.Except(dropped).Select(answer => answer.GetProperty("MsgSeq").GetInt64()).Order();
        Assert.Equal(Enumerable.Range(1, 40 - dropped.Count).Select(n => (long)n), numbers);
    }

    [Fact]
    public async Task An_administrator_sends_in_the_name_of_one_who_is_no_member_but_not_of_one_who_may_not_speak()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        await environment.GroupAsync("forbid_send_msg", new { GroupId = group, Members_Account = new[] { cast["member"] }, MuteTime = 600 });

        Assert.Single(await environment.LogOfAsync(group, cast["owner"]));
        Assert.Equal(2, await environment.SendGroupTextAsync(group, cast["stranger"], "from outside", 1));
        Assert.Equal(3, await environment.SendGroupTextAsync(group, null, "from the administrator", 2));
        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, cast["member"], "muted", 3)));
    }

    [Fact]
    public async Task In_an_AVChatRoom_single_accounts_can_be_mentioned_but_not_all()
    {
        var environment = await fixture.StartedAsync();
        var (anna, eve) = (await environment.ImportAsync("anna"), await environment.ImportAsync("eve"));
        var room = await environment.CreateGroupAsync("AVChatRoom", anna);
        await using var client = await environment.ConnectAsync(eve);
        await environment.GroupAsync("apply_join_group", new { GroupId = room }, eve);
        var mention = new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = eve });

        Assert.Equal(10007, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, anna, "@all", 1, ("GroupAtInfo", new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 1 })))));
        Assert.Equal(0, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(room, anna, "@Eve", 2, ("GroupAtInfo", mention))));

        var heard = await client.WaitForAsync(told => told.IsGroupText(room));
        Assert.Equal((("@Eve", eve)), (Messages.TextOf(heard), heard.GetProperty("GroupAtInfo")[0].GetProperty("GroupAt_Account").GetString()));
    }

    [Theory]
    [InlineData("get_group_member_info", "group_open_http_svc", """{"GroupId":"x","TopicId":"@TGS#_x@TOPIC#_y"}""")]
    [InlineData("clear_group_msg", "group_open_http_svc", """{"GroupId":"x","TopicId":"@TGS#_x@TOPIC#_y"}""")]
    [InlineData("import_group_msg", "group_open_http_svc", """{"GroupId":"x","TopicId":"@TGS#_x@TOPIC#_y","MsgList":[]}""")]
    public async Task What_topics_do_not_have_does_not_go_to_their_community(string command, string service, string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(11000, await environment.GroupCodeAsync(command, body, service: service));
        Assert.NotEqual(11000, await environment.GroupCodeAsync(command, body.Replace("@TGS#_x@TOPIC#_y", "", StringComparison.Ordinal), service: service));
    }
}
