using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class JoinedGroupTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task The_list_has_the_groups_of_an_account_with_what_is_asked_for()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var open = await environment.CreateGroupAsync("Public", anna, ben);
        var room = await environment.CreateGroupAsync("ChatRoom", ben);
        await environment.SendGroupTextAsync(open, anna, "one", 1);
        await environment.SendGroupTextAsync(open, anna, "two", 2);

        var plain = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben }, ben);
        var full = await environment.GroupAsync("get_joined_group_list", new
        {
            Member_Account = ben,
            GroupType = "Public",
            ResponseFilter = new { GroupBaseInfoFilter = new[] { "Name", "NextMsgSeq", "MemberNum", "ShutUpAllMember" }, SelfInfoFilter = new[] { "Role", "MsgFlag", "MsgSeq", "UnreadMsgNum" } },
        });

        Assert.Equal(2, plain.GetProperty("TotalCount").GetInt32());
        Assert.Equal(new[] { open, room }.Order(StringComparer.Ordinal), Ids(plain).Order(StringComparer.Ordinal));
        Assert.All(plain.GetProperty("GroupIdList").EnumerateArray(), group => Assert.Equal(["GroupId"], group.EnumerateObject().Select(field => field.Name)));
        Assert.Equal(1, full.GetProperty("TotalCount").GetInt32());
        Assert.Equal(
            $$$"""[{"GroupId":"{{{open}}}","Name":"Hiking","NextMsgSeq":3,"MemberNum":2,"ShutUpAllMember":"Off","SelfInfo":{"Role":"Member","MsgSeq":0,"MsgFlag":"AcceptAndNotify","UnreadMsgNum":2}}]""",
            full.GetProperty("GroupIdList").GetRawText());
        Assert.Equal([room], Ids(await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, Type = "Meeting" })));
    }

    [Fact]
    public async Task The_oldest_membership_is_first_and_pages_have_the_count_of_all()
    {
        var environment = await fixture.StartedAsync();
        var ben = await environment.ImportAsync("ben");
        var start = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1000;
        var groups = new List<string>();
        foreach (var joined in new[] { 30, 10, 20 })
        {
            var group = environment.NewAccount("paged");
            await environment.GroupAsync("import_group", new { Type = "Public", Name = "Old", GroupId = group, CreateTime = start });
            await environment.GroupAsync("import_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben, JoinTime = start + joined } } });
            groups.Add(group);
        }

        var first = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, Limit = 2 });
        var second = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, Limit = 2, Offset = 2 });

        Assert.Equal([groups[1], groups[2]], Ids(first));
        Assert.Equal([groups[0]], Ids(second));
        Assert.Equal((3, 3), (first.GetProperty("TotalCount").GetInt32(), second.GetProperty("TotalCount").GetInt32()));
    }

    [Fact]
    public async Task A_private_group_is_seen_by_others_than_its_owner_once_somebody_has_written()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Private", anna, ben);

        var before = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben });
        var all = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, WithNoActiveGroups = 1 });
        var owners = await environment.GroupAsync("get_joined_group_list", new { Member_Account = anna });
        await environment.SendGroupTextAsync(group, anna, "hello");
        var after = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben });

        Assert.Equal((0, 1, 1, 1), (Count(before), Count(all), Count(owners), Count(after)));
        Assert.Equal([group], Ids(after));
    }

    [Fact]
    public async Task Groups_that_were_left_or_dismissed_are_gone_from_the_list()
    {
        var environment = await fixture.StartedAsync();
        var ben = await environment.ImportAsync("ben");
        var (left, dismissed, kept) = (await environment.CreateGroupAsync("Public", null, ben), await environment.CreateGroupAsync("Public", null, ben), await environment.CreateGroupAsync("Public", null, ben));

        await environment.GroupAsync("delete_group_member", new { GroupId = left, MemberToDel_Account = new[] { ben } });
        await environment.GroupAsync("destroy_group", new { GroupId = dismissed });

        Assert.Equal([kept], Ids(await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben })));
    }

    [Fact]
    public async Task AVChatRooms_that_the_account_is_in_are_listed_where_they_are_asked_for()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var (open, room, ended) = (await environment.CreateGroupAsync("Public", anna, ben), await environment.CreateGroupAsync("AVChatRoom", anna), await environment.CreateGroupAsync("AVChatRoom", anna));
        foreach (var entered in new[] { room, ended })
        {
            await environment.GroupAsync("apply_join_group", new { GroupId = entered }, ben);
        }

        await environment.GroupAsync("destroy_group", new { GroupId = ended });
        var filter = new { GroupBaseInfoFilter = new[] { "Type", "MemberNum" }, SelfInfoFilter = new[] { "Role", "JoinTime" } };
        var shown = await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, WithHugeGroups = 1, ResponseFilter = filter });

        Assert.Equal([open], Ids(await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben })));
        Assert.Equal(2, Count(shown));
        Assert.Equal([open, room], Ids(shown));
        var live = shown.GetProperty("GroupIdList")[1];
        Assert.Equal(("AVChatRoom", 1, "Member"), (live.GetProperty("Type").GetString(), live.GetProperty("MemberNum").GetInt32(), live.GetProperty("SelfInfo").GetProperty("Role").GetString()));
        Assert.InRange(live.GetProperty("SelfInfo").GetProperty("JoinTime").GetInt64(), 1_700_000_000, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
        Assert.Equal([room], Ids(await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, WithHugeGroups = 1, GroupType = "AVChatRoom" })));
        await environment.GroupAsync("quit_group", new { GroupId = room }, ben);
        Assert.Equal([open], Ids(await environment.GroupAsync("get_joined_group_list", new { Member_Account = ben, WithHugeGroups = 1 })));
    }

    [Fact]
    public async Task Bad_questions_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));

        Assert.Equal(60010, await environment.GroupCodeAsync("get_joined_group_list", new { Member_Account = anna }, ben));
        Assert.Equal(10019, await environment.GroupCodeAsync("get_joined_group_list", new { Member_Account = "nobody at all" }));
        foreach (var bad in new[] { "{}", $$"""{"Member_Account":"{{ben}}","Limit":5001}""", $$"""{"Member_Account":"{{ben}}","Offset":-1}""", $$"""{"Member_Account":"{{ben}}","GroupType":"Nonsense"}""", $$"""{"Member_Account":"{{ben}}","WithHugeGroups":2}""" })
        {
            Assert.Equal(10004, await environment.GroupCodeAsync("get_joined_group_list", bad));
        }
    }

    private static int Count(JsonElement answer) => answer.GetProperty("TotalCount").GetInt32();

    private static IEnumerable<string> Ids(JsonElement answer) => answer.GetProperty("GroupIdList").EnumerateArray().Select(group => group.GetProperty("GroupId").GetString()!);
}
