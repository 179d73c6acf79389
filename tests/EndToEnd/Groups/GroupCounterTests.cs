using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupCounterTests(LocalEnvironmentFixture fixture)
{
    [Theory]
    [InlineData("Public")]
    [InlineData("AVChatRoom")]
    public async Task Counters_are_set_increased_decreased_read_and_deleted(string type)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);

        Assert.Equal("like=10", await UpdateAsync("Set", """[{"Key":"like","Value":10}]"""));
        Assert.Equal("like=12;view=1", await UpdateAsync("Increase", """[{"Key":"like","Value":2},{"Key":"view","Value":1}]"""));
        Assert.Equal("view=-4", await UpdateAsync("Decrease", """[{"Key":"view","Value":5}]"""));
        Assert.Equal("like=12;view=-4", await ReadAsync("{}"));
        Assert.Equal("view=-4", await ReadAsync("""{"GroupCounterKeys":["view","nothing"]}"""));
        await environment.GroupAsync("delete_group_counter", new { GroupId = group, GroupCounterKeys = new[] { "like", "nothing" } }, cast["member"]);
        Assert.Equal("view=-4", await ReadAsync("{}"));
        await environment.GroupAsync("delete_group_counter", new { GroupId = group });
        Assert.Equal("", await ReadAsync("{}"));

        async Task<string> UpdateAsync(string mode, string values) => Shown(await environment.GroupAsync(
            "update_group_counter", $$"""{"GroupId":"{{group}}","GroupCounter":{{values}},"Mode":"{{mode}}"}""", cast["member"]));

        async Task<string> ReadAsync(string more) => Shown(await environment.GroupAsync("get_group_counter", more.Replace("{", $$"""{"GroupId":"{{group}}"{{(more == "{}" ? "" : ",")}}""", StringComparison.Ordinal), cast["member"]));
    }

    [Fact]
    public async Task What_many_add_at_once_is_all_there_and_is_heard()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        await using var client = await environment.ConnectAsync(cast["member"]);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => environment.GroupAsync("update_group_counter", new { GroupId = group, GroupCounter = new[] { new { Key = "like", Value = 1 } }, Mode = "Increase" })));
        var heard = await client.WaitForCountAsync(100, told => Messages.TypeOf(told) == "GroupCounters");
        await environment.GroupAsync("delete_group_counter", new { GroupId = group });
        var deleted = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupCounters" && told.GetProperty("Content").TryGetProperty("Deleted", out _));

        Assert.Equal(Enumerable.Range(1, 100), heard.OrderBy(told => told.GetProperty("Seq").GetInt64()).Select(told => told.GetProperty("Content").GetProperty("GroupCounter")[0].GetProperty("Value").GetInt32()));
        Assert.Equal("""{"Deleted":["like"]}""", deleted.GetProperty("Content").GetRawText());
    }

    [Fact]
    public async Task Limits_have_their_codes_and_what_is_refused_changes_nothing()
    {
        var environment = await fixture.StartedAsync();
        var group = await environment.CreateGroupAsync("Public", null);
        var most = Enumerable.Range(0, 20).Select(i => new { Key = $"k{i}", Value = long.MaxValue }).ToArray();
        await environment.GroupAsync("update_group_counter", new { GroupId = group, GroupCounter = most, Mode = "Set" });

        Assert.Equal(10063, await CodeAsync("""[{"Key":"one more","Value":1}]""", "Set"));
        Assert.Equal(10063, await CodeAsync(JsonSerializer.Serialize(most.Append(new { Key = "one more", Value = 1L })), "Set"));
        Assert.Equal(10063, await environment.GroupCodeAsync("get_group_counter", new { GroupId = group, GroupCounterKeys = Enumerable.Range(0, 21).Select(i => $"k{i}") }));
        Assert.Equal(10004, await CodeAsync("""[{"Key":"k0","Value":1}]""", "Increase"));
        Assert.Equal(10004, await CodeAsync($$"""[{"Key":"{{new string('k', 129)}}","Value":1}]""", "Set"));
        Assert.Equal(10004, await CodeAsync("""[{"Key":"k0","Value":1},{"Key":"k0","Value":2}]""", "Set"));
        Assert.Equal(10004, await CodeAsync("""[{"Key":"k0","Value":1.5}]""", "Set"));
        Assert.Equal(10004, await CodeAsync("""[{"Key":"","Value":1}]""", "Set"));
        Assert.Equal(10004, await CodeAsync("""[{"Key":"k0","Value":1}]""", "Double"));
        Assert.Equal(10004, await CodeAsync("[]", "Set"));
        Assert.Equal(10010, await environment.GroupCodeAsync("get_group_counter", new { GroupId = "@TGS#NOPE" }));
        Assert.All((await environment.GroupAsync("get_group_counter", new { GroupId = group })).GetProperty("GroupCounter").EnumerateArray(), value => Assert.Equal(long.MaxValue, value.GetProperty("Value").GetInt64()));

        Task<int> CodeAsync(string values, string mode) => environment.GroupCodeAsync("update_group_counter", $$"""{"GroupId":"{{group}}","GroupCounter":{{values}},"Mode":"{{mode}}"}""");
    }

    [Theory]
    [InlineData("Private", "member", 0)]
    [InlineData("Public", "stranger", 10007)]
    [InlineData("AVChatRoom", "stranger", 0)]
    [InlineData("BChatRoom", "administrator", 10007)]
    [InlineData("Community", "administrator", 10007)]
    public async Task Who_may_read_and_change_them(string type, string who, int code)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);

        Assert.Equal(code, await environment.GroupCodeAsync("update_group_counter", new { GroupId = group, GroupCounter = new[] { new { Key = "like", Value = 1 } }, Mode = "Set" }, cast[who]));
        Assert.Equal(code, await environment.GroupCodeAsync("get_group_counter", new { GroupId = group }, cast[who]));
        Assert.Equal(code, await environment.GroupCodeAsync("delete_group_counter", new { GroupId = group }, cast[who]));
    }

    private static string Shown(JsonElement answer) =>
        string.Join(';', answer.GetProperty("GroupCounter").EnumerateArray().Select(value => $"{value.GetProperty("Key").GetString()}={value.GetProperty("Value").GetInt64()}"));
}
