using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class MessageExtensionTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openim_msg_ext_http_svc";

    [Fact]
    public async Task Both_sides_set_pairs_hear_of_it_and_read_the_same()
    {
        var (environment, mia, jonas, key) = await StartAsync();
        await using var sender = await environment.ConnectAsync(mia);

        var set = await SetAsync(environment, mia, jonas, key, [("vote", "yes", 0), ("mood", "good", 0)], jonas);
        await SetAsync(environment, mia, jonas, key, [("vote", "no", 1)], mia);

        Assert.Equal([(0, "vote", "yes", 1L), (0, "mood", "good", 2L)], Results(set));
        foreach (var caller in new[] { mia, jonas })
        {
            var state = await GetAsync(environment, mia, jonas, key, 0, caller);
            Assert.Equal([("mood", "good", 2L), ("vote", "no", 3L)], Pairs(state));
            Assert.Equal((1, 3L, 0L), (state.GetProperty("CompleteFlag").GetInt32(), state.GetProperty("LatestSeq").GetInt64(), state.GetProperty("ClearSeq").GetInt64()));
        }

        Assert.Equal([("vote", "no", 3L)], Pairs(await GetAsync(environment, mia, jonas, key, 3)));
        var heard = await sender.WaitForCountAsync(2, entry => Messages.TypeOf(entry) == "C2CExtension");
        Assert.Equal([2L, 3L], heard.Select(entry => entry.GetProperty("LatestSeq").GetInt64()));
    }

    [Fact]
    public async Task Of_two_who_set_the_same_version_one_wins_and_an_administrator_need_not_know_it()
    {
        var (environment, mia, jonas, key) = await StartAsync();

        var both = await Task.WhenAll(
            SetAsync(environment, mia, jonas, key, [("seat", "mia", 0)], mia), SetAsync(environment, mia, jonas, key, [("seat", "jonas", 0)], jonas));

        var results = both.SelectMany(Results).ToList();
        var winner = Assert.Single(results, result => result.Code == 0);
        Assert.Equal((23001, winner.Value, winner.Seq), results.Where(result => result.Code != 0).Select(result => (result.Code, result.Value, result.Seq)).Single());
        await SetAsync(environment, mia, jonas, key, [("seat", "nobody", 0)]);
        Assert.Equal([("seat", "nobody", 2L)], Pairs(await GetAsync(environment, mia, jonas, key, 0)));
    }

    [Fact]
    public async Task Pairs_are_deleted_one_by_one_or_all_and_a_reader_of_changes_learns_it()
    {
        var (environment, mia, jonas, key) = await StartAsync();
        await SetAsync(environment, mia, jonas, key, [("a", "1", 0), ("b", "2", 0), ("c", "3", 0)]);

        await environment.Api.CallOkAsync(
            Service, "set_key_values", new { From_Account = mia, To_Account = jonas, MsgKey = key, OperateType = 2, ExtensionList = new[] { new { Key = "b" } } });
        Assert.Equal([("a", "1", 1L), ("c", "3", 3L)], Pairs(await GetAsync(environment, mia, jonas, key, 0)));
        Assert.Equal([("b", "", 4L)], Pairs(await GetAsync(environment, mia, jonas, key, 4)));

        await environment.Api.CallOkAsync(Service, "set_key_values", new { From_Account = mia, To_Account = jonas, MsgKey = key, OperateType = 3 });
        await SetAsync(environment, mia, jonas, key, [("c", "again", 0)], mia);
        var state = await GetAsync(environment, mia, jonas, key, 0);
        Assert.Equal([("c", "again", 6L)], Pairs(state));
        Assert.Equal(5, state.GetProperty("ClearSeq").GetInt64());
    }

    [Fact]
    public async Task Messages_of_similar_numbers_keep_their_pairs_apart()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60;
        foreach (uint random in new[] { 7, 71 })
        {
            var body = Messages.Text(mia, jonas, "imported", 1, random, ("MsgTimeStamp", time), ("SyncFromOldSystem", 2), ("SupportMessageExtension", 1));
            await environment.Api.CallOkAsync("openim", "importmsg", body.ToJsonString());
            await SetAsync(environment, mia, jonas, $"1_{random}_{time}", [("of", $"{random}", 0)]);
        }

        Assert.Equal([("of", "7", 1L)], Pairs(await GetAsync(environment, mia, jonas, $"1_7_{time}", 0)));
        Assert.Equal([("of", "71", 1L)], Pairs(await GetAsync(environment, mia, jonas, $"1_71_{time}", 0)));
    }

    [Fact]
    public async Task What_the_receiver_deletes_for_itself_takes_no_pairs_from_the_sender()
    {
        var (environment, mia, jonas, key) = await StartAsync();
        await SetAsync(environment, mia, jonas, key, [("a", "1", 0)]);
        await environment.Api.CallOkAsync("openim", "delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { key } });

        await SetAsync(environment, mia, jonas, key, [("b", "2", 0)], mia);

        Assert.Equal([("a", "1", 1L), ("b", "2", 2L)], Pairs(await GetAsync(environment, mia, jonas, key, 0, mia)));
    }

    [Fact]
    public async Task Messages_that_take_none_or_are_not_there_and_bad_parameters_are_refused()
    {
        var (environment, mia, jonas, key) = await StartAsync();
        var plain = await environment.SendTextAsync(mia, jonas, "plain", random: 9);
        var ada = await environment.ImportAsync("ada");
        (string, string, long)[] pair = [("a", "1", 0)];

        Assert.Equal(23002, await CodeAsync(environment, Body(mia, jonas, plain, pair)));
        Assert.Equal(23004, await CodeAsync(environment, Body(mia, jonas, "1_2_3", pair)));
        Assert.Equal(23004, await CodeAsync(environment, Body(jonas, mia, key, pair)));
        Assert.Equal(60010, await CodeAsync(environment, Body(mia, jonas, key, pair), ada));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, "x", pair)));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [])));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [("", "1", 0)])));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [("a", "1", 0), ("a", "2", 0)])));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [(new string('k', 101), "1", 0)])));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [("a", new string('v', 1001), 0)])));
        Assert.Equal(10004, await CodeAsync(environment, Body(mia, jonas, key, [.. Enumerable.Range(0, 21).Select(n => ($"{n}", "v", 0L))])));
        Assert.Equal(10004, await CodeAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, OperateType = 4 }));
        Assert.Equal(10004, await CodeAsync(environment, new { From_Account = mia, To_Account = jonas, MsgKey = key, OperateType = 4294967299 }));
        Assert.Equal(60003, await CodeAsync(environment, "no json"));
        Assert.Empty(Pairs(await GetAsync(environment, mia, jonas, key, 0)));
        await environment.Api.CallOkAsync("openim", "admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key });
        Assert.Equal(23004, await CodeAsync(environment, Body(mia, jonas, key, pair)));
    }

    private async Task<(LocalEnvironment Environment, string Mia, string Jonas, string Key)> StartAsync()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var sent = await environment.SendAsync(Messages.Text(mia, jonas, "vote!", more: ("SupportMessageExtension", 1)));
        return (environment, mia, jonas, sent.GetProperty("MsgKey").GetString()!);
    }

    private static object Body(string from, string to, string key, (string Key, string Value, long Seq)[] pairs) => new
    {
        From_Account = from,
        To_Account = to,
        MsgKey = key,
        OperateType = 1,
        ExtensionList = pairs.Select(pair => new { pair.Key, pair.Value, pair.Seq }),
    };

    private static Task<JsonElement> SetAsync(
        LocalEnvironment environment, string from, string to, string key, (string Key, string Value, long Seq)[] pairs, string? identifier = null) =>
        environment.Api.CallOkAsync(Service, "set_key_values", Body(from, to, key, pairs), identifier);

    private static Task<JsonElement> GetAsync(LocalEnvironment environment, string from, string to, string key, long start, string? identifier = null) =>
        environment.Api.CallOkAsync(Service, "get_key_values", new { From_Account = from, To_Account = to, MsgKey = key, StartSeq = start }, identifier);

    private static async Task<int> CodeAsync(LocalEnvironment environment, object body, string? identifier = null) =>
        (await environment.Api.CallAsync(Service, "set_key_values", body, identifier)).GetProperty("ErrorCode").GetInt32();

    private static List<(int Code, string Key, string Value, long Seq)> Results(JsonElement answer) => [.. answer.GetProperty("ExtensionList").EnumerateArray().Select(item =>
    {
        var (key, value, seq) = Pair(item.GetProperty("Extension"));
        return (item.GetProperty("ErrorCode").GetInt32(), key, value, seq);
    })];

    private static List<(string Key, string Value, long Seq)> Pairs(JsonElement answer) => [.. answer.GetProperty("ExtensionList").EnumerateArray().Select(Pair)];

    private static (string Key, string Value, long Seq) Pair(JsonElement pair) =>
        (pair.GetProperty("Key").GetString()!, pair.GetProperty("Value").GetString()!, pair.GetProperty("Seq").GetInt64());
}
