using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupMemberListTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Pages_by_Next_or_Offset_have_everybody_once_whatever_their_size()
    {
        var environment = await fixture.StartedAsync();
        var names = Enumerable.Range(0, 23).Select(_ => environment.NewAccount("page")).Append("ünal /#1").ToArray();
        await environment.Api.ImportAsync(names);
        var group = await environment.CreateGroupAsync("Public", null, names);
        var (byNext, byOffset, next) = (new List<string>(), new List<string>(), "");

        do
        {
            var page = await environment.GroupAsync("get_group_member_info", new { GroupId = group, Limit = 5, Next = next });
            Assert.Equal(24, page.GetProperty("MemberNum").GetInt32());
            Assert.InRange(page.GetProperty("MemberList").GetArrayLength(), 1, 5);
            byNext.AddRange(Names(page));
            next = page.GetProperty("Next").GetString()!;
        }
        while (next.Length > 0);
        for (var offset = 0; offset < 24; offset += 7)
        {
            byOffset.AddRange(Names(await environment.GroupAsync("get_group_member_info", new { GroupId = group, Limit = 7, Offset = offset })));
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), byNext.Order(StringComparer.Ordinal));
        Assert.Equal(byNext, byOffset);
        Assert.Equal(byNext, Names(await environment.GroupAsync("get_group_member_info", new { GroupId = group })));
        Assert.Empty(Names(await environment.GroupAsync("get_group_member_info", new { GroupId = group, Offset = 24 })));
    }

    [Theory]
    [InlineData("ShutUpUntil")]
    [InlineData("MuteUntil")]
    public async Task Filters_choose_fields_and_roles_and_do_not_change_the_number(string until)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");

        var answer = await environment.GroupAsync("get_group_member_info", new
        {
            GroupId = group,
            MemberInfoFilter = new[] { "Account", "Role", "NameCard", until },
            MemberRoleFilter = new[] { "Owner", "Admin" },
            Limit = 1,
            Offset = 1,
        });
        var all = await environment.GroupAsync("get_group_member_info", new { GroupId = group, MemberRoleFilter = new[] { "Owner", "Admin" } });

        Assert.Equal(3, answer.GetProperty("MemberNum").GetInt32());
        Assert.Equal(
            new[] { "Member_Account", "NameCard", "Role", until }.Order(StringComparer.Ordinal),
            answer.GetProperty("MemberList")[0].EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(new[] { cast["owner"], cast["admin"] }.Order(StringComparer.Ordinal), Names(all).Order(StringComparer.Ordinal));
        Assert.Equal(Names(all).Skip(1), Names(answer));
    }

    [Fact]
    public async Task What_members_receive_and_have_read_is_their_own_business()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");

        var members = (await environment.GroupAsync("get_group_member_info", new { GroupId = group }, cast["admin"])).GetProperty("MemberList").EnumerateArray();

        Assert.All(members, member => Assert.Equal(member.GetProperty("Member_Account").GetString() == cast["admin"], member.TryGetProperty("MsgFlag", out _)));
        Assert.All(members, member => Assert.Equal(member.GetProperty("Member_Account").GetString() == cast["admin"], member.TryGetProperty("MsgSeq", out _)));
    }

    [Fact]
    public async Task Named_members_are_shown_with_their_online_status_and_others_left_out()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "ChatRoom");
        await using var client = await environment.ConnectAsync(cast["member"]);

        var shown = await environment.GroupAsync("get_specified_group_member_info", new
        {
            GroupId = group,
            Member_List_Account = new[] { cast["stranger"], cast["member"], cast["owner"] },
            MemberInfoFilter = new[] { "Role", "OnlineStatus" },
        });
        var admins = await environment.GroupAsync("get_specified_group_member_info", new
        {
            GroupId = group,
            Member_List_Account = new[] { cast["member"], cast["admin"] },
            MemberRoleFilter = new[] { "Admin" },
        });

        Assert.Equal(group, shown.GetProperty("GroupId").GetString());
        Assert.Equal(
            [$"{cast["member"]} Member Online", $"{cast["owner"]} Owner Offline"],
            shown.GetProperty("MemberList").EnumerateArray().Select(item => $"{item.GetProperty("Member_Account")} {item.GetProperty("Role")} {item.GetProperty("OnlineStatus")}"));
        Assert.Equal([cast["admin"]], Names(admins));
        Assert.False(admins.GetProperty("MemberList")[0].TryGetProperty("OnlineStatus", out _));
        Assert.Equal(10005, await environment.GroupCodeAsync(
            "get_specified_group_member_info", new { GroupId = group, Member_List_Account = Enumerable.Range(0, 51).Select(i => $"n{i}") }));
    }

    [Fact]
    public async Task Roles_are_told_in_the_order_of_the_request()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var asked = new[] { cast["stranger"], cast["owner"], "nobody at all", cast["admin"], cast["member"] };

        var roles = (await environment.GroupAsync("get_role_in_group", new { GroupId = group, User_Account = asked })).GetProperty("UserIdList").EnumerateArray();

        Assert.Equal(asked, roles.Select(role => role.GetProperty("Member_Account").GetString()));
        Assert.Equal(["NotMember", "Owner", "NotMember", "Admin", "Member"], roles.Select(role => role.GetProperty("Role").GetString()));
        Assert.Equal(10005, await environment.GroupCodeAsync("get_role_in_group", new { GroupId = group, User_Account = Enumerable.Range(0, 501).Select(i => $"n{i}") }));
    }

    [Theory]
    [InlineData("Private", "member", 0)]
    [InlineData("Public", "administrator", 0)]
    [InlineData("Public", "stranger", 10007)]
    [InlineData("AVChatRoom", "administrator", 10007)]
    [InlineData("BChatRoom", "administrator", 10007)]
    [InlineData("Community", "member", 0)]
    public async Task Who_may_see_members(string type, string who, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);

        Assert.Equal(code, await environment.GroupCodeAsync("get_group_member_info", new { GroupId = group }, cast[who]));
        Assert.Equal(code, await environment.GroupCodeAsync("get_specified_group_member_info", new { GroupId = group, Member_List_Account = new[] { cast["owner"] } }, cast[who]));
        Assert.Equal(code, await environment.GroupCodeAsync("get_role_in_group", new { GroupId = group, User_Account = new[] { cast["owner"] } }, cast[who]));
    }

    [Theory]
    [InlineData("get_group_member_info", """{}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"@TGS#NOPE"}""", 10010)]
    [InlineData("get_group_member_info", """{"GroupId":"not\u0001printable"}""", 10015)]
    [InlineData("get_group_member_info", """{"GroupId":"x","Limit":10001}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"x","Limit":-1}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"x","Offset":-1}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"x","Next":7}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"x","MemberRoleFilter":["Boss"]}""", 10004)]
    [InlineData("get_group_member_info", """{"GroupId":"x","MemberInfoFilter":"Role"}""", 10004)]
    [InlineData("get_specified_group_member_info", """{"GroupId":"x"}""", 10004)]
    [InlineData("get_specified_group_member_info", """{"GroupId":"x","Member_List_Account":[]}""", 10004)]
    [InlineData("get_specified_group_member_info", """{"GroupId":"@TGS#NOPE","Member_List_Account":["u"]}""", 10010)]
    [InlineData("get_role_in_group", """{"GroupId":"x"}""", 10004)]
    [InlineData("get_role_in_group", """{"GroupId":"x","User_Account":[1]}""", 10004)]
    [InlineData("get_role_in_group", """{"GroupId":"@TGS#NOPE","User_Account":["u"]}""", 10010)]
    public async Task Bad_questions_have_their_codes(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, await environment.GroupCodeAsync(command, body));
    }

    private static IEnumerable<string> Names(JsonElement answer) => answer.GetProperty("MemberList").EnumerateArray().Select(member => member.GetProperty("Member_Account").GetString()!);
}
