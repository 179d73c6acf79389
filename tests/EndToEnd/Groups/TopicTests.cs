using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Topics of communities: what they are and who may change them.</summary>
public sealed class TopicTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_topic_is_created_shown_changed_and_deleted_and_members_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var community = await environment.CreateCommunityAsync(anna, ben);
        await using var client = await environment.ConnectAsync(ben);

        var food = $"{community}@TOPIC#_food and drink";
        var created = await environment.TopicAsync(
            "create_topic",
            new { GroupId = community, TopicId = food, TopicName = "Food", CustomString = "{\"icon\":3}", FaceUrl = "https://example.test/f.png", Notification = "be kind", Introduction = "eating" },
            anna);
        var named = (await environment.TopicAsync("create_topic", new { GroupId = community, TopicName = "Sport" }, anna)).GetProperty("TopicId").GetString()!;
        var told = await client.WaitForAsync(heard => heard.IsOf("GroupTopics", community));
        await environment.TopicAsync("modify_topic", new { GroupId = community, TopicId = food, TopicName = "Drinks", CustomString = "", MuteAllMember = "On" }, anna);
        var change = await client.WaitForAsync(heard => heard.IsOfTopic("GroupProfile", food));
        var all = (await environment.TopicAsync("get_topic", new { GroupId = community }, ben)).GetProperty("TopicAndSelfInfo");

        foreach (var field in new[] { "Epoch", "FirstSeq", "LastSeq", "CreateTime", "NextMsgSeq" })
        {
            Assert.Equal(all[0].GetProperty("TopicInfo").GetProperty(field).GetInt64(), told.GetProperty("Content").GetProperty("Created")[0].GetProperty(field).GetInt64());
        }

        Assert.Equal(food, created.GetProperty("TopicId").GetString());
        Assert.StartsWith($"{community}@TOPIC#_", named, StringComparison.Ordinal);
        Assert.Equal((food, "Food", anna), (told.GetProperty("Content").GetProperty("Created")[0].GetProperty("TopicId").GetString(),
            told.GetProperty("Content").GetProperty("Created")[0].GetProperty("TopicName").GetString(), told.GetProperty("Operator_Account").GetString()));
        Assert.Equal(("groupchange:" + food, "Drinks", "On"), (change.GetProperty("Timeline").GetString(), change.GetProperty("Content").GetProperty("TopicName").GetString(),
            change.GetProperty("Content").GetProperty("MuteAllMember").GetString()));
        Assert.False(change.GetProperty("Content").TryGetProperty("FaceUrl", out _));
        Assert.Equal([food, named], all.EnumerateArray().Select(topic => topic.GetProperty("TopicInfo").GetProperty("TopicId").GetString()));
        var info = JsonNode.Parse(all[0].GetProperty("TopicInfo").GetRawText())!.AsObject();
        Assert.Equal(
            ("Drinks", "", "https://example.test/f.png", "be kind", "eating", "On", 1L, 0L),
            ((string?)info["TopicName"], (string?)info["CustomString"], (string?)info["FaceUrl"], (string?)info["Notification"], (string?)info["Introduction"], (string?)info["MuteAllMember"],
                (long)info["NextMsgSeq"]!, (long)info["LastMsgTime"]!));

        var deleted = await environment.TopicAsync("destroy_topic", new { GroupId = community, TopicIdList = new[] { food, $"{community}@TOPIC#_nope", "nonsense" } }, anna);
        var gone = await client.WaitForAsync(heard => heard.IsOf("GroupTopics", community) && heard.GetProperty("Content").TryGetProperty("Destroyed", out _));
        var log = await environment.LogOfAsync(community, ben, isOfChanges: true);

        Assert.Equal([0, 110003, 10015], deleted.GetProperty("DestroyResultItem").EnumerateArray().Select(item => item.GetProperty("ErrorCode").GetInt32()));
        Assert.Equal(food, Assert.Single(gone.GetProperty("Content").GetProperty("Destroyed").EnumerateArray()).GetString());
        Assert.Equal(3, log.Count(entry => entry.IsOf("GroupTopics", community)));
        Assert.Equal(110003, await environment.TopicCodeAsync("modify_topic", new { GroupId = community, TopicId = food, TopicName = "x" }, anna));
        Assert.Equal(named, Assert.Single((await environment.TopicAsync("get_topic", new { GroupId = community }, ben)).GetProperty("TopicAndSelfInfo").EnumerateArray())
            .GetProperty("TopicInfo").GetProperty("TopicId").GetString());
    }

    [Fact]
    public async Task A_name_is_free_again_when_its_topic_is_deleted_and_nothing_of_the_old_one_is_there()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var community = await environment.CreateCommunityAsync(anna);
        var topic = await environment.CreateTopicAsync(community, "food", anna);
        Assert.Equal(10021, await environment.TopicCodeAsync("create_topic", new { GroupId = community, TopicId = topic, TopicName = "again" }, anna));
        await environment.SayInTopicAsync(topic, anna, "old");
        var before = (await environment.LookAtTopicAsync(topic, anna)).Info.GetProperty("Epoch").GetInt64();

        await environment.TopicAsync("destroy_topic", new { GroupId = community, TopicIdList = new[] { topic } }, anna);
        Assert.Equal(110003, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(community, null, "late", 1, ("TopicId", topic)), anna));
        await environment.CreateTopicAsync(community, "food", anna);

        Assert.Empty(await environment.TextsAsync(community, topic, anna));
        Assert.Equal(1, await environment.SayInTopicAsync(topic, anna, "new"));
        Assert.NotEqual(before, (await environment.LookAtTopicAsync(topic, anna)).Info.GetProperty("Epoch").GetInt64());
    }

    [Fact]
    public async Task What_is_wrong_changes_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var community = await environment.CreateCommunityAsync(anna, ben);
        var topic = await environment.CreateTopicAsync(community, "food", anna);
        var (without, group) = (await environment.CreateGroupAsync("Community", anna), await environment.CreateGroupAsync("Public", anna));
        var before = (await environment.LookAtTopicAsync(topic, anna)).Info.GetRawText();

        (int Code, string Command, object Body)[] wrong =
        [
            (10004, "create_topic", new { TopicName = "x" }),
            (10004, "create_topic", new { GroupId = community }),
            (10004, "create_topic", new { GroupId = community, TopicName = "" }),
            (10004, "create_topic", new { GroupId = community, TopicName = new string('x', 31) }),
            (10004, "create_topic", new { GroupId = community, TopicName = "x", CustomString = new string('x', 3_001) }),
            (10015, "create_topic", new { GroupId = community, TopicId = $"{without}@TOPIC#_x", TopicName = "x" }),
            (10015, "create_topic", new { GroupId = community, TopicId = $"{community}@TOPIC#_", TopicName = "x" }),
            (10015, "create_topic", new { GroupId = community, TopicId = $"{community}@TOPIC#_{new string('x', 96)}", TopicName = "x" }),
            (10010, "create_topic", new { GroupId = "@TGS#_nowhere", TopicName = "x" }),
            (11000, "create_topic", new { GroupId = without, TopicName = "x" }),
            (11000, "create_topic", new { GroupId = group, TopicName = "x" }),
            (60010, "create_topic", new { GroupId = community, TopicName = "x", From_Account = ben }),
            (10004, "modify_topic", new { GroupId = community, TopicName = "x" }),
            (10004, "modify_topic", new { GroupId = community, TopicId = topic, MuteAllMember = "Maybe" }),
            (110003, "modify_topic", new { GroupId = community, TopicId = $"{community}@TOPIC#_nope", TopicName = "x" }),
            (60010, "modify_topic", new { GroupId = community, TopicId = topic, TopicName = "x", From_Account = ben }),
            (10004, "destroy_topic", new { GroupId = community }),
            (10004, "destroy_topic", new { GroupId = community, TopicIdList = Array.Empty<string>() }),
            (10010, "destroy_topic", new { GroupId = "@TGS#_nowhere", TopicIdList = new[] { topic } }),
            (11000, "destroy_topic", new { GroupId = group, TopicIdList = new[] { topic } }),
            (60010, "destroy_topic", new { GroupId = community, TopicIdList = new[] { topic }, From_Account = ben }),
            (10004, "get_topic", new { GroupId = community, TopicIdList = new[] { 1 } }),
            (10010, "get_topic", new { GroupId = "@TGS#_nowhere" }),
            (11000, "get_topic", new { GroupId = group }),
            (60010, "get_topic", new { GroupId = community, From_Account = ben }),
        ];
        foreach (var (code, command, body) in wrong)
        {
            Assert.Equal((command, body, code), (command, body, await environment.TopicCodeAsync(command, body, anna)));
        }

        Assert.Equal(10007, await environment.TopicCodeAsync("create_topic", new { GroupId = community, TopicName = "x" }, ben));
        Assert.Equal(10007, await environment.TopicCodeAsync("modify_topic", new { GroupId = community, TopicId = topic, TopicName = "x" }, ben));
        Assert.Equal(10007, await environment.TopicCodeAsync("destroy_topic", new { GroupId = community, TopicIdList = new[] { topic } }, ben));

        Assert.Equal(before, (await environment.LookAtTopicAsync(topic, anna)).Info.GetRawText());
        Assert.Equal(10015, await environment.GroupCodeAsync("create_group", new { Type = "Community", Name = "x", GroupId = "@TGS#_x@TOPIC#_y" }));
    }

    [Fact]
    public async Task A_community_may_have_two_hundred_topics()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var community = await environment.CreateCommunityAsync(anna);
        var custom = new string('"', 3_000);
        for (var i = 0; i < 200; i++)
        {
            await environment.GroupAsync("import_topic", new { GroupId = community, TopicId = $"{community}@TOPIC#_{i}", TopicName = $"{i}", CustomString = custom, CreateTime = 1_500_000_000 + i });
        }

        Assert.Equal(10037, await environment.TopicCodeAsync("create_topic", new { GroupId = community, TopicName = "one more" }, anna));
        Assert.Equal(10018, await environment.TopicCodeAsync("get_topic", new { GroupId = community }, anna));
        var times = new { TopicInfoFilter = new[] { "CreateTime" } };
        var all = (await environment.TopicAsync("get_topic", new { GroupId = community, ResponseFilter = times }, anna)).GetProperty("TopicAndSelfInfo");
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)(1_500_000_000 + i)), all.EnumerateArray().Select(topic => topic.GetProperty("TopicInfo").GetProperty("CreateTime").GetInt64()));
        var deleted = await environment.TopicAsync("destroy_topic", new { GroupId = community, TopicIdList = Enumerable.Range(0, 100).Select(i => $"{community}@TOPIC#_{i}").ToArray() }, anna);
        Assert.All(deleted.GetProperty("DestroyResultItem").EnumerateArray(), item => Assert.Equal(0, item.GetProperty("ErrorCode").GetInt32()));
        Assert.Equal(100, (await environment.TopicAsync("get_topic", new { GroupId = community, ResponseFilter = times }, anna)).GetProperty("TopicAndSelfInfo").GetArrayLength());
    }

    [Fact]
    public async Task An_import_is_not_told_and_needs_an_administrator_and_a_time_that_has_been()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var community = await environment.CreateCommunityAsync(anna);

        Assert.Equal(60010, await environment.GroupCodeAsync("import_topic", new { GroupId = community, TopicName = "x" }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("import_topic", new { GroupId = community, TopicName = "x", CreateTime = 9_999_999_999 }));
        var topic = (await environment.GroupAsync("import_topic", new { GroupId = community, TopicName = "x", CreateTime = 1_500_000_000 })).GetProperty("TopicId").GetString()!;

        Assert.Equal(1_500_000_000, (await environment.LookAtTopicAsync(topic, anna)).Info.GetProperty("CreateTime").GetInt64());
        Assert.Empty(await environment.LogOfAsync(community, anna, isOfChanges: true));
    }

    [Fact]
    public async Task Answers_have_the_fields_that_are_asked_for()
    {
        var environment = await fixture.StartedAsync();
        var (anna, stranger) = (await environment.ImportAsync("anna"), await environment.ImportAsync("stranger"));
        var community = await environment.CreateCommunityAsync(anna);
        var topic = await environment.CreateTopicAsync(community, "food", anna);

        var some = (await environment.TopicAsync(
            "get_topic", new { GroupId = community, From_Account = anna, ResponseFilter = new { TopicInfoFilter = new[] { "TopicName" }, SelfInfoFilter = new[] { "Role" } } })).GetProperty("TopicAndSelfInfo")[0];
        var shown = (await environment.TopicAsync("get_topic", new { GroupId = community, TopicIdList = new[] { topic, $"{community}@TOPIC#_nope" } }, stranger)).GetProperty("TopicAndSelfInfo");
        var info = await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { community }, ResponseFilter = new { GroupBaseInfoFilter = new[] { "SupportTopic" } } });

        Assert.Equal($$"""{"TopicId":"{{topic}}","TopicName":"food"}""", some.GetProperty("TopicInfo").GetRawText());
        Assert.Equal("""{"Role":"Owner"}""", some.GetProperty("SelfInfo").GetRawText());
        Assert.False(shown[0].TryGetProperty("SelfInfo", out _));
        Assert.Equal((110003, $"{community}@TOPIC#_nope"), (shown[1].GetProperty("ErrorCode").GetInt32(), shown[1].GetProperty("TopicInfo").GetProperty("TopicId").GetString()));
        Assert.Equal(1, info.GetProperty("GroupInfo")[0].GetProperty("SupportTopic").GetInt32());
    }
}
