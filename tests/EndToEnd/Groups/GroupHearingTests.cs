using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Whose devices hear which groups.</summary>
public sealed class GroupHearingTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task All_devices_hear_all_of_more_than_a_hundred_groups_also_after_coming_back()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        await using var first = await environment.ConnectAsync(ben, "iPhone");
        var groups = new List<string>();
        for (var i = 0; i < 120; i++)
        {
            groups.Add(await environment.CreateGroupAsync("ChatRoom", anna, ben));
        }

        await using var second = await environment.ConnectAsync(ben, "Web");
        foreach (var group in groups)
        {
            await environment.SendGroupTextAsync(group, anna, group);
        }

        foreach (var device in new[] { first, second })
        {
            await device.WaitForCountAsync(120, told => groups.Exists(group => told.IsGroupText(group)));
        }

        await first.DisposeAsync();
        await using var back = await environment.ConnectAsync(ben, "iPhone");
        await environment.SendGroupTextAsync(groups[0], anna, "oldest", random: 8);
        await environment.SendGroupTextAsync(groups[^1], anna, "latest", random: 8);

        await back.WaitForAsync(told => told.IsGroupText(groups[0]));
        await back.WaitForAsync(told => told.IsGroupText(groups[^1]));
    }

    [Fact]
    public async Task Joining_five_hundred_at_once_can_be_repeated()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var many = Enumerable.Range(0, 500).Select(_ => environment.NewAccount("crowd")).ToArray();
        foreach (var some in many.Chunk(100))
        {
            await environment.Api.ImportAsync(some);
        }

        var group = await environment.CreateGroupAsync("Public", anna);
        var body = new { GroupId = group, MemberList = many.Select(account => new { Member_Account = account }).ToArray() };

        var added = await environment.GroupAsync("add_group_member", body);
        var again = await environment.GroupAsync("add_group_member", body);
        var info = await environment.GroupAsync("get_group_info", new { GroupIdList = new[] { group }, ResponseFilter = new { GroupBaseInfoFilter = new[] { "MemberNum" } } });

        Assert.All(added.GetProperty("MemberList").EnumerateArray(), member => Assert.Equal(1, member.GetProperty("Result").GetInt32()));
        Assert.All(again.GetProperty("MemberList").EnumerateArray(), member => Assert.Equal(2, member.GetProperty("Result").GetInt32()));
        Assert.Equal(501, info.GetProperty("GroupInfo")[0].GetProperty("MemberNum").GetInt32());
        await using var last = await environment.ConnectAsync(many[^1]);
        await environment.SendGroupTextAsync(group, anna, "welcome all");
        await last.WaitForAsync(told => told.IsGroupText(group));
    }
}
