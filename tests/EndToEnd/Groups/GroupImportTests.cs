using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupImportTests(LocalEnvironmentFixture fixture)
{
    private const long Created = 1_500_000_000;

    [Fact]
    public async Task An_imported_group_is_as_old_as_it_says_and_its_owner_is_in_it()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        await using var client = await environment.ConnectAsync(anna);

        var group = await ImportAsync(environment, anna);
        await environment.SendGroupTextAsync(group, anna, "still here");
        await client.WaitForAsync(told => told.IsGroupText(group));

        var shown = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];
        Assert.Equal(Created, shown.GetProperty("CreateTime").GetInt64());
        Assert.Equal(2000, shown.GetProperty("MaxMemberNum").GetInt32());
        Assert.Equal(Created, shown.GetProperty("MemberList")[0].GetProperty("JoinTime").GetInt64());
        Assert.Equal(10025, await environment.GroupCodeAsync("import_group", new { Type = "Public", Name = "Archive", GroupId = group, Owner_Account = anna }));
        Assert.Equal(10021, await environment.GroupCodeAsync("import_group", new { Type = "Public", Name = "Archive", GroupId = group }));
    }

    [Fact]
    public async Task A_group_that_is_created_is_as_old_as_it_is()
    {
        var environment = await fixture.StartedAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var group = (await environment.GroupAsync("create_group", new { Type = "Public", Name = "New", CreateTime = Created })).GetProperty("GroupId").GetString();

        var shown = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];
        Assert.InRange(shown.GetProperty("CreateTime").GetInt64(), before, before + 60);
    }

    [Theory]
    [InlineData("""{"Type":"AVChatRoom","Name":"x"}""", 10007)]
    [InlineData("""{"Type":"BChatRoom","Name":"x"}""", 10007)]
    [InlineData("""{"Type":"Nonsense","Name":"x"}""", 10004)]
    [InlineData("""{"Type":"Public"}""", 10004)]
    [InlineData("""{"Type":"Public","Name":"x","CreateTime":99999999999}""", 10004)]
    [InlineData("""{"Type":"Public","Name":"x","CreateTime":0}""", 10004)]
    [InlineData("""{"Type":"Public","Name":"x","CreateTime":"x"}""", 10004)]
    [InlineData("""{"Type":"Public","Name":"x","MemberList":[]}""", 10004)]
    [InlineData("""{"Type":"Public","Name":"x","GroupId":"@TGS#mine"}""", 10015)]
    [InlineData("""{"Type":"Public","Name":"x","Owner_Account":"nobody at all"}""", 10019)]
    [InlineData("""{"Type":"Public","Name":"x","MaxMemberCount":6001}""", 10038)]
    public async Task A_bad_import_has_its_code(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, await environment.GroupCodeAsync("import_group", body));
        Assert.Equal(10007, await environment.GroupCodeAsync("import_group", """{"Type":"Public","Name":"x"}""", await environment.ImportAsync("anna")));
    }

    [Fact]
    public async Task Each_imported_member_has_its_result()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, cleo, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("cleo"), await environment.ImportAsync("dan"));
        var group = await ImportAsync(environment, anna);
        await environment.SendGroupTextAsync(group, anna, "one", 1);
        await environment.SendGroupTextAsync(group, anna, "two", 2);
        await using var client = await environment.ConnectAsync(anna);

        var answer = await environment.GroupAsync("import_group_member", new
        {
            GroupId = group,
            MemberList = new object[]
            {
                new { Member_Account = ben, Role = "Admin", JoinTime = Created + 50, UnreadMsgNum = 1 }, new { Member_Account = anna }, new { Member_Account = "nobody at all" },
                new { Member_Account = cleo, JoinTime = Created - 1 }, new { Member_Account = dan, JoinTime = 99_999_999_999, UnreadMsgNum = 7 },
            },
        });
        var again = await environment.GroupAsync("import_group_member", new { GroupId = group, MemberList = new object[] { new { Member_Account = ben }, new { Member_Account = dan, UnreadMsgNum = 7 } } });

        Assert.Equal([1, 2, 0, 0, 0], Results(answer));
        Assert.Equal([2, 1], Results(again));
        Assert.Equal("Admin", (await GroupCast.FieldOfAsync(environment, group, ben, "Role"))!.Value.GetString());
        Assert.Equal(Created + 50, (await GroupCast.FieldOfAsync(environment, group, ben, "JoinTime"))!.Value.GetInt64());
        Assert.Equal((1, 2), (await UnreadAsync(environment, ben), await UnreadAsync(environment, dan)));
        await environment.SendGroupTextAsync(group, dan, "three", 3);
        await client.WaitForAsync(told => told.IsGroupText(group));
        Assert.DoesNotContain(client.Events, told => told.TryGetProperty("IsSystemMsg", out _));
        Assert.Equal(2, await UnreadAsync(environment, ben));
    }

    [Fact]
    public async Task Bad_imports_of_members_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var (group, closed, room) = (await ImportAsync(environment, anna), await environment.CreateGroupAsync("Private", anna), await environment.CreateGroupAsync("AVChatRoom", anna));
        var one = new[] { new { Member_Account = ben, Role = "Admin" } };

        Assert.Equal(10004, await environment.GroupCodeAsync("import_group_member", new { GroupId = group }));
        Assert.Equal(10004, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = Array.Empty<string>() }));
        Assert.Equal(10004, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben, Role = "Owner" } } }));
        Assert.Equal(10004, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben, UnreadMsgNum = -1 } } }));
        Assert.Equal(10005, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = Enumerable.Range(0, 501).Select(i => new { Member_Account = $"n{i}" }) }));
        Assert.Equal(10007, await environment.GroupCodeAsync("import_group_member", new { GroupId = room, MemberList = one }));
        Assert.Equal(10007, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = one }, anna));
        Assert.Equal(10010, await environment.GroupCodeAsync("import_group_member", new { GroupId = "@TGS#NOPE", MemberList = one }));
        Assert.Equal([0], Results(await environment.GroupAsync("import_group_member", new { GroupId = closed, MemberList = one })));
    }

    [Fact]
    public async Task A_full_group_takes_no_imported_member()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = (await environment.GroupAsync("import_group", new { Type = "Public", Name = "Tiny", Owner_Account = anna, MaxMemberCount = 1 })).GetProperty("GroupId").GetString();

        Assert.Equal(10014, await environment.GroupCodeAsync("import_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben } } }));
    }

    [Fact]
    public async Task Unread_numbers_are_set_up_to_the_number_of_messages_and_count_on_from_there()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);
        for (var i = 1u; i <= 3; i++)
        {
            await environment.SendGroupTextAsync(group, anna, $"{i}", i);
        }

        foreach (var (set, shown) in new[] { (2, 2), (50, 3), (0, 0), (1, 1) })
        {
            await environment.GroupAsync("set_unread_msg_num", new { GroupId = group, Member_Account = ben, UnreadMsgNum = set });
            Assert.Equal(shown, await UnreadAsync(environment, ben));
        }

        await environment.SendGroupTextAsync(group, anna, "4", 4);
        Assert.Equal(2, await UnreadAsync(environment, ben));
    }

    [Fact]
    public async Task Where_nothing_is_counted_setting_unread_does_nothing_and_bad_calls_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna);
        foreach (var type in new[] { "ChatRoom", "AVChatRoom", "BChatRoom" })
        {
            var room = type == "BChatRoom" ? await GroupCast.BroadcastRoomAsync(environment) : await environment.CreateGroupAsync(type, anna);
            Assert.Equal(0, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = room, Member_Account = ben, UnreadMsgNum = 5 }));
        }

        Assert.Equal(10004, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = group, Member_Account = ben, UnreadMsgNum = 5 }));
        Assert.Equal(10004, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = group, Member_Account = anna }));
        Assert.Equal(10004, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = group, Member_Account = anna, UnreadMsgNum = -1 }));
        Assert.Equal(10007, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = group, Member_Account = anna, UnreadMsgNum = 1 }, anna));
        Assert.Equal(10010, await environment.GroupCodeAsync("set_unread_msg_num", new { GroupId = "@TGS#NOPE", Member_Account = anna, UnreadMsgNum = 1 }));
    }

    private static async Task<string> ImportAsync(LocalEnvironment environment, string owner) => (await environment.GroupAsync("import_group", new
    {
        Type = "Public",
        Name = "Archive",
        GroupId = environment.NewAccount("arch"),
        Owner_Account = owner,
        CreateTime = Created,
    })).GetProperty("GroupId").GetString()!;

    private static IEnumerable<int> Results(JsonElement answer) => answer.GetProperty("MemberList").EnumerateArray().Select(member => member.GetProperty("Result").GetInt32());

    private static async Task<int> UnreadAsync(LocalEnvironment environment, string account) => (await environment.GroupAsync("get_joined_group_list", new
    {
        Member_Account = account,
        ResponseFilter = new { SelfInfoFilter = new[] { "UnreadMsgNum" } },
    })).GetProperty("GroupIdList")[0].GetProperty("SelfInfo").GetProperty("UnreadMsgNum").GetInt32();
}
