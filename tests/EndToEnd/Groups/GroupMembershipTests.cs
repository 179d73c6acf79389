using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Adding and removing members, and the end of a group.</summary>
public sealed class GroupMembershipTests(LocalEnvironmentFixture fixture)
{
    private const int Dismissed = 5;

    [Fact]
    public async Task Each_account_has_its_result_and_those_in_too_many_groups_fail_alone()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { MaxGroupsOfAccount = 1 });
        await app.ImportAsync("anna", "ben", "cleo");
        var group = await app.CreateGroupAsync("Public", "anna");
        await app.CreateGroupAsync("Public", "ben");

        var answer = await app.CallOkAsync(GroupCalls.Service, "add_group_member", Add(group, "ben", "cleo", "anna", "cleo"));

        Assert.Equal([("ben", 0), ("cleo", 1), ("anna", 2), ("cleo", 1)], answer.GetProperty("MemberList").EnumerateArray().Select(item =>
            (item.GetProperty("Member_Account").GetString()!, item.GetProperty("Result").GetInt32())));
        Assert.Equal(10037, await app.GroupCodeAsync("add_group_member", Add(group, "ben")));
    }

    [Fact]
    public async Task Additions_that_are_wrong_have_their_codes_and_add_nobody()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var stranger = cast["stranger"];

        Assert.Equal(10004, await environment.GroupCodeAsync("add_group_member", new { GroupId = group }));
        Assert.Equal(10004, await environment.GroupCodeAsync("add_group_member", new { GroupId = group, MemberList = Array.Empty<string>() }));
        Assert.Equal(10004, await environment.GroupCodeAsync("add_group_member", new { GroupId = group, MemberList = new[] { "x" } }));
        Assert.Equal(10004, await environment.GroupCodeAsync("add_group_member", new { GroupId = group, Silence = 2, MemberList = new[] { new { Member_Account = stranger } } }));
        Assert.Equal(10005, await environment.GroupCodeAsync("add_group_member", Add(group, [.. Enumerable.Range(0, 501).Select(i => $"n{i}")])));
        Assert.Equal(10015, await environment.GroupCodeAsync("add_group_member", Add("ü", stranger)));
        Assert.Equal(10019, await environment.GroupCodeAsync("add_group_member", Add(group, stranger, "nobody at all")));

        // What is wrong with the group or the caller is told before what is wrong with the accounts.
        Assert.Equal(10010, await environment.GroupCodeAsync("add_group_member", Add("no-such-group", "nobody at all")));
        Assert.Equal(10007, await environment.GroupCodeAsync("add_group_member", Add(group, "nobody at all"), cast["member"]));
        Assert.Equal(10010, await environment.GroupCodeAsync(
            "modify_admin", new { GroupId = "no-such-group", CommandType = 1, Admin_Account = new[] { "nobody at all" } }, service: LiveRoomCalls.RoomService));
        Assert.Equal(3, await CountAsync(environment, group));
    }

    [Fact]
    public async Task A_group_takes_no_more_than_its_limit_and_members_that_are_named_again_take_no_room()
    {
        var environment = await fixture.StartedAsync();
        var crowd = Enumerable.Range(0, 100).Select(_ => environment.NewAccount("limit")).ToArray();
        await environment.Api.ImportAsync(crowd);
        var group = (await environment.GroupAsync("create_group", new { Type = "Public", Name = "x", MaxMemberCount = 99 })).GetProperty("GroupId").GetString()!;
        await environment.GroupAsync("add_group_member", Add(group, crowd[..95]));

        Assert.Equal(10014, await environment.GroupCodeAsync("add_group_member", Add(group, crowd)));
        Assert.Equal(95, await CountAsync(environment, group));

        // The four new ones come first, so that the others are not known yet when they are added.
        var again = await environment.GroupAsync("add_group_member", Add(group, [.. crowd[95..99], .. crowd[..95]]));
        Assert.Equal([.. Enumerable.Repeat(1, 4), .. Enumerable.Repeat(2, 95)], again.GetProperty("MemberList").EnumerateArray().Select(item => item.GetProperty("Result").GetInt32()));
        Assert.Equal(99, await CountAsync(environment, group));
        Assert.Equal(10014, await environment.GroupCodeAsync("add_group_member", Add(group, crowd[99])));
        Assert.Equal(0, await environment.GroupCodeAsync("add_group_member", Add(group, crowd[..99])));
    }

    [Fact]
    public async Task With_Silence_nobody_hears_but_those_who_are_removed()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var (owner, dan) = (cast["owner"], cast["stranger"]);
        await using var owners = await environment.ConnectAsync(owner);
        await using var dans = await environment.ConnectAsync(dan);

        await environment.GroupAsync("add_group_member", new { GroupId = group, Silence = 1, MemberList = new[] { new { Member_Account = dan } } });
        await environment.SendGroupTextAsync(group, owner, "in", 1);
        await dans.WaitForAsync(told => told.IsGroupText(group));
        await environment.GroupAsync("delete_group_member", new { GroupId = group, Silence = 1, Reason = "bye", MemberToDel_Account = new[] { dan } });
        await environment.SendGroupTextAsync(group, owner, "out", 2);
        await owners.WaitForCountAsync(2, told => told.IsGroupText(group));
        var notice = await dans.WaitForAsync(told => Messages.TypeOf(told) == "GroupSystem");

        Assert.DoesNotContain(owners.Events, told => told.TryGetProperty("IsSystemMsg", out _));
        Assert.Equal((4, "bye"), (notice.GetProperty("Content").GetProperty("NoticeType").GetInt32(), notice.GetProperty("Content").GetProperty("Text").GetString()));
        Assert.Single(dans.Events, told => told.IsGroupText(group));
    }

    [Fact]
    public async Task Coming_and_going_is_told_in_the_log_where_the_type_says_so()
    {
        var environment = await fixture.StartedAsync();
        foreach (var (type, tips) in new[] { ("Public", (int[])[1, 3, 1, 2]), ("ChatRoom", []) })
        {
            var (group, cast) = await GroupCast.CreateAsync(environment, type);
            var dan = cast["stranger"];
            await environment.GroupAsync("add_group_member", Add(group, dan));
            await environment.GroupAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { dan } }, cast["admin"]);
            await environment.GroupAsync("add_group_member", Add(group, dan));
            await environment.GroupAsync("quit_group", new { GroupId = group }, dan);

            Assert.Equal(tips, (await environment.LogOfAsync(group, cast["owner"])).Select(entry => entry.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("OpType").GetInt32()));
        }
    }

    [Fact]
    public async Task Removals_that_are_wrong_have_their_codes_and_remove_nobody_however_many_are_named()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var crowd = Enumerable.Range(0, 100).Select(_ => environment.NewAccount("crowd")).ToArray();
        await environment.Api.ImportAsync(crowd);
        await environment.GroupAsync("add_group_member", Add(group, crowd));

        Assert.Equal(10004, await environment.GroupCodeAsync("delete_group_member", new { GroupId = group }));
        Assert.Equal(10004, await environment.GroupCodeAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = Array.Empty<string>() }));
        Assert.Equal(10005, await environment.GroupCodeAsync("delete_group_member", Remove(group, [.. Enumerable.Range(0, 501).Select(i => $"n{i}")])));
        Assert.Equal(10010, await environment.GroupCodeAsync("delete_group_member", Remove("no-such-group", crowd[0])));
        Assert.Equal(10007, await environment.GroupCodeAsync("delete_group_member", Remove(group, crowd[0]), cast["member"]));
        Assert.Equal(10007, await environment.GroupCodeAsync("delete_group_member", Remove(group, [.. crowd, cast["owner"]]), cast["admin"]));
        Assert.Equal(103, await CountAsync(environment, group));

        await environment.GroupAsync("delete_group_member", Remove(group, [.. crowd, "nobody at all", cast["stranger"], crowd[0]]), cast["admin"]);
        Assert.Equal(3, await CountAsync(environment, group));
        await environment.GroupAsync("delete_group_member", Remove(group, crowd[0]));
    }

    [Fact]
    public async Task Members_of_a_dismissed_group_get_a_notice_also_those_who_were_away()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        await environment.GroupAsync("destroy_group", new { GroupId = group }, cast["owner"]);

        foreach (var role in new[] { "owner", "admin", "member" })
        {
            var told = (await environment.Api.CallOkAsync("openim", "get_events", new { AfterSeq = 0 }, cast[role])).GetProperty("Events").EnumerateArray()
                .Where(entry => Messages.TypeOf(entry) == "GroupSystem").Select(entry => entry.GetProperty("Content")).ToList();
            var notice = Assert.Single(told, content => content.GetProperty("NoticeType").GetInt32() == Dismissed);
            Assert.Equal((group, cast["owner"]), (notice.GetProperty("GroupId").GetString(), notice.GetProperty("Operator_Account").GetString()));
        }
    }

    [Fact]
    public async Task Nobody_but_its_owner_hears_of_the_end_of_a_group_that_was_never_active()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Private");
        await environment.GroupAsync("destroy_group", new { GroupId = group });

        Assert.Equal(1, await NoticesAsync("owner"));
        Assert.Equal(0, await NoticesAsync("member"));

        async Task<int> NoticesAsync(string role) => (await environment.Api.CallOkAsync("openim", "get_events", new { AfterSeq = 0 }, cast[role])).GetProperty("Events").EnumerateArray()
            .Count(entry => Messages.TypeOf(entry) == "GroupSystem" && entry.GetProperty("Content").GetProperty("NoticeType").GetInt32() == Dismissed);
    }

    private static object Add(string group, params string[] accounts) => new { GroupId = group, MemberList = accounts.Select(account => new { Member_Account = account }) };

    private static object Remove(string group, params string[] accounts) => new { GroupId = group, MemberToDel_Account = accounts };

    private static async Task<int> CountAsync(LocalEnvironment environment, string group) =>
        (await environment.GroupAsync("get_group_member_info", new { GroupId = group, Limit = 1 })).GetProperty("MemberNum").GetInt32();
}
