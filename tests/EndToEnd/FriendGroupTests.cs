using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class FriendGroupTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Groups_are_made_filled_read_and_deleted_and_friends_stay()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas, lena) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"), await environment.ImportAsync("lena"));
        var api = environment.Api;
        await api.AddFriendAsync(mia, jonas);

        var made = await api.SnsAsync("group_add", new { From_Account = mia, GroupName = new[] { "Ski", "Work" }, To_Account = new[] { jonas, lena } }, mia);
        Assert.Equal([0, 32216], Friends.Codes(made));
        Assert.Equal("Err_SNS_GroupAdd_ToTinyId_Not_Friend", made.GetProperty("ResultItem")[1].GetProperty("ResultInfo").GetString());
        Assert.Equal([$"Ski:1:{jonas}", $"Work:1:{jonas}"], await GroupsAsync(api, mia));
        var empty = await api.SnsAsync("group_add", new { From_Account = mia, GroupName = new[] { "Empty", "Ski" } });
        Assert.False(empty.TryGetProperty("ResultItem", out _));
        Assert.True(empty.GetProperty("CurrentSequence").GetInt64() > made.GetProperty("CurrentSequence").GetInt64());

        var deleted = await api.SnsAsync("group_delete", new { From_Account = mia, GroupName = new[] { "Ski", "Nothing" } });
        Assert.Equal([$"Work:1:{jonas}", "Empty:0:"], await GroupsAsync(api, mia));
        Assert.Contains("IM_Group=[\"Work\"]", (await api.FriendsAsync(mia))[jonas]);
        var same = await api.SnsAsync("group_get", new { From_Account = mia, LastSequence = deleted.GetProperty("CurrentSequence").GetInt64() });
        Assert.Equal(0, same.GetProperty("ResultItem").GetArrayLength());
        var one = await api.SnsAsync("group_get", new { From_Account = mia, GroupName = new[] { "Work", "Nothing" } });
        Assert.Equal("""[{"GroupName":"Work","FriendNumber":1}]""", one.GetProperty("ResultItem").GetRawText());

        // A new group of the old name is another one.
        await api.SnsAsync("group_add", new { From_Account = mia, GroupName = new[] { "Ski" } });
        Assert.Equal([$"Work:1:{jonas}", "Empty:0:", "Ski:0:"], await GroupsAsync(api, mia));
        await api.DeleteFriendAsync(mia, jonas);
        Assert.Equal(["Work:0:", "Empty:0:", "Ski:0:"], await GroupsAsync(api, mia));
    }

    [Fact]
    public async Task There_are_no_more_groups_than_the_app_allows_whichever_way_they_are_made()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxFriendGroups = 3 });
        await api.ImportAsync("mia", "jonas", "lena", "zoe");
        await api.AddFriendAsync("mia", "jonas", group: "1");
        await api.SnsAsync("group_add", new { From_Account = "mia", GroupName = new[] { "2", "3" } });

        Assert.Equal(30011, await api.SnsCodeAsync("group_add", new { From_Account = "mia", GroupName = new[] { "3", "4" } }));
        Assert.Equal((30011, 30011, 0), (await api.AddFriendAsync("mia", "lena", group: "4"), await api.AddFriendAsync("mia", "zoe", group: "4"), await api.AddFriendAsync("mia", "lena", group: "3")));
        var update = new { To_Account = "jonas", SnsItem = new[] { new { Tag = "Tag_SNS_IM_Group", Value = new[] { "1", "4" } } } };
        Assert.Equal([30011], Friends.Codes(await api.SnsAsync("friend_update", new { From_Account = "mia", UpdateItem = new[] { update } })));

        Assert.Equal(["1:1:jonas", "2:0:", "3:1:lena"], await GroupsAsync(api, "mia"));
    }

    [Fact]
    public async Task Devices_hear_of_groups_and_of_what_is_kept_of_friends()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.Api.AddFriendAsync(mia, jonas);
        await using var phone = await environment.ConnectAsync(mia);

        await environment.Api.SnsAsync("group_add", new { From_Account = mia, GroupName = new[] { "Ski" }, To_Account = new[] { jonas } });

        var heard = (await phone.WaitForCountAsync(2, one => Messages.TypeOf(one) == "FriendUpdate")).OrderBy(one => one.GetProperty("Seq").GetInt64()).Select(one => one.GetProperty("Content")).ToList();
        Assert.Equal(0, heard[0].GetProperty("To_Account").GetArrayLength());
        Assert.Equal(jonas, heard[1].GetProperty("To_Account")[0].GetString());
        var page = await environment.Api.SnsAsync("friend_get", new { From_Account = mia, StartIndex = 0 });
        Assert.Equal(page.GetProperty("StandardSequence").GetInt64(), heard[1].GetProperty("StandardSequence").GetInt64());
    }

    private static async Task<IReadOnlyList<string>> GroupsAsync(ApiClient api, string account)
    {
        var answer = await api.SnsAsync("group_get", new { From_Account = account, NeedFriend = "Need_Friend_Type_Yes" });
        return [.. answer.GetProperty("ResultItem").EnumerateArray().Select(group =>
            $"{group.GetProperty("GroupName").GetString()}:{group.GetProperty("FriendNumber").GetInt32()}:{string.Join(',', group.GetProperty("To_Account").EnumerateArray().Select(name => name.GetString()))}")];
    }
}
