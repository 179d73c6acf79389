using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Conversation groups.</summary>
public sealed class ContactGroupTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_group_is_made_changed_renamed_searched_and_deleted()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));

        var created = (await environment.ContactsAsync("create_contact_group", new
        {
            From_Account = jonas,
            GroupContactItem = new[] { new { GroupName = "work", ContactItem = new[] { RecentContacts.Item(mia), RecentContacts.GroupItem("@TGS#1"), RecentContacts.Item("nobody-at-all") } } },
        })).GetProperty("GroupResultItem")[0];
        Assert.Equal(("work", 1L), (created.GetProperty("GroupItem").GetProperty("GroupName").GetString(), RecentContacts.Number(created.GetProperty("GroupItem"), "GroupId")));
        Assert.Equal([0, 51007, 50001], RecentContacts.ResultsOf(created.GetProperty("ResultItem")));

        var changed = await UpdateAsync(environment, jonas, new
        {
            UpdateGroupType = 2,
            OldGroupName = "work",
            ContactUpdateItem = new[] { new { ContactOptType = 1, ContactItem = RecentContacts.Item(ada) }, new { ContactOptType = 2, ContactItem = RecentContacts.Item(mia) } },
        });
        Assert.Equal((2L, "work", 1L, "work"), Summary(changed));
        Assert.Equal([0, 0], RecentContacts.ResultsOf(changed.GetProperty("ContactResultItem")));
        Assert.Equal([1, 2], changed.GetProperty("ContactResultItem").EnumerateArray().Select(item => item.GetProperty("ContactOptType").GetInt32()));

        var renamed = await UpdateAsync(environment, jonas, new { UpdateGroupType = 1, OldGroupName = "work", NewGroupName = "office" });
        Assert.Equal((1L, "office", 1L, "work"), Summary(renamed));

        await environment.CreateGroupAsync(jonas, "empty");
        var found = await environment.ContactsAsync("search_contact_group", new { From_Account = jonas, ContactItem = new[] { RecentContacts.Item(mia), RecentContacts.Item(ada) } });
        var entry = Assert.Single(found.GetProperty("ContactResultItem").EnumerateArray());
        Assert.Equal((ada, "[1]", ""), (RecentContacts.PeerOf(entry), entry.GetProperty("ContactGroupId").GetRawText(), entry.GetProperty("StandardMark").GetString()));
        Assert.Equal([("office", 1)], RecentContacts.GroupsOf(found));
        var all = await environment.ContactsAsync("get_contact_group", new { From_Account = jonas, StartIndex = 0 });
        Assert.Equal([("office", 1), ("empty", 2)], RecentContacts.GroupsOf(all));
        Assert.Equal([ada], all.GetProperty("ContactItem").EnumerateArray().Select(RecentContacts.PeerOf));

        var deleted = await environment.ContactsAsync("del_contact_group", new { From_Account = jonas, GroupName = new[] { "office" } });
        Assert.Equal([("office", 1)], RecentContacts.GroupsOf(deleted));
        Assert.Empty(await environment.MarkedAsync(jonas));
        await environment.CreateGroupAsync(jonas, "office");
        Assert.Equal([("empty", 2), ("office", 3)], RecentContacts.GroupsOf(await environment.SettingsAsync(jonas)));
    }

    [Fact]
    public async Task Devices_hear_all_groups_when_one_is_made_renamed_or_deleted()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"));
        await using var device = await environment.ConnectAsync(jonas);

        await environment.CreateGroupAsync(jonas, "a", mia);
        await environment.CreateGroupAsync(jonas, "b");
        await UpdateAsync(environment, jonas, new { UpdateGroupType = 1, OldGroupName = "a", NewGroupName = "c" });
        await environment.ContactsAsync("del_contact_group", new { From_Account = jonas, GroupName = new[] { "c" } });

        var heard = await device.WaitForCountAsync(5, entry => Messages.TypeOf(entry) == "ConversationSettings");
        Assert.Equal([1, 2, 3, 4, 5], heard.Select(entry => entry.GetProperty("Version").GetInt64()));
        Assert.Equal([("a", 1)], RecentContacts.GroupsOf(heard[0]));
        Assert.False(heard[1].TryGetProperty("GroupItem", out _));
        Assert.Equal([("a", 1), ("b", 2)], RecentContacts.GroupsOf(heard[2]));
        Assert.Equal([("c", 1), ("b", 2)], RecentContacts.GroupsOf(heard[3]));
        Assert.Equal([("b", 2)], RecentContacts.GroupsOf(heard[4]));
    }

    [Fact]
    public async Task Making_a_group_again_adds_to_it_and_21_at_once_give_20()
    {
        var environment = await fixture.StartedAsync();
        var (jonas, mia, ada) = (await environment.ImportAsync("jonas"), await environment.ImportAsync("mia"), await environment.ImportAsync("ada"));

        var codes = await Task.WhenAll(Enumerable.Range(1, 21).Select(n => environment.ContactsCodeAsync(
            "create_contact_group", new { GroupContactItem = new[] { new { GroupName = $"g{n}", ContactItem = new[] { RecentContacts.Item(mia) } } } }, jonas)));

        Assert.Equal((20, 1), (codes.Count(code => code == 0), codes.Count(code => code == 51010)));
        var (name, id) = RecentContacts.GroupsOf(await environment.SettingsAsync(jonas)).First();
        var again = await environment.CreateGroupAsync(jonas, name, ada);
        Assert.Equal(id, RecentContacts.Number(again.GetProperty("GroupResultItem")[0].GetProperty("GroupItem"), "GroupId"));
        var marked = (await environment.MarkedAsync(jonas)).ToDictionary(RecentContacts.PeerOf, item => item.GetProperty("ContactGroupId").EnumerateArray().Select(group => group.GetInt64()));
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), marked[mia]);
        Assert.Equal([id], marked[ada]);
    }

    [Fact]
    public async Task At_most_1000_conversations_are_marked_or_in_groups_and_deleting_a_group_makes_room()
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        var peers = await environment.ImportManyAsync("peer", 1010);
        await environment.MarkAsync(jonas, [.. peers.Take(100).Select(peer => RecentContacts.Mark(peer, "x"))]);

        var created = await environment.CreateGroupAsync(jonas, "big", [.. peers.Skip(50).Take(960)]);

        var results = RecentContacts.ResultsOf(created.GetProperty("GroupResultItem")[0].GetProperty("ResultItem")).ToList();
        Assert.Equal(Enumerable.Repeat(0, 950).Concat(Enumerable.Repeat(51008, 10)), results);
        Assert.Equal(1000, (await environment.MarkedAsync(jonas)).Count);
        var refused = await environment.MarkAsync(jonas, RecentContacts.Mark(peers[^1], "x"), RecentContacts.Mark(peers[0], "y"));
        Assert.Equal([51008, 0], RecentContacts.ResultsOf(refused.GetProperty("ResultItem")));

        await environment.ContactsAsync("del_contact_group", new { From_Account = jonas, GroupName = new[] { "big" } });
        Assert.Equal(peers.Take(100).Order(), (await environment.MarkedAsync(jonas)).Select(RecentContacts.PeerOf).Order());
        Assert.Equal([0], RecentContacts.ResultsOf((await environment.MarkAsync(jonas, RecentContacts.Mark(peers[^1], "x"))).GetProperty("ResultItem")));
    }

    [Theory]
    [InlineData("create_contact_group", """{}""", 50002)]
    [InlineData("create_contact_group", """{"GroupContactItem":[]}""", 50002)]
    [InlineData("create_contact_group", """{"GroupContactItem":[{"GroupName":"a"},{"GroupName":"b"}]}""", 50002)]
    [InlineData("create_contact_group", """{"GroupContactItem":[{"GroupName":""}]}""", 50002)]
    [InlineData("create_contact_group", """{"GroupContactItem":[{"GroupName":"a","ContactItem":[{"Type":5}]}]}""", 50002)]
    [InlineData("create_contact_group", """{"GroupContactItem":[{"GroupName":"123456789012345678901234567890123"}]}""", 51011)]
    [InlineData("create_contact_group", """{"GroupContactItem":[{"GroupName":"二二二二二二二二二二二"}]}""", 51011)]
    [InlineData("create_contact_group", """{"From_Account":"nobody-at-all","GroupContactItem":[{"GroupName":"a"}]}""", 60010)]
    [InlineData("update_contact_group", """{"UpdateType":2,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"first","NewGroupName":"x"}}""", 50002)]
    [InlineData("update_contact_group", """{"UpdateType":1}""", 50002)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":3,"OldGroupName":"first","NewGroupName":"x"}}""", 50002)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"first"}}""", 50002)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"first","NewGroupName":"second"}}""", 50002)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"none","NewGroupName":"x"}}""", 51009)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"first","NewGroupName":"123456789012345678901234567890123"}}""", 51011)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"none","ContactUpdateItem":[]}}""", 51009)]
    [InlineData("update_contact_group", """{"UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"first","ContactUpdateItem":[{"ContactOptType":3,"ContactItem":{"Type":1,"To_Account":"a"}}]}}""", 50002)]
    [InlineData("del_contact_group", """{"GroupName":[]}""", 50002)]
    [InlineData("del_contact_group", """{"GroupName":["first","second"]}""", 50002)]
    [InlineData("del_contact_group", """{"GroupName":"first"}""", 50002)]
    [InlineData("del_contact_group", """{"GroupName":["none"]}""", 51009)]
    public async Task What_is_wrong_has_its_code_and_changes_nothing(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();
        var jonas = await environment.ImportAsync("jonas");
        await environment.CreateGroupAsync(jonas, "first");
        await environment.CreateGroupAsync(jonas, "second");

        Assert.Equal(code, await environment.ContactsCodeAsync(command, body, jonas));
        var settings = await environment.SettingsAsync(jonas);
        Assert.Equal(2, RecentContacts.Number(settings, "Version"));
        Assert.Equal([("first", 1), ("second", 2)], RecentContacts.GroupsOf(settings));
    }

    private static async Task<JsonElement> UpdateAsync(LocalEnvironment environment, string owner, object update) =>
        (await environment.ContactsAsync("update_contact_group", new { From_Account = owner, UpdateType = 1, UpdateGroup = update })).GetProperty("UpdateGroupResult");

    private static (long Type, string Name, long Id, string OldName) Summary(JsonElement result) => (
        RecentContacts.Number(result, "UpdateGroupType"), result.GetProperty("GroupName").GetString()!, RecentContacts.Number(result, "GroupId"),
        result.GetProperty("OldGroupName").GetString()!);
}
