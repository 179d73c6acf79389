using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupOwnerTests(LocalEnvironmentFixture fixture)
{
    /// <summary>Type, who, new owner, code.</summary>
    public static TheoryData<string, string, string, int> Rights => new()
    {
        { "Private", "owner", "member", 0 }, { "Public", "owner", "member", 0 }, { "ChatRoom", "administrator", "admin", 0 }, { "Community", "owner", "admin", 0 },
        { "Public", "admin", "admin", 10007 }, { "Public", "member", "member", 10007 }, { "Public", "stranger", "stranger", 10007 }, { "Public", "owner", "stranger", 10004 },
        { "Public", "administrator", "owner", 0 }, { "AVChatRoom", "administrator", "stranger", 10007 }, { "BChatRoom", "administrator", "stranger", 10007 },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task Who_may_transfer_to_whom(string type, string who, string newOwner, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);

        var before = await OwnerAsync(environment, group);

        Assert.Equal(code, await environment.GroupCodeAsync("change_group_owner", new { GroupId = group, NewOwner_Account = cast[newOwner] }, cast[who]));
        Assert.Equal(code == 0 ? cast[newOwner] : before, await OwnerAsync(environment, group));
    }

    [Fact]
    public async Task The_old_owner_becomes_a_member_the_new_one_has_the_rights_and_members_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        await using var client = await environment.ConnectAsync(cast["member"]);

        await environment.GroupAsync("change_group_owner", new { GroupId = group, NewOwner_Account = cast["admin"] }, cast["owner"]);
        var tip = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupMessage" && told.TryGetProperty("IsSystemMsg", out _));
        var change = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupProfile");

        var info = tip.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Info")[0];
        Assert.Equal((3, cast["admin"]), (info.GetProperty("InfoType").GetInt32(), info.GetProperty("Value").GetString()));
        Assert.Equal(cast["admin"], change.GetProperty("Content").GetProperty("Owner_Account").GetString());
        Assert.Equal("Member", (await GroupCast.FieldOfAsync(environment, group, cast["owner"], "Role"))!.Value.GetString());
        Assert.Equal("Owner", (await GroupCast.FieldOfAsync(environment, group, cast["admin"], "Role"))!.Value.GetString());
        Assert.Equal(10007, await environment.GroupCodeAsync("destroy_group", new { GroupId = group }, cast["owner"]));
        Assert.Equal(0, await environment.GroupCodeAsync("destroy_group", new { GroupId = group }, cast["admin"]));
    }

    [Fact]
    public async Task A_group_without_an_owner_gets_one()
    {
        var environment = await fixture.StartedAsync();
        var ben = await environment.ImportAsync("ben");
        var group = await environment.CreateGroupAsync("Public", null, ben);

        await environment.GroupAsync("change_group_owner", new { GroupId = group, NewOwner_Account = ben });

        Assert.Equal("Owner", (await GroupCast.FieldOfAsync(environment, group, ben, "Role"))!.Value.GetString());
        Assert.Equal(10010, await environment.GroupCodeAsync("change_group_owner", new { GroupId = "@TGS#NOPE", NewOwner_Account = ben }));
        Assert.Equal(10004, await environment.GroupCodeAsync("change_group_owner", new { GroupId = group }));
        Assert.Equal(60010, await environment.GroupCodeAsync("change_group_owner", new { GroupId = group, NewOwner_Account = ben, From_Account = "another" }, ben));
    }

    private static async Task<string?> OwnerAsync(LocalEnvironment environment, string group) =>
        (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0].GetProperty("Owner_Account").GetString();
}
