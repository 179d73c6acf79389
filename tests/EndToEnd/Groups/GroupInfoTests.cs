using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupInfoTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Without_a_filter_everything_is_shown()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var group = (await environment.GroupAsync("create_group", new
        {
            Type = "Public",
            Name = "Hiking",
            Owner_Account = anna,
            Introduction = "Weekend tours",
            Notification = "Meet 8:00",
            FaceUrl = "https://example.org/f.png",
            MaxMemberCount = 300,
            ApplyJoinOption = "FreeAccess",
            MemberList = new[] { new { Member_Account = ben, Role = "Admin" } },
        })).GetProperty("GroupId").GetString()!;
        await environment.SendGroupTextAsync(group, anna, "first");

        var shown = Single(await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } }));

        Assert.Equal(0, shown.GetProperty("ErrorCode").GetInt32());
        Assert.Equal("Public", shown.GetProperty("Type").GetString());
        Assert.Equal("Hiking", shown.GetProperty("Name").GetString());
        Assert.Equal("Weekend tours", shown.GetProperty("Introduction").GetString());
        Assert.Equal("Meet 8:00", shown.GetProperty("Notification").GetString());
        Assert.Equal("https://example.org/f.png", shown.GetProperty("FaceUrl").GetString());
        Assert.Equal(anna, shown.GetProperty("Owner_Account").GetString());
        Assert.Equal(1400000001u, shown.GetProperty("Appid").GetUInt32());
        Assert.InRange(shown.GetProperty("CreateTime").GetInt64(), before, before + 60);
        Assert.InRange(shown.GetProperty("LastMsgTime").GetInt64(), before, before + 60);
        Assert.Equal(2, shown.GetProperty("NextMsgSeq").GetInt64());
        Assert.Equal(2, shown.GetProperty("MemberNum").GetInt32());
        Assert.Equal(300, shown.GetProperty("MaxMemberNum").GetInt32());
        Assert.Equal("FreeAccess", shown.GetProperty("ApplyJoinOption").GetString());
        Assert.Equal("Off", shown.GetProperty("ShutUpAllMember").GetString());
        Assert.Equal("Off", shown.GetProperty("MuteAllMember").GetString());
        var members = shown.GetProperty("MemberList").EnumerateArray().ToDictionary(member => member.GetProperty("Member_Account").GetString()!);
        Assert.Equal([anna, ben], members.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Owner", members[anna].GetProperty("Role").GetString());
        Assert.Equal("Admin", members[ben].GetProperty("Role").GetString());
        Assert.Equal("AcceptAndNotify", members[ben].GetProperty("MsgFlag").GetString());
        Assert.Equal((0, 0), (members[ben].GetProperty("ShutUpUntil").GetInt64(), members[ben].GetProperty("MuteUntil").GetInt64()));
        Assert.InRange(members[anna].GetProperty("LastSendMsgTime").GetInt64(), before, before + 60);
    }

    [Theory]
    [InlineData("ShutUpAllMember", "ShutUpUntil")]
    [InlineData("MuteAllMember", "MuteUntil")]
    public async Task With_a_filter_there_is_what_it_names_in_its_own_spelling(string all, string until)
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var group = await environment.CreateGroupAsync("Public", anna);

        var shown = Single(await environment.GroupAsync("get_group_info", new
        {
            GroupIdList = new[] { group },
            ResponseFilter = new { GroupBaseInfoFilter = new[] { "Type", all, "NoSuchField" }, MemberInfoFilter = new[] { "Account", "Role", until } },
        }));
        var withoutMembers = Single(await environment.GroupAsync("get_group_info", new
        {
            GroupIdList = new[] { group },
            ResponseFilter = new { GroupBaseInfoFilter = new[] { "Name" } },
        }));

        Assert.Equal(["GroupId", "ErrorCode", "ErrorInfo", "Type", all, "MemberList"], Names(shown));
        Assert.Equal(["Member_Account", "Role", until], Names(shown.GetProperty("MemberList")[0]));
        Assert.Equal(["GroupId", "ErrorCode", "ErrorInfo", "Name"], Names(withoutMembers));
    }

    [Fact]
    public async Task Each_group_has_its_own_result_in_the_order_of_the_request()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var (group, room) = (await environment.CreateGroupAsync("ChatRoom", anna), await environment.CreateGroupAsync("AVChatRoom", anna));

        var answer = await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { "@TGS#NOPE", group, new string('x', 49), room } });
        var items = answer.GetProperty("GroupInfo").EnumerateArray().ToList();

        Assert.Equal([10010, 0, 10015, 0], items.Select(item => item.GetProperty("ErrorCode").GetInt32()));
        Assert.Equal(["@TGS#NOPE", group, new string('x', 49), room], items.Select(item => item.GetProperty("GroupId").GetString()));
        Assert.NotEqual("", items[0].GetProperty("ErrorInfo").GetString());
        Assert.True(items[1].TryGetProperty("MemberList", out _));
        Assert.False(items[3].TryGetProperty("MemberList", out _));
        Assert.Equal(0, items[3].GetProperty("MemberNum").GetInt32());
    }

    [Fact]
    public async Task Accounts_see_groups_that_can_be_found_and_the_members_of_their_own()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var (open, closed) = (await environment.CreateGroupAsync("Public", anna), await environment.CreateGroupAsync("Private", anna));

        var strangers = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { open, closed } }, ben)).GetProperty("GroupInfo");
        var own = (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { open, closed } }, anna)).GetProperty("GroupInfo");

        Assert.Equal("Hiking", strangers[0].GetProperty("Name").GetString());
        Assert.False(strangers[0].TryGetProperty("MemberList", out _));
        Assert.Equal(10007, strangers[1].GetProperty("ErrorCode").GetInt32());
        Assert.False(strangers[1].TryGetProperty("Name", out _));
        Assert.All(own.EnumerateArray(), group => Assert.Equal(anna, group.GetProperty("MemberList")[0].GetProperty("Member_Account").GetString()));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"GroupIdList":[]}""")]
    [InlineData("""{"GroupIdList":[7]}""")]
    [InlineData("""{"GroupIdList":"x"}""")]
    [InlineData("""{"GroupIdList":["x"],"ResponseFilter":[]}""")]
    [InlineData("""{"GroupIdList":["x"],"ResponseFilter":{"GroupBaseInfoFilter":"Name"}}""")]
    [InlineData("""{"GroupIdList":["x"],"ResponseFilter":{"MemberInfoFilter":[7]}}""")]
    public async Task Bad_questions_are_refused(string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_info", body));
    }

    [Fact]
    public async Task At_most_50_groups_and_1_MB_are_shown()
    {
        var environment = await fixture.StartedAsync();
        var names = Enumerable.Range(0, 500).Select(_ => environment.NewAccount("many")).ToArray();
        foreach (var some in names.Chunk(100))
        {
            await environment.Api.ImportAsync(some);
        }

        var group = await environment.CreateGroupAsync("Public", null, names);

        Assert.Equal(10004, await environment.GroupCodeAsync("get_group_info", new { GroupIdList = Enumerable.Repeat(group, 51) }));
        Assert.Equal(10018, await environment.GroupCodeAsync("get_group_info", new { GroupIdList = Enumerable.Repeat(group, 50) }));
        var members = Single(await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("MemberList");
        Assert.Equal(500, members.GetArrayLength());
    }

    [Fact]
    public async Task Custom_fields_are_seen_and_written_by_whom_the_app_allows()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with
        {
            GroupFields =
            [
                new("Region", [], GroupRole.NotMember, GroupRole.Admin), new("Secret", [], GroupRole.Admin, GroupRole.AppAdmin),
                new("Room", [GroupType.ChatRoom], GroupRole.NotMember, GroupRole.NotMember),
            ],
        });
        await api.ImportAsync("anna", "ben", "zoe");
        var group = (await api.CallOkAsync(GroupCalls.Service, "create_group", new
        {
            Type = "Public",
            Name = "Hiking",
            Owner_Account = "anna",
            MemberList = new[] { new { Member_Account = "ben" } },
            AppDefinedData = new[] { new { Key = "Region", Value = "alps" }, new { Key = "Secret", Value = "42" } },
        })).GetProperty("GroupId").GetString();

        Assert.Equal("Region=alps;Secret=42", await ShownAsync("administrator"));
        Assert.Equal("Region=alps;Secret=42", await ShownAsync("anna"));
        Assert.Equal("Region=alps", await ShownAsync("zoe"));
        Assert.Equal(10007, await ChangeAsync("ben", "Region", "sea"));
        Assert.Equal(10007, await ChangeAsync("anna", "Secret", "43"));
        Assert.Equal(10004, await ChangeAsync("administrator", "Nonsense", "1"));
        Assert.Equal(10004, await ChangeAsync("administrator", "Room", "1"));
        Assert.Equal(10004, await ChangeAsync("administrator", "Region", new string('x', 513)));
        Assert.Equal(0, await ChangeAsync("anna", "Region", "sea\0side"));
        Assert.Equal("Region=sea\0side;Secret=42", await ShownAsync("anna"));
        Assert.Equal("Region=sea\0side", await ShownAsync("anna", new { AppDefinedDataFilter_Group = new[] { "Region" } }));
        Assert.Equal(0, await ChangeAsync("administrator", "Region", ""));
        Assert.Equal("Secret=42", await ShownAsync("anna", new { GroupBaseInfoFilter = new[] { "AppDefinedData" } }));

        async Task<int> ChangeAsync(string who, string key, string value) => (await api.CallAsync(
            GroupCalls.Service, "modify_group_base_info", new { GroupId = group, AppDefinedData = new[] { new { Key = key, Value = value } } }, who)).GetProperty("ErrorCode").GetInt32();

        async Task<string> ShownAsync(string who, object? filter = null)
        {
            object body = filter is null ? new { GroupIdList = new[] { group } } : new { GroupIdList = new[] { group }, ResponseFilter = filter };
            var data = Single(await api.CallOkAsync(GroupCalls.Service, "get_group_info", body, who)).GetProperty("AppDefinedData").EnumerateArray();
            return string.Join(';', data.Select(field => $"{field.GetProperty("Key").GetString()}={field.GetProperty("Value").GetString()}"));
        }
    }

    private static JsonElement Single(JsonElement answer) => Assert.Single(answer.GetProperty("GroupInfo").EnumerateArray());

    private static IEnumerable<string> Names(JsonElement item) => item.EnumerateObject().Select(field => field.Name);
}
