using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupMessageImportTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Imported_messages_have_their_times_and_nothing_is_unread_then_and_nobody_hears()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(cleo);
        await environment.SayAsync(group, ben, "live");
        Assert.Equal(1, await environment.UnreadOfAsync(group, cleo));
        var time = await AfterAsync(environment, group, anna);

        var results = await ImportAsync(environment, group, (anna, time, 1, "one"), (ben, time, null, "two"), (anna, time, 3, "three"));
        await environment.SayAsync(group, ben, "next");
        await client.WaitForAsync(told => told.IsGroupText(group) && Messages.TextOf(told) == "next");

        Assert.Equal([(0, 2L, time), (0, 3, time), (0, 4, time)], results);
        Assert.Equal((1L, 1L, 0L), (await environment.UnreadOfAsync(group, anna), await environment.UnreadOfAsync(group, cleo), await environment.UnreadOfAsync(group, ben)));
        Assert.Equal(["live", "one", "two", "three", "next"], Messages.TextsOf(await environment.LogOfAsync(group, cleo)));
        Assert.Equal(2, client.Events.Count(told => told.IsGroupText(group)));
        Assert.Equal(results, await ImportAsync(environment, group, (anna, time, 1, "one"), (anna, time, 3, "three")) is [var first, var third] ? [first, results[1], third] : []);
        Assert.Equal(6, await environment.SayAsync(group, anna, "still dense"));
    }

    [Fact]
    public async Task Each_message_has_its_result_and_those_that_are_wrong_are_not_stored()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var time = await AfterAsync(environment, group, anna);

        var results = await ImportAsync(
            environment, group, (anna, 1500000000, 1, "before the group"), (anna, time, 2, "good"), (anna, time - 1, 3, "not in order"), (anna, time + 600, 4, "to come"),
            ("nobody-at-all", time, 5, "unknown"), (anna, time, 6, new string('x', 9_001)), (anna, time, 2, "the same Random"));

        Assert.Equal([10004, 0, 10004, 10004, 10019, 80002, 0], results.Select(result => result.Result));
        Assert.Equal(results[1], results[6]);
        Assert.Equal([10004], (await ImportAsync(environment, group, (anna, time, 9, "not after the last"))).Select(result => result.Result));
        Assert.Equal("good", Messages.TextOf(Assert.Single(await environment.LogOfAsync(group, anna))));
    }

    [Fact]
    public async Task Imports_that_are_wrong_as_a_whole_have_their_codes()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, _, _) = await environment.HikingAsync();
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);
        var (text, time) = (Item(anna, 1500000000, 1, "x"), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

        Assert.Equal(10007, await CodeAsync(new { GroupId = live, MsgList = new[] { text } }));
        Assert.Equal(10010, await CodeAsync(new { GroupId = "no-such", MsgList = new[] { text } }));
        Assert.Equal(60010, await CodeAsync(new { GroupId = group, MsgList = new[] { text } }, anna));
        Assert.Equal(10004, await CodeAsync(new { GroupId = group }));
        Assert.Equal(10004, await CodeAsync(new { GroupId = group, MsgList = Enumerable.Repeat(text, 21) }));
        Assert.Equal(10004, await CodeAsync(new { GroupId = group, MsgList = new[] { new { From_Account = anna, SendTime = time } } }));
        Assert.Empty(await environment.LogOfAsync(group, anna));

        Task<int> CodeAsync(object body, string? identifier = null) => environment.GroupCodeAsync("import_group_msg", JsonSerializer.Serialize(body), identifier);
    }

    // Import must be after the group's last message and before now: waits until there is such a second.
    private static async Task<long> AfterAsync(LocalEnvironment environment, string group, string member)
    {
        var state = await environment.StateOfAsync(group, member);
        var time = Math.Max(state.GetProperty("LastTime").GetInt64(), state.GetProperty("Epoch").GetInt64() / 1000) + 1;
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > time);
        return time;
    }

    private static object Item(string from, long time, uint? random, string text) => random is { } number
        ? new { From_Account = from, SendTime = time, Random = number, MsgBody = Body(text) }
        : new { From_Account = from, SendTime = time, MsgBody = Body(text) };

    private static object[] Body(string text) => [new { MsgType = "TIMTextElem", MsgContent = new { Text = text } }];

    private static async Task<IReadOnlyList<(int Result, long Seq, long Time)>> ImportAsync(
        LocalEnvironment environment, string group, params (string From, long Time, uint? Random, string Text)[] messages)
    {
        var body = new { GroupId = group, MsgList = messages.Select(message => Item(message.From, message.Time, message.Random, message.Text)) };
        var answer = await environment.GroupAsync("import_group_msg", JsonSerializer.Serialize(body));
        return [.. answer.GetProperty("ImportMsgResult").EnumerateArray().Select(item =>
            (item.GetProperty("Result").GetInt32(), item.GetProperty("MsgSeq").GetInt64(), item.GetProperty("MsgTime").GetInt64()))];
    }
}
