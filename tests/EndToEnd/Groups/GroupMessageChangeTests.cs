using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Messages that are modified, deleted by sender, and cleared.</summary>
public sealed class GroupMessageChangeTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_modified_message_has_its_new_content_and_everybody_hears_it()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(anna);
        var number = await environment.SayAsync(group, ben, "at 8", ("CloudCustomData", "keep"));
        var targeted = await environment.SayAsync(group, ben, "psst", ("To_Account", new JsonArray(anna)));
        var body = JsonNode.Parse(GroupCalls.GroupText(group, null, "at 9"))!["MsgBody"]!;

        await ModifyAsync(number, body, ben);
        await ModifyAsync(targeted, body, null);
        var heard = await client.WaitForCountAsync(2, told => told.IsOf("GroupModify", group));

        Assert.Equal([number], heard[0].NumbersOf());
        Assert.Equal(("at 9", "keep"), (Messages.TextOf(heard[0]), heard[0].GetProperty("CloudCustomData").GetString()));
        Assert.Equal((targeted, false), (heard[1].NumbersOf()[0], heard[1].TryGetProperty("MsgBody", out _)));
        Assert.Equal(["at 9", "at 9"], Messages.TextsOf(await environment.LogOfAsync(group, anna)));
        Assert.Equal(2, (await environment.LogOfAsync(group, anna, isOfChanges: true)).Count);

        async Task ModifyAsync(long seq, JsonNode content, string? identifier)
        {
            var request = new JsonObject { ["GroupId"] = group, ["MsgSeq"] = seq, ["MsgBody"] = content.DeepClone() };
            Assert.Equal("succeed", (await environment.GroupAsync("modify_group_msg", request.ToJsonString(), identifier, "openim")).GetProperty("ErrorInfo").GetString());
        }
    }

    [Fact]
    public async Task Modifications_that_are_wrong_have_the_codes_of_their_service()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);
        var (number, recalled) = (await environment.SayAsync(group, ben, "stays"), await environment.SayAsync(group, ben, "goes"));
        await environment.RecallAsync(group, null, recalled);

        Assert.Equal(60010, await CodeAsync(new { GroupId = group, MsgSeq = number, CloudCustomData = "x" }, cleo));
        Assert.Equal(60010, await CodeAsync(new { GroupId = group, MsgSeq = number, CloudCustomData = "x" }, dan));
        Assert.Equal(20001, await CodeAsync(new { GroupId = live, MsgSeq = number, CloudCustomData = "x" }));
        Assert.Equal(20003, await CodeAsync(new { GroupId = "no-such", MsgSeq = number, CloudCustomData = "x" }));
        Assert.Equal(20022, await CodeAsync(new { GroupId = group, MsgSeq = 77, CloudCustomData = "x" }));
        Assert.Equal(20023, await CodeAsync(new { GroupId = group, MsgSeq = recalled, CloudCustomData = "x" }));
        Assert.Equal(90001, await CodeAsync(new { MsgSeq = number, CloudCustomData = "x" }));
        Assert.Equal(90001, await CodeAsync(new { GroupId = group, CloudCustomData = "x" }));
        Assert.Equal(90001, await CodeAsync("no json"));
        Assert.Equal(90002, await CodeAsync(new { GroupId = group, MsgSeq = number }));
        Assert.Equal(90007, await CodeAsync(new { GroupId = group, MsgSeq = number, MsgBody = "text" }));
        Assert.Equal(90010, await CodeAsync(new { GroupId = group, MsgSeq = number, CloudCustomData = 1 }));
        Assert.Equal(93000, await CodeAsync(new { GroupId = group, MsgSeq = number, CloudCustomData = new string('x', 9_001) }));
        await environment.Api.CallOkAsync("openconfigsvr", "setnospeaking", new { Set_Account = ben, GroupmsgNospeakingTime = 600 });
        Assert.Equal(20012, await CodeAsync(new { GroupId = group, MsgSeq = number, CloudCustomData = "x" }, ben));
        Assert.False((await environment.LogOfAsync(group, anna))[0].TryGetProperty("CloudCustomData", out _));

        Task<int> CodeAsync(object body, string? identifier = null) => environment.GroupCodeAsync("modify_group_msg", body, identifier, "openim");
    }

    [Fact]
    public async Task What_one_sender_said_is_deleted_for_all_and_counts_no_more()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(cleo);
        for (var i = 0; i < 90; i++)
        {
            await environment.SayAsync(group, ben, $"spam {i}");
        }

        var kept = await environment.SayAsync(group, anna, "kept");
        await environment.GroupAsync("delete_group_msg_by_sender", new { GroupId = group, Sender_Account = ben });
        var heard = await client.WaitForCountAsync(2, told => told.IsOf("GroupDelete", group));

        var stored = kept - 1;
        Assert.Equal(stored, heard.Sum(told => told.NumbersOf().Length));
        Assert.Equal(Enumerable.Repeat(1, (int)stored).Append(0), (await environment.LogOfAsync(group, cleo)).Select(GroupMessageCalls.PlaceOf));
        Assert.Equal((0L, 1L, 1L), (await environment.UnreadOfAsync(group, anna), await environment.UnreadOfAsync(group, ben), await environment.UnreadOfAsync(group, cleo)));
        Assert.Equal([10030], await environment.RecallAsync(group, null, 1));
    }

    [Fact]
    public async Task Deleting_by_sender_has_its_codes_and_no_effect_in_live_rooms()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);

        Assert.Equal(0, await environment.GroupCodeAsync("delete_group_msg_by_sender", new { GroupId = live, Sender_Account = ben }));
        Assert.Equal(60010, await environment.GroupCodeAsync("delete_group_msg_by_sender", new { GroupId = group, Sender_Account = ben }, anna));
        Assert.Equal(10010, await environment.GroupCodeAsync("delete_group_msg_by_sender", new { GroupId = "no-such", Sender_Account = ben }));
        Assert.Equal(10004, await environment.GroupCodeAsync("delete_group_msg_by_sender", new { GroupId = group }));
        Assert.Equal(0, await environment.GroupCodeAsync("delete_group_msg_by_sender", new { GroupId = group, Sender_Account = ben }));
    }

    [Fact]
    public async Task Cleared_messages_are_gone_and_unread_for_nobody_also_for_their_senders()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(ben);
        for (var i = 1; i <= 40; i++)
        {
            await environment.SayAsync(group, i % 2 == 0 ? anna : ben, $"{i}");
        }

        await environment.GroupAsync("clear_group_msg", new { GroupId = group, MsgSeq = 35 });
        var heard = await client.WaitForAsync(told => told.IsOf("GroupClear", group));

        Assert.Equal(35, heard.GetProperty("Content").GetProperty("UpToSeq").GetInt64());
        Assert.Equal(["36", "37", "38", "39", "40"], Messages.TextsOf(await environment.LogOfAsync(group, cleo)));
        Assert.Equal((2L, 3L, 5L), (await environment.UnreadOfAsync(group, anna), await environment.UnreadOfAsync(group, ben), await environment.UnreadOfAsync(group, cleo)));
        await environment.GroupAsync("clear_group_msg", new { GroupId = group });
        Assert.Equal((0L, 41L), (await environment.UnreadOfAsync(group, cleo), (await environment.StateOfAsync(group, cleo)).GetProperty("FirstSeq").GetInt64()));
        Assert.Equal(41, await environment.SayAsync(group, anna, "new"));
        Assert.Equal((0L, 1L), (await environment.UnreadOfAsync(group, anna), await environment.UnreadOfAsync(group, cleo)));
    }

    [Fact]
    public async Task Clearing_has_its_codes()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);

        Assert.Equal(10035, await environment.GroupCodeAsync("clear_group_msg", new { GroupId = live }));
        Assert.Equal(60010, await environment.GroupCodeAsync("clear_group_msg", new { GroupId = group }, anna));
        Assert.Equal(10010, await environment.GroupCodeAsync("clear_group_msg", new { GroupId = "no-such" }));
        Assert.Equal(10004, await environment.GroupCodeAsync("clear_group_msg", new { GroupId = group, MsgSeq = -1 }));
    }
}
