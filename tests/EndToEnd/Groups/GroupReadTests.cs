using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupReadTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Reading_on_one_device_is_heard_by_the_other_and_by_nobody_else()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var bens = await environment.ConnectAsync(ben);
        await using var cleos = await environment.ConnectAsync(cleo);
        for (var i = 0; i < 3; i++)
        {
            await environment.SayAsync(group, anna, $"{i}");
        }

        var read = await environment.ReadUpToAsync(group, ben, 2);
        var heard = await bens.WaitForAsync(told => told.IsOf("GroupRead", group));
        var back = await environment.ReadUpToAsync(group, ben, 1);
        var beyond = await environment.ReadUpToAsync(group, ben, 99);
        await bens.WaitForCountAsync(2, told => told.IsOf("GroupRead", group));

        Assert.Equal((2L, 1L), (read.GetProperty("ReadSeq").GetInt64(), read.GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal((2L, 1L), (heard.GetProperty("Content").GetProperty("ReadSeq").GetInt64(), heard.GetProperty("Content").GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal((2L, 1L), (back.GetProperty("ReadSeq").GetInt64(), back.GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal((3L, 0L), (beyond.GetProperty("ReadSeq").GetInt64(), beyond.GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal(3, await environment.UnreadOfAsync(group, cleo));
        Assert.DoesNotContain(cleos.Events, told => told.IsOf("GroupRead", group));
    }

    [Fact]
    public async Task Synchronising_tells_how_far_each_group_has_come()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        var room = await environment.CreateGroupAsync("ChatRoom", anna, ben);
        await environment.SayAsync(group, anna, "hello @Ben", ("GroupAtInfo", new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 0, ["GroupAt_Account"] = ben })));
        await environment.SayAsync(group, anna, "@all", ("GroupAtInfo", new JsonArray(new JsonObject { ["GroupAtAllFlag"] = 1 })));
        await environment.SayAsync(group, anna, "gone");
        await environment.RecallAsync(group, anna, 3);
        await environment.SayAsync(room, anna, "counts nothing");

        var all = await environment.GroupAsync("sync_groups", new { Owner_Account = ben });
        var state = await environment.StateOfAsync(group, ben);
        await environment.ReadUpToAsync(group, ben, 1);
        var after = await environment.StateOfAsync(group, ben);

        Assert.Equal(new[] { group, room }.Order(StringComparer.Ordinal), all.GetProperty("GroupIdList").EnumerateArray().Select(id => id.GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(("Public", "Member", "AcceptAndNotify"), (state.GetProperty("Type").GetString(), state.GetProperty("Role").GetString(), state.GetProperty("MsgFlag").GetString()));
        Assert.Equal((1L, 3L, 1L, 0L, 2L), (Number("FirstSeq"), Number("LastSeq"), Number("ChangeSeq"), Number("ReadSeq"), Number("UnreadMsgNum")));
        Assert.Equal(("[1]", "[2]"), (state.GetProperty("Mentions").GetRawText(), state.GetProperty("MentionsOfAll").GetRawText()));
        Assert.Equal(("[]", "[2]", 1L), (after.GetProperty("Mentions").GetRawText(), after.GetProperty("MentionsOfAll").GetRawText(), after.GetProperty("UnreadMsgNum").GetInt64()));
        Assert.Equal(0, await environment.UnreadOfAsync(room, ben));

        long Number(string field) => state.GetProperty(field).GetInt64();
    }

    [Fact]
    public async Task With_Since_only_groups_in_which_something_was_written_are_listed()
    {
        var environment = await fixture.StartedAsync();
        var (group, _, ben, _) = await environment.HikingAsync();

        var first = await environment.GroupAsync("sync_groups", new { }, ben);
        var again = await environment.GroupAsync("sync_groups", new { Since = first.GetProperty("Next").GetInt64() }, ben);
        var future = await environment.GroupAsync("sync_groups", new { Since = first.GetProperty("Next").GetInt64() + 3600 }, ben);
        await environment.GroupAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { ben } });
        var gone = await environment.GroupAsync("sync_groups", new { }, ben);

        Assert.Single(again.GetProperty("Groups").EnumerateArray());
        Assert.Empty(future.GetProperty("Groups").EnumerateArray());
        Assert.Equal(group, Assert.Single(future.GetProperty("GroupIdList").EnumerateArray()).GetString());
        Assert.Empty(gone.GetProperty("GroupIdList").EnumerateArray());
    }

    [Fact]
    public async Task Positions_and_questions_that_are_wrong_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");

        Assert.Equal(10007, await environment.GroupCodeAsync("group_msg_read", new { GroupId = group, MsgSeq = 1 }, dan));
        Assert.Equal(10010, await environment.GroupCodeAsync("group_msg_read", new { GroupId = "no-such", MsgSeq = 1 }, ben));
        Assert.Equal(60010, await environment.GroupCodeAsync("group_msg_read", new { GroupId = group, MsgSeq = 1, Owner_Account = anna }, ben));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_msg_read", new { GroupId = group }, ben));
        Assert.Equal(0, await environment.GroupCodeAsync("group_msg_read", new { GroupId = group, MsgSeq = 1, Owner_Account = ben }));
        Assert.Equal(60010, await environment.GroupCodeAsync("sync_groups", new { Owner_Account = anna }, ben));
        Assert.Equal(10004, await environment.GroupCodeAsync("sync_groups", new { Since = "x" }, ben));
    }
}
