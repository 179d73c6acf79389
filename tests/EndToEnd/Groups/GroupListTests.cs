using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupListTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task All_groups_come_once_in_pages_with_the_count_of_all_or_of_a_type()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        string[] types = ["Public", "ChatRoom", "Private", "ChatRoom", "AVChatRoom", "BChatRoom", "ChatRoom"];
        var groups = new List<string>();
        foreach (var type in types)
        {
            groups.Add((await api.CallOkAsync(GroupCalls.Service, "create_group", new { Type = type, Name = "Listed" })).GetProperty("GroupId").GetString()!);
        }

        var (found, next) = (new List<string>(), 0L);
        do
        {
            var page = await ListAsync(new { Limit = 3, Next = next });
            Assert.Equal(7, page.GetProperty("TotalCount").GetInt32());
            found.AddRange(Ids(page));
            next = page.GetProperty("Next").GetInt64();
        }
        while (next != 0);
        var rooms = await ListAsync(new { GroupType = "Meeting", Limit = 2 });

        Assert.Equal(groups, found);
        Assert.Equal(groups, Ids(await ListAsync(new { })));
        Assert.Equal(3, rooms.GetProperty("TotalCount").GetInt32());
        Assert.Equal([groups[1], groups[3]], Ids(rooms));
        Assert.Equal([groups[6]], Ids(await ListAsync(new { Type = "ChatRoom", Limit = 2, Next = rooms.GetProperty("Next").GetInt64() })));
        Assert.Equal([groups[5]], Ids(await ListAsync(new { GroupType = "BChatRoom" })));

        await api.CallOkAsync(GroupCalls.Service, "destroy_group", new { GroupId = groups[1] });
        Assert.Equal([groups[3], groups[6]], Ids(await ListAsync(new { GroupType = "ChatRoom" })));

        Task<JsonElement> ListAsync(object body) => api.CallOkAsync(GroupCalls.Service, "get_appid_group_list", body);
    }

    [Fact]
    public async Task Bad_questions_have_their_codes()
    {
        var environment = await fixture.StartedAsync();

        foreach (var bad in new[] { """{"Limit":10001}""", """{"Limit":-1}""", """{"Limit":"x"}""", """{"Next":-1}""", """{"GroupType":"Nonsense"}""" })
        {
            Assert.Equal(10004, await environment.GroupCodeAsync("get_appid_group_list", bad));
        }

        Assert.Equal(60010, await environment.GroupCodeAsync("get_appid_group_list", "{}", await environment.ImportAsync("anna")));
    }

    private static IEnumerable<string> Ids(JsonElement page) => page.GetProperty("GroupIdList").EnumerateArray().Select(group => group.GetProperty("GroupId").GetString()!);
}
