using System.Text.Json.Nodes;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks about groups and their members: every field of their requests, and what answers do.</summary>
public sealed class GroupCallbackTests(AzuriteFixture azurite)
{
    private const string Hooks = "Group.Callback";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creating_a_group_asks_the_app_first_and_tells_it_afterwards()
    {
        await using var lab = await GroupCallbackLab.StartAsync(
            azurite, app => app with { GroupFields = [new("Region", [], GroupRole.NotMember, GroupRole.Member)] });
        var people = await lab.ImportAsync("anna", "ben");
        var (anna, ben) = (people[0], people[1]);
        await lab.CreateAsync("Public", anna);

        var body = new
        {
            Type = "Public",
            Name = "Hiking",
            Owner_Account = anna,
            MemberList = new[] { new { Member_Account = ben } },
            AppDefinedData = new[] { new { Key = "Region", Value = "alps" } },
        };
        var group = (await lab.DoAsync("create_group", body)).GetProperty("GroupId").GetString()!;
        var other = await lab.DoAsync("create_group", new { Type = "ChatRoom", Name = "Own" }, anna);

        var before = lab.Receiver.Of(Hooks + "BeforeCreateGroup");
        GroupCallbackLab.AssertIs(before[1], new JsonObject
        {
            ["Operator_Account"] = "administrator",
            ["Owner_Account"] = anna,
            ["Type"] = "Public",
            ["Name"] = "Hiking",
            ["CreatedNum"] = 1,
            ["CreateGroupNum"] = 1,
            ["MemberList"] = GroupCallbackLab.Members(ben),
        });
        Assert.Equal((anna, "0", "RESTAPI", "Unknown"), (before[2].Text("Operator_Account"), before[2].Fields["CreatedNum"], before[1].Query["OptPlatform"], before[2].Query["OptPlatform"]));
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, Hooks + "AfterCreateGroup"), new JsonObject
        {
            ["GroupId"] = group,
            ["Operator_Account"] = "administrator",
            ["Owner_Account"] = anna,
            ["Type"] = "Public",
            ["Name"] = "Hiking",
            ["MemberList"] = GroupCallbackLab.Members(ben),
            ["UserDefinedDataList"] = new JsonArray(new JsonObject { ["Key"] = "Region", ["Value"] = "alps" }),
        });
        Assert.False((await lab.OnlyAsync(other.GetProperty("GroupId").GetString()!, Hooks + "AfterCreateGroup")).Body.TryGetProperty("UserDefinedDataList", out _));
        Assert.Empty(await lab.SentAsync(group, Hooks + "AfterNewMemberJoin"));
    }

    [Theory]
    [InlineData(1, 10016)]
    [InlineData(10150, 10150)]
    [InlineData(99999, 10016)]
    public async Task What_the_app_refuses_is_not_done(int answer, int code)
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo");
        var group = await lab.CreateAsync("ChatRoom", people[0]);
        lab.Receiver.Script = _ => CallbackReply.Json($$"""{"ActionStatus":"OK","ErrorCode":{{answer}},"ErrorInfo":"not today"}""");

        var created = await lab.CallAsync("create_group", new { Type = "Public", Name = "Hiking", GroupId = "refused-group" });
        Assert.Equal((code, code == answer), (created.GetProperty("ErrorCode").GetInt32(), created.GetProperty("ErrorInfo").GetString() == "not today"));
        Assert.Equal(code, await lab.CodeAsync("apply_join_group", new { GroupId = group }, people[1]));
        Assert.Equal(code, await lab.CodeAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = people[2] } } }));

        Assert.Equal(10010, await lab.CodeAsync("destroy_group", new { GroupId = "refused-group" }));
        var left = await lab.DoAsync("get_group_member_info", new { GroupId = group });
        Assert.Equal(1, left.GetProperty("MemberNum").GetInt32());
    }

    [Fact]
    public async Task Applying_asks_the_app_and_joining_is_told_and_so_is_a_full_group()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo", "dan");
        var (anna, ben, cleo, dan) = (people[0], people[1], people[2], people[3]);
        var created = await lab.DoAsync("create_group", new { Type = "ChatRoom", Name = "Small", Owner_Account = anna, MaxMemberCount = 3 });
        var group = created.GetProperty("GroupId").GetString()!;

        await lab.DoAsync("apply_join_group", new { GroupId = group }, ben);
        Assert.Empty(await lab.SentAsync(group, Hooks + "AfterGroupFull"));
        await lab.DoAsync("apply_join_group", new { GroupId = group }, cleo);
        Assert.Single(await lab.SentAsync(group, Hooks + "AfterGroupFull"));
        Assert.Equal(10014, await lab.CodeAsync("apply_join_group", new { GroupId = group }, dan));

        GroupCallbackLab.AssertIs(
            lab.Receiver.Of(Hooks + "BeforeApplyJoinGroup")[0], new JsonObject { ["GroupId"] = group, ["Type"] = "ChatRoom", ["Requestor_Account"] = ben });
        var joined = await lab.SentAsync(group, Hooks + "AfterNewMemberJoin");
        Assert.Equal(2, joined.Count);
        GroupCallbackLab.AssertIs(joined[0], new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "ChatRoom",
            ["JoinType"] = "Apply",
            ["Operator_Account"] = ben,
            ["NewMemberList"] = GroupCallbackLab.Members(ben),
        });
        var full = await lab.SentAsync(group, Hooks + "AfterGroupFull");
        Assert.Equal(2, full.Count);
        Assert.All(full, callback => GroupCallbackLab.AssertIs(callback, new JsonObject { ["GroupId"] = group }));
    }

    [Fact]
    public async Task An_application_that_is_granted_is_told_as_one()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben");
        var group = await lab.CreateAsync("Public", people[0]);
        await lab.DoAsync("apply_join_group", new { GroupId = group }, people[1]);
        Assert.Empty(await lab.SentAsync(group, Hooks + "AfterNewMemberJoin"));

        await lab.DoAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = people[1], HandleMsg = "Agree" }, people[0]);

        var joined = await lab.OnlyAsync(group, Hooks + "AfterNewMemberJoin");
        Assert.Equal(("Apply", people[1]), (joined.Text("JoinType"), joined.Text("Operator_Account")));
    }

    [Fact]
    public async Task Of_those_who_are_invited_the_app_may_refuse_some()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo");
        var (anna, ben, cleo) = (people[0], people[1], people[2]);
        var group = await lab.CreateAsync("Private", anna);
        lab.Receiver.Script = callback => callback.Command == Hooks + "BeforeInviteJoinGroup"
            ? CallbackReply.Json($$"""{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RefusedMembers_Account":["{{cleo}}"]}""")
            : CallbackReply.Ok;

        var answer = await lab.DoAsync(
            "add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = cleo }, new { Member_Account = ben }, new { Member_Account = anna } } }, anna);

        Assert.Equal([0, 1, 2], answer.GetProperty("MemberList").EnumerateArray().Select(member => member.GetProperty("Result").GetInt32()));
        GroupCallbackLab.AssertIs(Assert.Single(lab.Receiver.Of(Hooks + "BeforeInviteJoinGroup")), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Private",
            ["Operator_Account"] = anna,
            ["DestinationMembers"] = new JsonArray([.. new[] { cleo, ben, anna }.Select(account => new JsonObject { ["Member_Account"] = account })]),
        });
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, Hooks + "AfterNewMemberJoin"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Private",
            ["JoinType"] = "Invited",
            ["Operator_Account"] = anna,
            ["NewMemberList"] = GroupCallbackLab.Members(ben),
        });
    }

    [Theory]
    [InlineData("""{"ErrorCode":0,"RefusedMembers_Account":"ben"}""")]
    [InlineData("nonsense")]
    public async Task An_answer_to_an_invitation_that_cannot_be_read_is_a_failure(string answer)
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite, app => app with { CallbackFailurePolicy = CallbackFailurePolicy.Refuse });
        var people = await lab.ImportAsync("anna", "ben");
        lab.Receiver.Script = callback => callback.Command == Hooks + "BeforeInviteJoinGroup" ? CallbackReply.Json(answer) : CallbackReply.Ok;
        var group = await lab.CreateAsync("Private", people[0]);

        var code = await lab.CodeAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = people[1] } } }, people[0]);

        Assert.Equal(10016, code);
        Assert.Equal(1, (await lab.DoAsync("get_group_member_info", new { GroupId = group })).GetProperty("MemberNum").GetInt32());
    }

    [Fact]
    public async Task Leaving_and_being_removed_are_told_apart()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo", "dan");
        var (anna, ben, cleo, dan) = (people[0], people[1], people[2], people[3]);
        var group = await lab.CreateAsync("Public", anna, ben, cleo, dan);

        await lab.DoAsync("quit_group", new { GroupId = group }, ben);
        await lab.DoAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { cleo, dan, ben } });

        var exits = await lab.SentAsync(group, Hooks + "AfterMemberExit");
        Assert.Equal(2, exits.Count);
        GroupCallbackLab.AssertIs(exits[0], new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["ExitType"] = "Quit",
            ["Operator_Account"] = ben,
            ["ExitMemberList"] = GroupCallbackLab.Members(ben),
        });
        GroupCallbackLab.AssertIs(exits[1], new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["ExitType"] = "Kicked",
            ["Operator_Account"] = "administrator",
            ["ExitMemberList"] = GroupCallbackLab.Members(cleo, dan),
        });
    }

    [Fact]
    public async Task A_dismissal_is_told_once_with_all_members_also_when_the_sweep_must_finish_it()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo");
        var group = await lab.CreateAsync("Public", people[0], people[1], people[2]);
        var key = new GroupKey(lab.Lab.App.SdkAppId, group);

        await lab.DoAsync("destroy_group", new { GroupId = group });
        await lab.Instance.Get<GroupDismissal>().FinishAsync(key, Stop);

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, Hooks + "AfterGroupDestroyed"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["Owner_Account"] = people[0],
            ["Name"] = "Hiking",
            ["MemberList"] = GroupCallbackLab.Members(people),
        });
    }

    [Fact]
    public async Task A_changed_profile_is_told_with_what_has_changed_and_a_changed_setting_is_not()
    {
        await using var lab = await GroupCallbackLab.StartAsync(
            azurite, app => app with { GroupFields = [new("Region", [], GroupRole.NotMember, GroupRole.Member)] });
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("Public", anna);

        await lab.DoAsync("modify_group_base_info", new { GroupId = group, Notification = "Meet 8:00", Name = "Hiking", FaceUrl = "http://f" }, anna);
        await lab.DoAsync("modify_group_base_info", new { GroupId = group, ApplyJoinOption = "FreeAccess" }, anna);
        await lab.DoAsync("modify_group_base_info", new { GroupId = group, Introduction = "Up", AppDefinedData = new[] { new { Key = "Region", Value = "alps" } } });

        var changes = await lab.SentAsync(group, Hooks + "AfterGroupInfoChanged");
        Assert.Equal(2, changes.Count);
        GroupCallbackLab.AssertIs(
            changes[0], new JsonObject { ["GroupId"] = group, ["Type"] = "Public", ["Operator_Account"] = anna, ["Notification"] = "Meet 8:00", ["FaceUrl"] = "http://f" });
        GroupCallbackLab.AssertIs(changes[1], new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["Operator_Account"] = "administrator",
            ["Introduction"] = "Up",
            ["UserDefinedDataList"] = new JsonArray(new JsonObject { ["Key"] = "Region", ["Value"] = "alps" }),
        });
    }

    [Fact]
    public async Task A_new_owner_and_a_changed_member_are_told()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben", "cleo");
        var (anna, ben, cleo) = (people[0], people[1], people[2]);
        var group = await lab.CreateAsync("Public", anna, ben, cleo);

        await lab.DoAsync("change_group_owner", new { GroupId = group, NewOwner_Account = ben }, anna);
        await lab.DoAsync("change_group_owner", new { GroupId = group, NewOwner_Account = ben });
        await lab.DoAsync("modify_group_member_info", new { GroupId = group, Member_Account = cleo, Role = "Admin", NameCard = "Cleo" }, ben);
        await lab.DoAsync("modify_group_member_info", new { GroupId = group, Member_Account = cleo, MsgFlag = "Discard" }, cleo);

        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, Hooks + "AfterChangeGroupOwner"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["Operator_Account"] = anna,
            ["OldOwner_Account"] = anna,
            ["NewOwner_Account"] = ben,
        });
        GroupCallbackLab.AssertIs(await lab.OnlyAsync(group, Hooks + "AfterMemberFieldChanged"), new JsonObject
        {
            ["GroupId"] = group,
            ["Type"] = "Public",
            ["Operator_Account"] = ben,
            ["Member_Account"] = cleo,
            ["Role"] = "Admin",
            ["NameCard"] = "Cleo",
        });
    }

    [Fact]
    public async Task Attributes_are_told_as_they_were_changed()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var anna = (await lab.ImportAsync("anna"))[0];
        var group = await lab.CreateAsync("ChatRoom", anna);
        object Attributes(params (string, string)[] pairs) => new { GroupId = group, GroupAttr = pairs.Select(pair => new { key = pair.Item1, value = pair.Item2 }) };

        await lab.DoAsync("set_group_attr", Attributes(("mic1", "ben"), ("mic2", "cleo")), anna);
        await lab.DoAsync("modify_group_attr", Attributes(("mic1", "dan")));
        await lab.DoAsync("delete_group_attr", new { GroupId = group, GroupAttr = new[] { new { key = "mic2" } } }, anna);
        await lab.DoAsync("clear_group_attr", new { GroupId = group }, anna);

        JsonObject Pair(string key, string? value) => value is null ? new JsonObject { ["key"] = key } : new JsonObject { ["key"] = key, ["value"] = value };
        JsonObject Expected(string type, string by, params JsonNode[] pairs) => new()
        {
            ["GroupId"] = group,
            ["Type"] = "ChatRoom",
            ["Operator_Account"] = by,
            ["OptionType"] = type,
            ["GroupAttr"] = new JsonArray(pairs),
        };
        var told = await lab.SentAsync(group, Hooks + "AfterGroupAttrChanged");
        Assert.Equal(4, told.Count);
        GroupCallbackLab.AssertIs(told[0], Expected("set", anna, Pair("mic1", "ben"), Pair("mic2", "cleo")));
        GroupCallbackLab.AssertIs(told[1], Expected("modify", "administrator", Pair("mic1", "dan")));
        GroupCallbackLab.AssertIs(told[2], Expected("delete", anna, Pair("mic2", null)));
        GroupCallbackLab.AssertIs(told[3], Expected("clear", anna));
    }

    [Fact]
    public async Task The_app_is_warned_once_a_day_when_most_of_its_new_groups_are_used_up()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite, app => app with { MaxNewGroupsADay = 10 });
        for (var n = 0; n < 7; n++)
        {
            await lab.CreateAsync("ChatRoom", null);
        }

        await lab.Lab.DrainAsync();
        Assert.Empty(lab.Receiver.Of(Hooks + "OnDailyGroupQuotaAlarm"));
        await lab.CreateAsync("ChatRoom", null);
        await lab.CreateAsync("ChatRoom", null);

        await Eventually.HoldsAsync(async () =>
        {
            await lab.Lab.DrainAsync();
            return lab.Receiver.Of(Hooks + "OnDailyGroupQuotaAlarm").Count > 0;
        });
        GroupCallbackLab.AssertIs(Assert.Single(lab.Receiver.Of(Hooks + "OnDailyGroupQuotaAlarm")), new JsonObject { ["QuotaUsed"] = 8, ["Quota"] = 10 });
    }

    [Fact]
    public async Task Imports_tell_nothing_and_neither_does_an_app_that_has_switched_nothing_on()
    {
        await using var lab = await GroupCallbackLab.StartAsync(azurite);
        var people = await lab.ImportAsync("anna", "ben");
        var group = (await lab.DoAsync("import_group", new { Type = "Public", Name = "Old", Owner_Account = people[0], CreateTime = 1_500_000_000 }))
            .GetProperty("GroupId").GetString()!;
        await lab.DoAsync("import_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = people[1] } } });
        await lab.DoAsync("set_app_settings", new { CallbackCommands = Array.Empty<string>() }, service: "openconfigsvr");
        var quiet = await lab.CreateAsync("Public", people[0]);
        await lab.DoAsync("destroy_group", new { GroupId = quiet });

        await lab.DrainAsync(group);
        await lab.DrainAsync(quiet);

        Assert.Empty(lab.Receiver.Received);
    }
}
