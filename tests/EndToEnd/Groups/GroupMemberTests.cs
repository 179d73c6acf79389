using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupMemberTests(LocalEnvironmentFixture fixture)
{
    /// <summary>Type, who changes, whom, what, code.</summary>
    public static TheoryData<string, string, string, string, int> Rights => new()
    {
        { "Public", "owner", "member", "\"Role\":\"Admin\"", 0 }, { "Public", "admin", "member", "\"Role\":\"Admin\"", 10007 }, { "Public", "member", "member", "\"Role\":\"Admin\"", 10007 },
        { "Public", "administrator", "admin", "\"Role\":\"Member\"", 0 }, { "Public", "administrator", "owner", "\"Role\":\"Member\"", 10007 },
        { "Private", "administrator", "member", "\"Role\":\"Admin\"", 10007 }, { "ChatRoom", "owner", "admin", "\"Role\":\"Member\"", 0 },
        { "Public", "member", "member", "\"NameCard\":\"Me\"", 0 }, { "Public", "member", "admin", "\"NameCard\":\"You\"", 10007 }, { "Public", "admin", "member", "\"NameCard\":\"You\"", 0 },
        { "Private", "owner", "member", "\"NameCard\":\"You\"", 0 }, { "Public", "stranger", "member", "\"NameCard\":\"You\"", 10007 },
        { "Public", "member", "member", "\"MsgFlag\":\"Discard\"", 0 }, { "Public", "owner", "member", "\"MsgFlag\":\"Discard\"", 10007 }, { "Public", "administrator", "member", "\"MsgFlag\":\"Discard\"", 0 },
        { "Public", "admin", "member", "\"ShutUpTime\":60", 0 }, { "Public", "admin", "owner", "\"MuteTime\":60", 10007 }, { "Public", "member", "member", "\"MuteTime\":0", 10007 },
        { "Private", "owner", "member", "\"MuteTime\":60", 10007 }, { "AVChatRoom", "owner", "stranger", "\"NameCard\":\"You\"", 10007 }, { "BChatRoom", "administrator", "stranger", "\"NameCard\":\"You\"", 10007 },
        { "Public", "administrator", "stranger", "\"NameCard\":\"You\"", 10004 }, { "Public", "administrator", "member", "\"Role\":\"Owner\"", 10004 },
        { "Public", "administrator", "member", "\"MsgFlag\":\"Sometimes\"", 10004 }, { "Public", "administrator", "member", "\"NameCard\":\"0123456789012345678901234567890123456789012345678901\"", 10004 },
        { "Public", "administrator", "member", "\"AppMemberDefinedData\":[{\"Key\":\"Undeclared\",\"Value\":\"1\"}]", 10004 }, { "Public", "administrator", "member", "\"MuteTime\":-1", 10004 },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task Who_may_change_what_of_whom(string type, string who, string whom, string what, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);
        var before = await MembersAsync(environment, group, type);

        Assert.Equal(code, await environment.GroupCodeAsync("modify_group_member_info", $$"""{"GroupId":"{{group}}","Member_Account":"{{cast[whom]}}",{{what}}}""", cast[who]));
        Assert.Equal(code != 0, before == await MembersAsync(environment, group, type));
    }

    [Fact]
    public async Task All_of_a_change_is_done_or_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var member = cast["member"];

        Assert.Equal(10007, await environment.GroupCodeAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, NameCard = "Me", Role = "Admin" }, member));
        Assert.Equal("", (await GroupCast.FieldOfAsync(environment, group, member, "NameCard"))!.Value.GetString());
        await environment.GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, NameCard = "Cleo", Role = "Admin", ShutUpTime = 600 });

        Assert.Equal("Cleo", (await GroupCast.FieldOfAsync(environment, group, member, "NameCard"))!.Value.GetString());
        Assert.Equal("Admin", (await GroupCast.FieldOfAsync(environment, group, member, "Role"))!.Value.GetString());
        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "hush"), member));
        await environment.GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, MuteTime = 0 });
        await environment.SendGroupTextAsync(group, null, "again", identifier: member);
    }

    [Fact]
    public async Task Members_hear_of_a_role_and_the_account_gets_a_notice()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var (member, owner) = (cast["member"], cast["owner"]);
        await using var client = await environment.ConnectAsync(member);

        foreach (var role in new[] { "Admin", "Admin", "Member" })
        {
            await environment.GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, Role = role }, owner);
        }

        var tips = await client.WaitForCountAsync(2, told => Messages.TypeOf(told) == "GroupMessage" && told.TryGetProperty("IsSystemMsg", out _));
        var changes = await client.WaitForCountAsync(2, told => Messages.TypeOf(told) == "GroupMembers");
        var notices = await client.WaitForCountAsync(2, told => Messages.TypeOf(told) == "GroupSystem" && told.GetRawText().Contains(group, StringComparison.Ordinal));
        Assert.Equal([4, 5], tips.Select(tip => tip.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("OpType").GetInt32()));
        Assert.Equal(["Admin", "Member"], changes.Select(change => change.GetProperty("Content").GetProperty("MemberList")[0].GetProperty("Role").GetString()));
        Assert.Equal([1L, 2L], changes.Select(change => change.GetProperty("Seq").GetInt64()));
        Assert.Equal(2, notices.Count);
    }

    [Fact]
    public async Task One_who_discards_hears_nothing_and_later_counts_nothing_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var (member, owner) = (cast["member"], cast["owner"]);
        await using var client = await environment.ConnectAsync(member);
        await environment.SendGroupTextAsync(group, owner, "heard", 1);
        await client.WaitForAsync(told => told.IsGroupText(group));

        await environment.GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, MsgFlag = "Discard" }, member);
        var own = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupMembers");
        await environment.SendGroupTextAsync(group, owner, "not heard", 2);
        Assert.Equal(0, await UnreadAsync());
        await environment.GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = member, MsgFlag = "AcceptNotNotify" }, member);
        await environment.SendGroupTextAsync(group, owner, "heard again", 3);
        var heard = await client.WaitForCountAsync(2, told => told.IsGroupText(group));

        Assert.Equal("Discard", own.GetProperty("Content").GetProperty("MemberList")[0].GetProperty("MsgFlag").GetString());
        Assert.Equal(["heard", "heard again"], heard.Select(Messages.TextOf));
        Assert.Equal(1, await UnreadAsync());

        async Task<int> UnreadAsync() => (await environment.GroupAsync("get_joined_group_list", new
        {
            Member_Account = member,
            ResponseFilter = new { SelfInfoFilter = new[] { "UnreadMsgNum" } },
        })).GetProperty("GroupIdList")[0].GetProperty("SelfInfo").GetProperty("UnreadMsgNum").GetInt32();
    }

    [Fact]
    public async Task Concurrent_changes_of_roles_and_owner_leave_exactly_one_owner()
    {
        var environment = await fixture.StartedAsync();
        var accounts = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            accounts.Add(await environment.ImportAsync("heir"));
        }

        var group = await environment.CreateGroupAsync("Public", accounts[0], [.. accounts.Skip(1)]);
        var changes = Enumerable.Range(0, 60).Select(i => i % 2 == 0
            ? environment.GroupCodeAsync("change_group_owner", new { GroupId = group, NewOwner_Account = accounts[i / 2 % 5] })
            : environment.GroupCodeAsync("modify_group_member_info", new { GroupId = group, Member_Account = accounts[i / 2 % 5], Role = i % 4 == 1 ? "Admin" : "Member" }));
        var codes = await Task.WhenAll(changes);

        Assert.All(codes, code => Assert.Contains(code, new[] { 0, 10007 }));
        var shown = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];
        var owners = shown.GetProperty("MemberList").EnumerateArray().Where(member => member.GetProperty("Role").GetString() == "Owner").Select(member => member.GetProperty("Member_Account").GetString());
        Assert.Equal([shown.GetProperty("Owner_Account").GetString()], owners);
        Assert.Equal(5, shown.GetProperty("MemberNum").GetInt32());
    }

    [Fact]
    public async Task Custom_fields_of_members_are_seen_and_written_by_whom_the_app_allows()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with
        {
            GroupMemberFields = [new("Level", [], GroupRole.Member, GroupRole.Admin), new("Mood", [], GroupRole.Admin, GroupRole.Owner, WriteOwn: true)],
        });
        await api.ImportAsync("anna", "ben", "cleo");
        var group = (await api.CallOkAsync(GroupCalls.Service, "create_group", new
        {
            Type = "Public",
            Name = "Hiking",
            Owner_Account = "anna",
            MemberList = new[] { new { Member_Account = "ben", Role = "Admin" }, new { Member_Account = "cleo", Role = "" } },
        })).GetProperty("GroupId").GetString();

        Assert.Equal(0, await ChangeAsync("ben", "cleo", "Level", "7"));
        Assert.Equal(0, await ChangeAsync("cleo", "cleo", "Mood", "fine"));
        Assert.Equal(10007, await ChangeAsync("cleo", "cleo", "Level", "8"));
        Assert.Equal(10007, await ChangeAsync("ben", "cleo", "Mood", "bad"));
        Assert.Equal(10004, await ChangeAsync("administrator", "cleo", "Mood", new string('x', 65)));
        Assert.Equal("Level=7;Mood=fine", await ShownAsync("administrator"));
        Assert.Equal("Level=7;Mood=fine", await ShownAsync("cleo"));
        Assert.Equal("Level=7;Mood=fine", await ShownAsync("ben"));
        Assert.Equal("Level=7", await ShownAsync("ben", ["Level"]));
        Assert.Equal(0, await ChangeAsync("administrator", "ben", "Mood", "secret"));
        Assert.Equal("", await ShownAsync("cleo", null, "ben"));

        async Task<int> ChangeAsync(string who, string whom, string key, string value) => (await api.CallAsync(
            GroupCalls.Service, "modify_group_member_info", new { GroupId = group, Member_Account = whom, AppMemberDefinedData = new[] { new { Key = key, Value = value } } }, who))
            .GetProperty("ErrorCode").GetInt32();

        async Task<string> ShownAsync(string who, string[]? keys = null, string whom = "cleo")
        {
            object body = keys is null
                ? new { GroupId = group, Member_List_Account = new[] { whom } }
                : new { GroupId = group, Member_List_Account = new[] { whom }, MemberInfoFilter = new[] { "Role" }, AppDefinedDataFilter_GroupMember = keys };
            var data = (await api.CallOkAsync(GroupCalls.Service, "get_specified_group_member_info", body, who)).GetProperty("MemberList")[0].GetProperty("AppMemberDefinedData");
            return string.Join(';', data.EnumerateArray().Select(field => $"{field.GetProperty("Key").GetString()}={field.GetProperty("Value").GetString()}"));
        }
    }

    private static async Task<string> MembersAsync(LocalEnvironment environment, string group, string type) => type is "AVChatRoom" or "BChatRoom"
        ? ""
        : (await environment.GroupAsync("get_group_member_info", new { GroupId = group })).GetProperty("MemberList").GetRawText();
}
