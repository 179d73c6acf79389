using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class CreateGroupTests(LocalEnvironmentFixture fixture)
{
    private const int Created = 6;
    private const int Invited = 7;

    /// <summary>Bodies and codes; {n} stands for a text of so many letters.</summary>
    public static TheoryData<string, int> Bad => new()
    {
        { """{"Name":"x"}""", 10004 }, { """{"Type":"Nonsense","Name":"x"}""", 10004 }, { """{"Type":"public","Name":"x"}""", 10004 }, { """{"Type":7,"Name":"x"}""", 10004 },
        { """{"Type":"Public"}""", 10004 }, { """{"Type":"Public","Name":""}""", 10004 }, { """{"Type":"Public","Name":"{31}"}""", 10004 }, { """{"Type":"Public","Name":"ääääääääääääääää"}""", 10004 },
        { """{"Type":"Public","Name":"x","Introduction":"{241}"}""", 10004 }, { """{"Type":"Public","Name":"x","Notification":"{301}"}""", 10004 }, { """{"Type":"Public","Name":"x","FaceUrl":"{101}"}""", 10004 },
        { """{"Type":"Public","Name":"x","ApplyJoinOption":"Perhaps"}""", 10004 }, { """{"Type":"Public","Name":"x","InviteJoinOption":"DisableApply"}""", 10004 },
        { """{"Type":"Public","Name":"x","MaxMemberCount":0}""", 10004 }, { """{"Type":"Public","Name":"x","MaxMemberCount":6001}""", 10038 }, { """{"Type":"Community","Name":"x","MaxMemberCount":100001}""", 10038 },
        { """{"Type":"Public","Name":"x","AppDefinedData":[{"Key":"Undeclared","Value":"1"}]}""", 10004 }, { """{"Type":"Public","Name":"x","MemberList":{}}""", 10004 },
        { """{"Type":"Public","Name":"x","MemberList":[{"Role":"Admin"}]}""", 10004 }, { """{"Type":"Public","Name":"x","MemberList":[{"Member_Account":"administrator","Role":"Owner"}]}""", 10004 },
        { """{"Type":"Public","Name":"x","MemberList":[{"Member_Account":"nobody at all"}]}""", 10019 }, { """{"Type":"Public","Name":"x","Owner_Account":"nobody at all"}""", 10019 },
        { """{"Type":"AVChatRoom","Name":"x","MemberList":[{"Member_Account":"anybody"}]}""", 10007 }, { """{"Type":"BChatRoom","Name":"x","MemberList":[{"Member_Account":"anybody"}]}""", 10007 },
        { """{"Type":"AVChatRoom","Name":"x","InviteJoinOption":"FreeAccess"}""", 10007 }, { """{"Type":"Community","Name":"x","ApplyJoinOption":"NeedPermission"}""", 10007 },
        { """{"Type":"Work","Name":"x","MemberList":[{"Member_Account":"anybody","Role":"Admin"}]}""", 10007 }, { """{"Type":"Public","Name":"x","SupportTopic":1}""", 11000 },
        { """{"Type":"Public","Name":"x","GroupId":"@TGS#mine"}""", 10015 }, { """{"Type":"Public","Name":"x","GroupId":"{49}"}""", 10015 }, { """{"Type":"Public","Name":"x","GroupId":"ü"}""", 10015 },
        { """{"Type":"Public","Name":"x","GroupId":"@TGS#_mine"}""", 10015 }, { """{"Type":"Community","Name":"x","GroupId":"mine"}""", 10015 }, { "no json", 10011 },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_creation_has_its_code_and_creates_nothing(string body, int code)
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync();
        foreach (var length in new[] { 31, 49, 101, 241, 301 })
        {
            body = body.Replace($"{{{length}}}", new string('x', length), StringComparison.Ordinal);
        }

        Assert.Equal(code, await app.GroupCodeAsync("create_group", body));
        Assert.Equal(0, (await app.CallOkAsync(GroupCalls.Service, "get_appid_group_list", new { })).GetProperty("TotalCount").GetInt32());
    }

    [Fact]
    public async Task Texts_of_the_full_length_and_names_of_every_kind_are_taken()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var id = environment.NewAccount("~ !/?#") + new string('z', 20);
        await environment.GroupAsync("create_group", new
        {
            Type = "Meeting",
            Name = new string('n', 30),
            GroupId = id,
            Owner_Account = anna,
            Introduction = new string('i', 240),
            Notification = new string('o', 300),
            FaceUrl = new string('f', 100),
            InviteJoinOption = "NeedPermission",
        });
        var community = await environment.GroupAsync("create_group", new { Type = "Community", Name = "x", GroupId = "@TGS#_" + environment.NewAccount("c"), Owner_Account = anna });
        var given = (await environment.GroupAsync("create_group", new { Type = "Community", Name = "x" })).GetProperty("GroupId").GetString();

        var shown = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { id } })).GetProperty("GroupInfo")[0];
        Assert.Equal(("ChatRoom", 6000, "FreeAccess", "NeedPermission"), (
            shown.GetProperty("Type").GetString(), shown.GetProperty("MaxMemberNum").GetInt32(), shown.GetProperty("ApplyJoinOption").GetString(), shown.GetProperty("InviteJoinOption").GetString()));
        Assert.Equal((30, 240, 300, 100), (Length("Name"), Length("Introduction"), Length("Notification"), Length("FaceUrl")));
        Assert.Equal(("Community", 0), (community.GetProperty("Type").GetString(), community.GetProperty("HugeGroupFlag").GetInt32()));
        Assert.StartsWith("@TGS#_", given, StringComparison.Ordinal);
        Assert.Equal(10004, await environment.GroupCodeAsync("create_group", """{"Type":"Public","Name":"x","MaxMemberCount":"many"}"""));

        int Length(string field) => shown.GetProperty(field).GetString()!.Length;
    }

    [Fact]
    public async Task An_account_creates_for_itself_and_is_the_owner_and_owner_and_members_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        await using var annas = await environment.ConnectAsync(anna);
        await using var bens = await environment.ConnectAsync(ben);

        Assert.Equal(60010, await environment.GroupCodeAsync("create_group", new { Type = "Public", Name = "x", Owner_Account = ben }, anna));
        var group = (await environment.GroupAsync("create_group", new { Type = "Public", Name = "x", MemberList = new[] { new { Member_Account = ben, Role = "Admin" } } }, anna)).GetProperty("GroupId").GetString()!;
        var room = (await environment.GroupAsync("create_group", new { Type = "AVChatRoom", Name = "x" }, anna)).GetProperty("GroupId").GetString()!;

        await annas.WaitForAsync(told => IsNotice(told, Created, group));
        await annas.WaitForAsync(told => IsNotice(told, Created, room));
        await bens.WaitForAsync(told => IsNotice(told, Invited, group));
        Assert.Equal("Owner", (await GroupCast.FieldOfAsync(environment, group, anna, "Role"))!.Value.GetString());
        Assert.Equal("Admin", (await GroupCast.FieldOfAsync(environment, group, ben, "Role"))!.Value.GetString());
    }

    [Fact]
    public async Task An_imported_group_tells_nobody()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        await using var client = await environment.ConnectAsync(anna);

        var imported = (await environment.GroupAsync("import_group", new { Type = "Public", Name = "x", Owner_Account = anna })).GetProperty("GroupId").GetString()!;
        var created = await environment.CreateGroupAsync("Public", anna);

        await client.WaitForAsync(told => IsNotice(told, Created, created));
        Assert.DoesNotContain(client.Events, told => IsNotice(told, Created, imported));
    }

    [Fact]
    public async Task An_app_has_its_number_of_new_groups_a_day_and_of_live_rooms_and_those_that_end_make_room()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { MaxNewGroupsADay = 8, MaxLiveRooms = 1 });
        var broadcasts = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            broadcasts.Add(await app.CreateGroupAsync("BChatRoom"));
        }

        Assert.Equal(10006, await app.GroupCodeAsync("create_group", new { Type = "BChatRoom", Name = "sixth" }));
        await app.CallOkAsync(GroupCalls.Service, "destroy_group", new { GroupId = broadcasts[0] });
        await app.CreateGroupAsync("BChatRoom");
        await app.CreateGroupAsync("AVChatRoom");
        Assert.Equal(10036, await app.GroupCodeAsync("create_group", new { Type = "AVChatRoom", Name = "second" }));
        await app.CreateGroupAsync("Public");
        await app.CreateGroupAsync("Private");

        Assert.Equal(10006, await app.GroupCodeAsync("create_group", new { Type = "Public", Name = "ninth" }));
        Assert.Equal(8, (await app.CallOkAsync(GroupCalls.Service, "get_appid_group_list", new { })).GetProperty("TotalCount").GetInt32());
    }

    [Fact]
    public async Task A_group_whose_owner_is_in_too_many_or_that_would_be_too_full_is_not_created_and_its_name_is_free()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { MaxGroupsOfAccount = 1 });
        await app.ImportAsync("anna", "ben", "cleo");
        var first = await app.CreateGroupAsync("Public", "anna");
        var members = new[] { new { Member_Account = "ben" }, new { Member_Account = "cleo" } };

        Assert.Equal(10037, await app.GroupCodeAsync("create_group", new { Type = "Public", Name = "x", GroupId = "second", Owner_Account = "anna", MemberList = members }));
        Assert.Equal(10038, await app.GroupCodeAsync("create_group", new { Type = "Public", Name = "x", GroupId = "second", MaxMemberCount = 1, MemberList = members }));
        Assert.Equal(10010, await app.GroupCodeAsync("destroy_group", new { GroupId = "second" }));
        Assert.Equal(0, await JoinedAsync("ben"));
        Assert.Equal([first], (await app.CallOkAsync(GroupCalls.Service, "get_appid_group_list", new { })).GetProperty("GroupIdList").EnumerateArray().Select(id => id.GetProperty("GroupId").GetString()));
        Assert.Equal(10037, await app.GroupCodeAsync("add_group_member", new { GroupId = first, MemberList = new[] { new { Member_Account = await FullAsync() } } }));
        Assert.Equal(0, await app.GroupCodeAsync("create_group", new { Type = "Public", Name = "x", GroupId = "second", Owner_Account = "ben" }));
        Assert.Equal(1, await JoinedAsync("ben"));

        async Task<int> JoinedAsync(string account) => (await app.CallOkAsync(GroupCalls.Service, "get_joined_group_list", new { Member_Account = account })).GetProperty("TotalCount").GetInt32();

        async Task<string> FullAsync()
        {
            await app.ImportAsync("dan");
            await app.CreateGroupAsync("Public", "dan");
            return "dan";
        }
    }

    [Fact]
    public async Task More_than_500_members_are_too_many()
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(10005, await environment.GroupCodeAsync("create_group", new { Type = "Public", Name = "x", MemberList = Enumerable.Range(0, 501).Select(i => new { Member_Account = $"n{i}" }) }));
    }

    private static bool IsNotice(JsonElement told, int type, string group) =>
        Messages.TypeOf(told) == "GroupSystem" && told.GetProperty("Content").GetProperty("NoticeType").GetInt32() == type && told.GetProperty("Content").GetProperty("GroupId").GetString() == group;
}
