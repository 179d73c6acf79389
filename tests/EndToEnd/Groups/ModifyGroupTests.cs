using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class ModifyGroupTests(LocalEnvironmentFixture fixture)
{
    /// <summary>Type, who (owner, admin, member, stranger, administrator), what, code.</summary>
    public static TheoryData<string, string, string, int> Rights => new()
    {
        { "Private", "member", "Name", 0 }, { "Private", "member", "MuteAllMember", 10007 }, { "Private", "owner", "MuteAllMember", 0 }, { "Private", "stranger", "Name", 10007 },
        { "Public", "member", "Name", 10007 }, { "Public", "admin", "Name", 0 }, { "Public", "admin", "MuteAllMember", 0 }, { "Public", "stranger", "Name", 10007 },
        { "Public", "administrator", "Name", 0 }, { "ChatRoom", "member", "Name", 10007 }, { "ChatRoom", "admin", "Name", 0 }, { "ChatRoom", "owner", "MuteAllMember", 0 },
        { "AVChatRoom", "stranger", "Name", 10007 }, { "AVChatRoom", "owner", "Name", 0 }, { "AVChatRoom", "owner", "InviteJoinOption", 10007 },
        { "AVChatRoom", "administrator", "HistoryMsgBeforeJoin", 10007 }, { "Community", "admin", "Name", 0 }, { "Community", "administrator", "HistoryMsgBeforeJoin", 10007 },
    };

    [Fact]
    public async Task What_is_given_changes_the_rest_stays_and_members_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);
        await using var client = await environment.ConnectAsync(ben);

        await environment.GroupAsync("modify_group_base_info", new
        {
            GroupId = group,
            Name = "Climbing",
            Notification = "Meet 8:00",
            MaxMemberNum = 6000,
            ApplyJoinOption = "DisableApply",
            InviteJoinOption = "NeedPermission",
            HistoryMsgBeforeJoin = "On",
            From_Account = anna,
        });
        var tip = await client.WaitForAsync(told => IsAbout(told, "GroupMessage", group));
        var change = await client.WaitForAsync(told => IsAbout(told, "GroupProfile", group));
        var shown = await ShownAsync(environment, group);

        Assert.Equal(
            ["Climbing", "", "Meet 8:00", "6000", "DisableApply", "NeedPermission", "On", "1"],
            new[] { "Name", "Introduction", "Notification", "MaxMemberNum", "ApplyJoinOption", "InviteJoinOption", "HistoryMsgBeforeJoin", "InfoSeq" }.Select(name => $"{shown.GetProperty(name)}"));
        var content = tip.GetProperty("MsgBody")[0].GetProperty("MsgContent");
        Assert.Equal(1, tip.GetProperty("IsSystemMsg").GetInt32());
        Assert.Equal((6, anna), (content.GetProperty("OpType").GetInt32(), content.GetProperty("Operator_Account").GetString()));
        Assert.Equal("2=Climbing;4=Meet 8:00", string.Join(';', content.GetProperty("Info").EnumerateArray().Select(info => $"{info.GetProperty("InfoType")}={info.GetProperty("Value")}")));
        Assert.Equal(($"groupchange:{group}", 1), (change.GetProperty("Timeline").GetString(), change.GetProperty("Seq").GetInt64()));
        Assert.Equal("Climbing", change.GetProperty("Content").GetProperty("Name").GetString());
        Assert.False(change.GetProperty("Content").TryGetProperty("Introduction", out _));
    }

    [Fact]
    public async Task What_is_so_already_is_no_change()
    {
        var environment = await fixture.StartedAsync();
        var group = await environment.CreateGroupAsync("Public", await environment.ImportAsync("anna"));

        foreach (var name in new[] { "Climbing", "Climbing", "Hiking" })
        {
            await environment.GroupAsync("modify_group_base_info", new { GroupId = group, Name = name });
        }

        await environment.GroupAsync("modify_group_base_info", new { GroupId = group });
        var shown = await ShownAsync(environment, group);
        Assert.Equal((2, 3), (shown.GetProperty("InfoSeq").GetInt32(), shown.GetProperty("NextMsgSeq").GetInt32()));
    }

    [Theory]
    [InlineData("ShutUpAllMember")]
    [InlineData("MuteAllMember")]
    public async Task When_all_are_muted_only_owner_admins_and_administrators_speak(string name)
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);

        await environment.GroupAsync("modify_group_base_info", $$"""{"GroupId":"{{group}}","{{name}}":"On"}""");
        var muted = await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "hush", 1), ben);
        await environment.SendGroupTextAsync(group, null, "I may", 2, anna);
        await environment.GroupAsync("modify_group_base_info", $$"""{"GroupId":"{{group}}","{{name}}":"Off"}""");

        Assert.Equal(10017, muted);
        await environment.SendGroupTextAsync(group, null, "me too", 3, ben);
    }

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task Who_may_change_what(string type, string who, string what, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, caller) = await GroupCast.CreateAsync(environment, type, who);
        var value = what switch { "Name" => "Climbing", "InviteJoinOption" => "FreeAccess", _ => "On" };

        Assert.Equal(code, await environment.GroupCodeAsync("modify_group_base_info", $$"""{"GroupId":"{{group}}","{{what}}":"{{value}}"}""", caller));
        Assert.Equal(code == 0, (await ShownAsync(environment, group)).GetProperty("InfoSeq").GetInt32() == 1);
    }

    [Theory]
    [InlineData("""{}""", 10004)]
    [InlineData("""{"GroupId":""}""", 10015)]
    [InlineData("""{"GroupId":"@TGS#NOPE","Name":"x"}""", 10010)]
    [InlineData("""{"GroupId":"{group}","Name":""}""", 10004)]
    [InlineData("""{"GroupId":"{group}","Name":7}""", 10004)]
    [InlineData("""{"GroupId":"{group}","Name":"a name that is longer than 30 by"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","Introduction":"{241}"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","Notification":"{301}"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","FaceUrl":"{101}"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","MaxMemberNum":0}""", 10004)]
    [InlineData("""{"GroupId":"{group}","MaxMemberNum":6001}""", 10038)]
    [InlineData("""{"GroupId":"{group}","ApplyJoinOption":"DisableInvite"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","InviteJoinOption":"DisableApply"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","MuteAllMember":"on"}""", 10004)]
    [InlineData("""{"GroupId":"{group}","HistoryMsgBeforeJoin":1}""", 10004)]
    [InlineData("""{"GroupId":"{group}","AppDefinedData":[{"Key":"Undeclared","Value":"x"}]}""", 10004)]
    [InlineData("""{"GroupId":"{group}","AppDefinedData":{}}""", 10004)]
    [InlineData("not json", 10011)]
    public async Task A_bad_change_has_its_code_and_changes_nothing(string body, int code)
    {
        var environment = await fixture.StartedAsync();
        var group = await environment.CreateGroupAsync("Public", await environment.ImportAsync("anna"));
        var before = (await ShownAsync(environment, group)).GetRawText();
        body = body.Replace("{group}", group, StringComparison.Ordinal);
        foreach (var length in new[] { 241, 301, 101 })
        {
            body = body.Replace($"{{{length}}}", new string('x', length), StringComparison.Ordinal);
        }

        Assert.Equal(code, await environment.GroupCodeAsync("modify_group_base_info", body));
        Assert.Equal(before, (await ShownAsync(environment, group)).GetRawText());
    }

    [Fact]
    public async Task An_account_changes_groups_in_its_own_name_only()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);

        Assert.Equal(60010, await environment.GroupCodeAsync("modify_group_base_info", new { GroupId = group, Name = "Mine", From_Account = anna }, ben));
        Assert.Equal(0, await environment.GroupCodeAsync("modify_group_base_info", new { GroupId = group, Name = "Mine", From_Account = anna }, anna));
    }

    private static bool IsAbout(JsonElement told, string type, string group) => Messages.TypeOf(told) == type && told.GetProperty("GroupId").GetString() == group;

    private static async Task<JsonElement> ShownAsync(LocalEnvironment environment, string group) =>
        (await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];
}
