using System.Text.Json.Nodes;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks about topics: every field of their requests, and what answers do.</summary>
public sealed class TopicCallbackTests(AzuriteFixture azurite)
{
    private const string Hooks = "Group.Callback";

    [Fact]
    public async Task Creating_a_topic_asks_the_app_first_and_tells_it_afterwards()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, anna) = await CommunityAsync(lab);

        var topic = await CreateAsync(lab, community, "Food", anna);
        await lab.DoAsync("import_topic", new { GroupId = community, TopicName = "Imported" });

        GroupCallbackLab.AssertIs(Assert.Single(lab.Receiver.Of(Hooks + "BeforeCreateTopic")), new JsonObject
        {
            ["GroupId"] = community,
            ["Operator_Account"] = anna,
            ["Type"] = "Community",
            ["Name"] = "Food",
        });
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(community, Hooks + "AfterCreateTopic"), new JsonObject
        {
            ["GroupId"] = community,
            ["TopicId"] = topic,
            ["Operator_Account"] = anna,
            ["Owner_Account"] = anna,
            ["Type"] = "Community",
            ["Name"] = "Food",
            ["UserDefinedDataList"] = new JsonArray(),
        });
    }

    [Theory]
    [InlineData(1, 10016)]
    [InlineData(10150, 10150)]
    public async Task A_topic_that_the_app_refuses_is_not_created(int answer, int code)
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, anna) = await CommunityAsync(lab);
        lab.Receiver.Script = callback => callback.Query["CallbackCommand"] == Hooks + "BeforeCreateTopic"
            ? CallbackReply.Json($$"""{"ActionStatus":"OK","ErrorCode":{{answer}},"ErrorInfo":"not today"}""")
            : CallbackReply.Ok;

        Assert.Equal(code, await lab.CodeAsync("create_topic", new { GroupId = community, TopicName = "Food" }, anna, TopicCalls.Service));

        Assert.Equal(0, (await lab.DoAsync("get_topic", new { GroupId = community }, service: TopicCalls.Service)).GetProperty("TopicAndSelfInfo").GetArrayLength());
        Assert.Empty(await lab.SentAsync(community, Hooks + "AfterCreateTopic"));
    }

    [Fact]
    public async Task Who_may_not_create_a_topic_is_not_asked_about()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, _) = await CommunityAsync(lab);
        var strangers = await lab.ImportAsync("stranger");

        Assert.Equal(10007, await lab.CodeAsync("create_topic", new { GroupId = community, TopicName = "Food" }, strangers[0], TopicCalls.Service));

        Assert.Empty(lab.Receiver.Of(Hooks + "BeforeCreateTopic"));
    }

    [Fact]
    public async Task A_change_of_a_topic_is_told_with_what_is_new_and_only_where_people_see_it()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, anna) = await CommunityAsync(lab);
        var topic = await CreateAsync(lab, community, "Food", anna);

        await lab.DoAsync("modify_topic", new { GroupId = community, TopicId = topic, CustomString = "x", MuteAllMember = "On" }, anna, TopicCalls.Service);
        await lab.DoAsync("modify_topic", new { GroupId = community, TopicId = topic, TopicName = "Food" }, anna, TopicCalls.Service);
        await lab.DoAsync("modify_topic", new { GroupId = community, TopicId = topic, TopicName = "Drinks", Introduction = "i", Notification = "n", FaceUrl = "f" }, anna, TopicCalls.Service);

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(community, Hooks + "AfterTopicInfoChanged"), new JsonObject
        {
            ["GroupId"] = community,
            ["TopicId"] = topic,
            ["Type"] = "Community",
            ["Operator_Account"] = anna,
            ["Name"] = "Drinks",
            ["Introduction"] = "i",
            ["Notification"] = "n",
            ["FaceUrl"] = "f",
        });
    }

    [Fact]
    public async Task Topics_that_are_deleted_are_told_together()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, anna) = await CommunityAsync(lab);
        var (food, sport) = (await CreateAsync(lab, community, "Food", anna), await CreateAsync(lab, community, "Sport", anna));

        await lab.DoAsync("destroy_topic", new { GroupId = community, TopicIdList = new[] { food, $"{community}@TOPIC#_nope", sport } }, anna, TopicCalls.Service);
        await lab.DoAsync("destroy_topic", new { GroupId = community, TopicIdList = new[] { food } }, anna, TopicCalls.Service);

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(community, Hooks + "AfterTopicDestroyed"), new JsonObject
        {
            ["GroupId"] = community,
            ["Type"] = "Community",
            ["TopicIdList"] = new JsonArray(food, sport),
        });
    }

    [Fact]
    public async Task Callbacks_about_messages_name_their_topic()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var (community, anna) = await CommunityAsync(lab);
        var topic = await CreateAsync(lab, community, "Food", anna);

        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(community, null, "soup", 9, ("TopicId", topic)), anna);
        await lab.DoAsync("group_msg_recall", new { GroupId = community, TopicId = topic, MsgSeqList = new[] { new { MsgSeq = 1 } } }, anna);
        await lab.DoAsync("modify_topic", new { GroupId = community, TopicId = topic, MuteAllMember = "On" }, anna, TopicCalls.Service);
        var ben = (await lab.ImportAsync("ben"))[0];
        await lab.DoAsync("add_group_member", new { GroupId = community, MemberList = new[] { new { Member_Account = ben } } });
        Assert.Equal(10017, await lab.CodeAsync("send_group_msg", GroupCalls.GroupText(community, null, "bread", 10, ("TopicId", topic)), ben));

        foreach (var command in new[] { "BeforeSendMsg", "AfterSendMsg", "AfterRecallMsg", "SendMsgException" })
        {
            Assert.All(await lab.SentAsync(community, Hooks + command), callback => Assert.Equal((community, topic), (callback.Text("GroupId"), callback.Text("TopicId"))));
            Assert.NotEmpty(await lab.SentAsync(community, Hooks + command));
        }
    }

    private static async Task<(string Community, string Owner)> CommunityAsync(GroupCallbackLab lab)
    {
        var anna = (await lab.ImportAsync("anna"))[0];
        var created = await lab.DoAsync("create_group", new { Type = "Community", Name = "City", Owner_Account = anna, SupportTopic = 1 });
        return (created.GetProperty("GroupId").GetString()!, anna);
    }

    private static async Task<string> CreateAsync(GroupCallbackLab lab, string community, string name, string by) =>
        (await lab.DoAsync("create_topic", new { GroupId = community, TopicName = name }, by, TopicCalls.Service)).GetProperty("TopicId").GetString()!;
}
