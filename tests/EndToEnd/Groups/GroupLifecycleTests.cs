using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupLifecycleTests(LocalEnvironmentFixture fixture)
{
    [Theory]
    [InlineData("Private")]
    [InlineData("Work")]
    [InlineData("Public")]
    [InlineData("ChatRoom")]
    [InlineData("Meeting")]
    public async Task Members_of_a_group_hear_its_messages(string type)
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        await using var client = await environment.ConnectAsync(ben);

        var group = await environment.CreateGroupAsync(type, anna, ben);
        var seq = await environment.SendGroupTextAsync(group, anna, "start at 8");
        var heard = await client.WaitForAsync(told => told.IsGroupText(group));

        Assert.StartsWith("@TGS#", group, StringComparison.Ordinal);
        Assert.Equal(1, seq);
        Assert.Equal($"group:{group}", heard.GetProperty("Timeline").GetString());
        Assert.Equal(seq, heard.GetProperty("Seq").GetInt64());
        Assert.Equal(anna, heard.GetProperty("From_Account").GetString());
        Assert.Equal("start at 8", Messages.TextOf(heard));
    }

    [Fact]
    public async Task One_who_was_kicked_neither_hears_nor_sends_and_one_who_was_added_does_both()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, cleo) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("cleo"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);
        await using var bens = await environment.ConnectAsync(ben);
        await using var cleos = await environment.ConnectAsync(cleo);

        await environment.GroupAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { ben } });
        var added = await environment.GroupAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = cleo }, new { Member_Account = anna } } });
        await environment.SendGroupTextAsync(group, null, "without Ben", identifier: anna);
        await cleos.WaitForAsync(told => told.IsGroupText(group));

        Assert.Equal([1, 2], added.GetProperty("MemberList").EnumerateArray().Select(member => member.GetProperty("Result").GetInt32()));
        Assert.DoesNotContain(bens.Events, told => told.IsGroupText(group));
        Assert.Equal(10007, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "still here?"), ben));
        Assert.Equal(0, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "here I am", 8), cleo));
    }

    [Fact]
    public async Task A_dismissed_group_is_gone_and_its_name_is_free()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var name = environment.NewAccount("hiking");
        var body = new { Type = "Public", Name = "Hiking", GroupId = name, Owner_Account = anna, MemberList = new[] { new { Member_Account = ben } } };
        await environment.GroupAsync("create_group", body);
        await using var client = await environment.ConnectAsync(ben);

        Assert.Equal(10025, await environment.GroupCodeAsync("create_group", body));
        Assert.Equal(10021, await environment.GroupCodeAsync("create_group", new { Type = "Public", Name = "Hiking", GroupId = name, Owner_Account = ben }));
        await environment.GroupAsync("destroy_group", new { GroupId = name });
        await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupDismissed" && told.GetProperty("GroupId").GetString() == name);

        Assert.Equal(10010, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(name, null, "anybody?"), anna));
        Assert.Equal(10010, await environment.GroupCodeAsync("destroy_group", new { GroupId = name }));
        await environment.GroupAsync("create_group", body);
        Assert.Equal(1, await environment.SendGroupTextAsync(name, anna, "a new start"));
    }
}
