using System.Text.Json.Nodes;
using Parley.Groups.Live;
using Parley.Storage;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks about live rooms, which store nothing else of who comes and what is said.</summary>
public sealed class LiveRoomCallbackTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_are_told_with_their_numbers_and_cost_one_transaction()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite, app => app with { CallbackCommands = ["Group.CallbackAfterSendMsg"] });
        var eve = (await lab.ImportAsync("eve"))[0];
        var room = await lab.CreateAsync("AVChatRoom", eve);
        await lab.DoAsync("send_group_msg", GroupCalls.GroupText(room, null, "first", 1), eve);
        await lab.DrainAsync(room);
        lab.Instance.Storage.ResetCounts();

        var sent = await lab.DoAsync("send_group_msg", GroupCalls.GroupText(room, null, "second", 2), eve);

        Assert.Equal(1, lab.Instance.Storage.Count(RequestKind.Batch));
        var told = await lab.SentAsync(room, "Group.CallbackAfterSendMsg");
        Assert.Equal(2, told.Count);
        Assert.Equal(sent.GetProperty("MsgSeq").GetInt64(), told[1].Body.GetProperty("MsgSeq").GetInt64());
        Assert.Equal(("AVChatRoom", "0"), (told[1].Text("Type"), told[1].Fields["OnlineOnlyFlag"]));
    }

    [Fact]
    public async Task Coming_leaving_and_being_banned_are_told()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("eve", "ben", "zoe");
        var room = await lab.CreateAsync("AVChatRoom", people[0]);

        foreach (var account in people[1..])
        {
            await lab.DoAsync("apply_join_group", new { GroupId = room }, account);
            await lab.DoAsync("apply_join_group", new { GroupId = room }, account);
        }

        await lab.DoAsync("quit_group", new { GroupId = room }, people[1]);
        await lab.DoAsync("quit_group", new { GroupId = room }, people[1]);
        await lab.DoAsync("ban_group_member", new { GroupId = room, Members_Account = new[] { people[2] }, Duration = 60 }, people[0]);

        var joined = await lab.SentAsync(room, "Group.CallbackAfterNewMemberJoin");
        Assert.Equal(2, joined.Count);
        GroupCallbackLab.AssertIs(joined[0], new JsonObject
        {
            ["GroupId"] = room,
            ["Type"] = "AVChatRoom",
            ["JoinType"] = "Apply",
            ["Operator_Account"] = people[1],
            ["NewMemberList"] = GroupCallbackLab.Members(people[1]),
        });
        var exits = await lab.SentAsync(room, "Group.CallbackAfterMemberExit");
        Assert.Equal(2, exits.Count);
        Assert.Equal(("Quit", people[1]), (exits[0].Text("ExitType"), exits[0].Text("Operator_Account")));
        GroupCallbackLab.AssertIs(exits[1], new JsonObject
        {
            ["GroupId"] = room,
            ["Type"] = "AVChatRoom",
            ["ExitType"] = "Kicked",
            ["Operator_Account"] = people[0],
            ["ExitMemberList"] = GroupCallbackLab.Members(people[2]),
        });
        Assert.Empty(lab.Receiver.Of("Group.CallbackOnMemberStateChange"));
    }

    [Fact]
    public async Task Whose_connections_are_lost_is_offline_and_online_when_it_comes_back()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("eve", "ben");
        var room = await lab.CreateAsync("AVChatRoom", people[0]);
        var lost = new AccountKey(lab.Lab.App.SdkAppId, people[1]);
        await lab.DoAsync("apply_join_group", new { GroupId = room }, people[1]);

        // No connection is open any more, whatever was lost of its events.
        await lab.Instance.Get<LiveRoomsOfListeners>().DisconnectedAsync(lost, Stop);
        await lab.DoAsync("apply_join_group", new { GroupId = room }, people[1]);
        await lab.DoAsync("quit_group", new { GroupId = room }, people[1]);
        await lab.DoAsync("apply_join_group", new { GroupId = room }, people[1]);

        var states = await lab.SentAsync(room, "Group.CallbackOnMemberStateChange");
        Assert.Equal(["Offline", "Online"], states.Select(callback => callback.Text("EventType")));
        Assert.All(states, callback => GroupCallbackLab.AssertIs(callback, new JsonObject
        {
            ["GroupId"] = room,
            ["Type"] = "AVChatRoom",
            ["EventType"] = callback.Text("EventType"),
            ["MemberList"] = GroupCallbackLab.Members(people[1]),
        }));
        Assert.Equal(2, (await lab.SentAsync(room, "Group.CallbackAfterNewMemberJoin")).Count);
        Assert.Single(await lab.SentAsync(room, "Group.CallbackAfterMemberExit"));
    }

    [Fact]
    public async Task The_end_of_a_room_is_told_without_members()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("eve", "ben");
        var room = await lab.CreateAsync("AVChatRoom", people[0]);
        await lab.DoAsync("apply_join_group", new { GroupId = room }, people[1]);

        await lab.DoAsync("destroy_group", new { GroupId = room }, people[0]);

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(room, "Group.CallbackAfterGroupDestroyed"), new JsonObject
        {
            ["GroupId"] = room,
            ["Type"] = "AVChatRoom",
            ["Owner_Account"] = people[0],
            ["Name"] = "Hiking",
        });
    }
}
