using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupMuteTests(LocalEnvironmentFixture fixture)
{
    /// <summary>Type, who mutes, whom, code.</summary>
    public static TheoryData<string, string, string, int> Rights => new()
    {
        { "Public", "administrator", "admin", 0 }, { "Public", "owner", "admin", 0 }, { "Public", "admin", "member", 0 }, { "Public", "admin", "owner", 10007 },
        { "Public", "admin", "admin", 10007 }, { "Public", "member", "stranger", 10007 }, { "Public", "stranger", "member", 10007 }, { "ChatRoom", "admin", "member", 0 },
        { "ChatRoom", "owner", "admin", 0 }, { "Private", "administrator", "member", 10007 }, { "Private", "owner", "member", 10007 }, { "BChatRoom", "administrator", "stranger", 10007 },
        { "AVChatRoom", "owner", "stranger", 0 }, { "AVChatRoom", "administrator", "stranger", 0 }, { "AVChatRoom", "stranger", "member", 10007 }, { "Community", "admin", "member", 0 },
    };

    [Theory]
    [InlineData("Public", "ShutUpTime", "get_group_shutted_uin", "ShuttedUinList", "ShuttedUntil")]
    [InlineData("ChatRoom", "MuteTime", "get_group_muted_account", "MutedAccountList", "MutedUntil")]
    [InlineData("AVChatRoom", "MuteTime", "get_group_shutted_uin", "MutedAccountList", "MutedUntil")]
    public async Task One_who_is_muted_is_refused_at_once_and_listed_until_unmuted(string type, string field, string command, string list, string until)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);
        var member = cast["member"];
        await environment.SendGroupTextAsync(group, null, "before", 1, member);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        await environment.GroupAsync("forbid_send_msg", Body(group, [member], field, 3600));

        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "hush", 2), member));
        var listed = await environment.GroupAsync(command, new { GroupId = group });
        Assert.Equal(group, listed.GetProperty("GroupId").GetString());
        var muted = Assert.Single(listed.GetProperty(list).EnumerateArray());
        Assert.Equal(member, muted.GetProperty("Member_Account").GetString());
        Assert.InRange(muted.GetProperty(until).GetInt64(), now + 3600, now + 3660);

        await environment.GroupAsync("forbid_send_msg", Body(group, [member], field, 0));
        await environment.SendGroupTextAsync(group, null, "again", 3, member);
        Assert.Empty((await environment.GroupAsync(command, new { GroupId = group })).GetProperty(list).EnumerateArray());
    }

    [Fact]
    public async Task A_mute_outlasts_leaving_and_coming_back_and_ends_by_itself()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var (member, admin) = (cast["member"], cast["admin"]);

        await environment.GroupAsync("forbid_send_msg", Body(group, [member], "MuteTime", uint.MaxValue));
        await environment.GroupAsync("forbid_send_msg", Body(group, [admin], "MuteTime", 2));
        await environment.GroupAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { member } });
        await environment.GroupAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = member } } });

        Assert.Equal(10017, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "back", 1), member));
        Assert.Equal(uint.MaxValue, (await GroupCast.FieldOfAsync(environment, group, member, "MuteUntil"))!.Value.GetInt64());
        await Eventually.HoldsAsync(async () => await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "over", 2), admin) == 0);
        Assert.Equal(0, (await GroupCast.FieldOfAsync(environment, group, admin, "MuteUntil"))!.Value.GetInt64());
        var listed = (await environment.GroupAsync("get_group_muted_account", new { GroupId = group })).GetProperty("MutedAccountList");
        Assert.Equal([member], listed.EnumerateArray().Select(muted => muted.GetProperty("Member_Account").GetString()));
    }

    [Fact]
    public async Task Members_hear_of_a_mute_once()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var (member, owner) = (cast["member"], cast["owner"]);
        await using var client = await environment.ConnectAsync(member);

        await environment.GroupAsync("forbid_send_msg", Body(group, [member], "MuteTime", uint.MaxValue), owner);
        await environment.GroupAsync("forbid_send_msg", Body(group, [member], "MuteTime", uint.MaxValue), owner);
        await environment.SendGroupTextAsync(group, owner, "after");
        await client.WaitForAsync(told => told.IsGroupText(group));

        var tip = Assert.Single(client.Events, told => Messages.TypeOf(told) == "GroupMessage" && told.TryGetProperty("IsSystemMsg", out _)).GetProperty("MsgBody")[0].GetProperty("MsgContent");
        var change = Assert.Single(client.Events, told => Messages.TypeOf(told) == "GroupMembers");
        Assert.Equal((7, owner, member), (tip.GetProperty("OpType").GetInt32(), tip.GetProperty("Operator_Account").GetString(), tip.GetProperty("Member_Account")[0].GetString()));
        Assert.Equal("4294967295", tip.GetProperty("Info")[0].GetProperty("Value").GetString());
        Assert.Equal(owner, change.GetProperty("Operator_Account").GetString());
        Assert.Equal(uint.MaxValue, change.GetProperty("Content").GetProperty("MemberList")[0].GetProperty("MuteUntil").GetInt64());
    }

    [Fact]
    public async Task As_many_as_500_are_muted_and_unmuted_and_none_if_one_may_not_be()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var names = Enumerable.Range(0, 499).Select(_ => environment.NewAccount("silent")).ToList();

        Assert.Equal(10005, await environment.GroupCodeAsync("forbid_send_msg", Body(group, [.. names, "a", "b"], "MuteTime", 60)));
        Assert.Equal(10007, await environment.GroupCodeAsync("forbid_send_msg", Body(group, [.. names, cast["owner"]], "MuteTime", 60), cast["admin"]));
        Assert.Equal(0, await MutedAsync());
        await environment.GroupAsync("forbid_send_msg", Body(group, [.. names, cast["member"]], "MuteTime", 3600), cast["admin"]);
        Assert.Equal(500, await MutedAsync());
        await environment.GroupAsync("forbid_send_msg", Body(group, [.. names, cast["member"]], "MuteTime", 0), cast["admin"]);
        Assert.Equal(0, await MutedAsync());

        async Task<int> MutedAsync() => (await environment.GroupAsync("get_group_muted_account", new { GroupId = group })).GetProperty("MutedAccountList").GetArrayLength();
    }

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task Who_may_mute_whom(string type, string who, string whom, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);

        Assert.Equal(code, await environment.GroupCodeAsync("forbid_send_msg", Body(group, [cast[whom]], "MuteTime", 60), cast[who]));
    }

    [Theory]
    [InlineData("Private", "member", 10007)]
    [InlineData("Private", "owner", 0)]
    [InlineData("Public", "admin", 0)]
    [InlineData("Public", "member", 10007)]
    [InlineData("BChatRoom", "administrator", 10007)]
    [InlineData("AVChatRoom", "owner", 0)]
    public async Task Who_may_see_who_is_muted(string type, string who, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, caller) = await GroupCast.CreateAsync(environment, type, who);

        Assert.Equal(code, await environment.GroupCodeAsync("get_group_shutted_uin", new { GroupId = group }, caller));
        Assert.Equal(10010, await environment.GroupCodeAsync("get_group_muted_account", new { GroupId = "@TGS#NOPE" }, caller));
    }

    [Theory]
    [InlineData("""{"Members_Account":["u"],"MuteTime":1}""")]
    [InlineData("""{"GroupId":"x","MuteTime":1}""")]
    [InlineData("""{"GroupId":"x","Members_Account":[],"MuteTime":1}""")]
    [InlineData("""{"GroupId":"x","Members_Account":[7],"MuteTime":1}""")]
    [InlineData("""{"GroupId":"x","Members_Account":["u"]}""")]
    [InlineData("""{"GroupId":"x","Members_Account":["u"],"MuteTime":-1}""")]
    [InlineData("""{"GroupId":"x","Members_Account":["u"],"ShutUpTime":4294967296}""")]
    public async Task Bad_mutes_are_refused(string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(10004, await environment.GroupCodeAsync("forbid_send_msg", body));
    }

    private static string Body(string group, IReadOnlyList<string> accounts, string field, uint seconds) =>
        $$"""{"GroupId":"{{group}}","Members_Account":{{JsonSerializer.Serialize(accounts)}},"{{field}}":{{seconds}}}""";
}
