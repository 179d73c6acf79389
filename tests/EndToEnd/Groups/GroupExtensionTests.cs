using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupExtensionTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openim_msg_ext_http_svc";

    [Fact]
    public async Task Members_set_pairs_hear_of_it_and_read_the_same()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        await using var client = await environment.ConnectAsync(cleo);
        var number = await environment.SayAsync(group, anna, "vote!", ("SupportMessageExtension", 1));

        var set = await SetAsync(environment, group, number, ben, ("ben", "yes", 0), ("cleo", "?", 0));
        var conflict = await SetAsync(environment, group, number, cleo, ("cleo", "no", 0));
        await SetAsync(environment, group, number, cleo, ("cleo", "no", 2));
        var heard = await client.WaitForCountAsync(2, told => told.IsOf("GroupExtension", group));

        Assert.Equal([0, 0], set);
        Assert.Equal([23001], conflict);
        Assert.Equal([2L, 3L], heard.Select(told => told.GetProperty("Content").GetProperty("LatestSeq").GetInt64()));
        Assert.All(heard, told => Assert.Equal([number], told.NumbersOf()));
        var state = await environment.GroupAsync("group_get_key_values", new { GroupId = group, MsgSeq = number }, anna, Service);
        Assert.Equal([("ben", "yes", 1L), ("cleo", "no", 3L)], state.GetProperty("ExtensionList").EnumerateArray().Select(pair =>
            (pair.GetProperty("Key").GetString()!, pair.GetProperty("Value").GetString()!, pair.GetProperty("Seq").GetInt64())));
        Assert.Equal((1, 3L, 0L), (state.GetProperty("CompleteFlag").GetInt32(), state.GetProperty("LatestSeq").GetInt64(), state.GetProperty("ClearSeq").GetInt64()));
        await environment.GroupAsync("group_set_key_values", new { GroupId = group, MsgSeq = number, OperateType = 3 }, service: Service);
        Assert.Equal(0, (await environment.GroupAsync("group_get_key_values", new { GroupId = group, MsgSeq = number }, anna, Service)).GetProperty("ExtensionList").GetArrayLength());
    }

    [Fact]
    public async Task Messages_that_take_none_or_are_not_there_are_refused()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, _) = await environment.HikingAsync();
        var (dan, live) = (await environment.ImportAsync("dan"), await environment.CreateGroupAsync("AVChatRoom", anna));
        var (plain, taking) = (await environment.SayAsync(group, anna, "plain"), await environment.SayAsync(group, anna, "vote", ("SupportMessageExtension", 1)));

        Assert.Equal((23002, 23002), await CodesAsync(group, plain, ben));
        Assert.Equal((23004, 23004), await CodesAsync(group, 77, ben));
        Assert.Equal((10007, 10007), await CodesAsync(group, taking, dan));
        Assert.Equal((10007, 10007), await CodesAsync(live, taking, anna));
        Assert.Equal((10010, 10010), await CodesAsync("no-such", taking, ben));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_set_key_values", new { GroupId = group, MsgSeq = taking, OperateType = 4 }, ben, Service));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_set_key_values", new { GroupId = group, MsgSeq = taking, OperateType = 1 }, ben, Service));
        Assert.Equal(10004, await environment.GroupCodeAsync("group_get_key_values", new { GroupId = group }, ben, Service));
        await environment.RecallAsync(group, anna, taking);
        Assert.Equal((23004, 23004), await CodesAsync(group, taking, ben));

        async Task<(int Set, int Get)> CodesAsync(string id, long number, string identifier) => (
            await environment.GroupCodeAsync("group_set_key_values", Body(id, number, ("a", "1", 0)), identifier, Service),
            await environment.GroupCodeAsync("group_get_key_values", new { GroupId = id, MsgSeq = number }, identifier, Service));
    }

    private static object Body(string group, long number, params (string Key, string Value, long Seq)[] pairs) => new
    {
        GroupId = group,
        MsgSeq = number,
        OperateType = 1,
        ExtensionList = pairs.Select(pair => new { pair.Key, pair.Value, pair.Seq }),
    };

    private static async Task<IReadOnlyList<int>> SetAsync(LocalEnvironment environment, string group, long number, string identifier, params (string, string, long)[] pairs) =>
    [
        .. (await environment.GroupAsync("group_set_key_values", JsonSerializer.Serialize(Body(group, number, pairs)), identifier, Service))
            .GetProperty("ExtensionList").EnumerateArray().Select(item => item.GetProperty("ErrorCode").GetInt32()),
    ];
}
