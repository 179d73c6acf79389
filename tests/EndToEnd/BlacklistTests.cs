using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class BlacklistTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Who_is_on_a_blacklist_is_no_friend_cannot_ask_and_cannot_send()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.AddFriendAsync(mia, jonas);
        await environment.SendAsync(Messages.Text(jonas, mia, "before"), jonas);

        Assert.Equal(0, await api.BlockAsync(mia, jonas));

        Assert.Equal(("NoRelation", "AWithB", "BWithA"), (await api.RelationAsync(mia, jonas), await api.BlockedAsync(mia, jonas), await api.BlockedAsync(jonas, mia)));
        Assert.Equal("NO", await api.RelationAsync(jonas, mia, "black_list_check", "BlackCheckResult_Type_Single"));
        Assert.Equal((30525, 30515), (await api.AddFriendAsync(jonas, mia), await api.AddFriendAsync(mia, jonas)));
        Assert.Equal(30525, await api.AddFriendAsync(jonas, mia, force: 1));
        Assert.Equal(20007, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "stopped", random: 2), jonas));
        Assert.Equal(20007, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "stopped", random: 3, more: [("OnlineOnlyFlag", 1)]), jonas));
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "from the other side", random: 4), mia));
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "by an administrator", random: 5)));
        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            Assert.Equal(["before", "from the other side", "by an administrator"], Messages.TextsOf(await environment.HistoryAsync(owner, peer)));
        }

        Assert.Equal(0, await api.UnblockAsync(mia, jonas));
        Assert.Equal("NO", await api.BlockedAsync(mia, jonas));
        Assert.Equal("NoRelation", await api.RelationAsync(mia, jonas));
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "free", random: 6), jonas));
    }

    [Fact]
    public async Task Strangers_can_be_kept_out_too_and_no_conversation_shows_for_it()
    {
        var (environment, mia, jonas) = await StartAsync();

        await environment.Api.BlockAsync(mia, jonas);

        Assert.Equal(20007, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "hello"), jonas));
        Assert.Empty(await environment.HistoryAsync(mia, jonas));
        Assert.Empty(await environment.HistoryAsync(jonas, mia));
        var list = await environment.Api.CallOkAsync("recentcontact", "get_list", new { From_Account = mia, TimeStamp = 0, StartIndex = 0, TopTimeStamp = 0, TopStartIndex = 0, AssistFlags = 7 });
        Assert.Equal(0, list.GetProperty("SessionItem").GetArrayLength());
        await environment.Api.UnblockAsync(mia, jonas);
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "hello again", random: 8), jonas));
        Assert.Equal(1, await environment.UnreadAsync(mia, jonas));
        Assert.Single(await environment.LogAsync(mia, jonas));
    }

    [Fact]
    public async Task A_message_that_was_stored_before_is_repeated_with_its_key_not_with_an_objection()
    {
        var (environment, mia, jonas) = await StartAsync();
        var body = Messages.Text(jonas, mia, "before", seq: 1);
        var key = (await environment.SendAsync(body, jonas)).GetProperty("MsgKey").GetString();
        await environment.Api.BlockAsync(mia, jonas);

        Assert.Equal(key, (await environment.SendAsync(body, jonas)).GetProperty("MsgKey").GetString());
    }

    [Fact]
    public async Task Requests_end_with_it_in_both_directions()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.AllowAsync(mia, "NeedConfirm");
        await api.AddFriendAsync(jonas, mia);

        await api.BlockAsync(mia, jonas);

        Assert.Empty(await api.RequestsAsync(mia));
        Assert.Empty(await api.RequestsAsync(jonas));
        Assert.Equal(30614, await api.AnswerAsync(mia, jonas, "Agree"));
        Assert.Equal("BothWay", await BlockBackAsync(api, jonas, mia));
    }

    [Fact]
    public async Task Twice_on_or_twice_off_has_its_code_and_nobody_is_told_but_the_owner()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await using var phone = await environment.ConnectAsync(mia);

        var codes = new[] { await api.UnblockAsync(mia, jonas), await api.BlockAsync(mia, jonas), await api.BlockAsync(mia, jonas), await api.UnblockAsync(mia, jonas), await api.BlockAsync(mia, mia) };

        Assert.Equal([30001, 0, 30001, 0, 30001], codes);
        var heard = (await phone.WaitForCountAsync(2, one => Messages.TypeOf(one) == "Relationship")).OrderBy(one => one.GetProperty("Seq").GetInt64());
        Assert.Equal(["BlacklistAdd", "BlacklistDelete"], heard.Select(one => one.GetProperty("Content").GetProperty("Changes")[0].GetString()));
        Assert.Equal(0, (await api.CallOkAsync("openim", "get_events", "{}", jonas)).GetProperty("LastSeq").GetInt64());
        Assert.Equal([30003], Friends.Codes(await api.SnsAsync("black_list_add", new { From_Account = mia, To_Account = new[] { environment.NewAccount("nobody") } })));
    }

    [Fact]
    public async Task The_list_is_read_in_pages_and_has_its_limit()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxBlacklisted = 5 });
        var names = Enumerable.Range(1, 8).Select(n => $"b{n}").ToList();
        await api.ImportAsync([.. names, "bz", "mia", "a"]);

        foreach (var owner in new[] { "mia", "a", "bz" })
        {
            Assert.Equal(5, Friends.Codes(await api.SnsAsync("black_list_add", new { From_Account = owner, To_Account = names })).Count(code => code == 0));
            Assert.Equal([30013], Friends.Codes(await api.SnsAsync("black_list_add", new { From_Account = owner, To_Account = new[] { owner == "mia" ? "a" : "mia" } })));
        }

        var (seen, start, sequence) = (new List<string>(), 0, 0L);
        do
        {
            var page = await api.SnsAsync("black_list_get", new { From_Account = "mia", StartIndex = start, MaxLimited = 2, LastSequence = 0 });
            seen.AddRange(page.GetProperty("BlackListItem").EnumerateArray().Select(item => item.GetProperty("To_Account").GetString()!));
            Assert.All(page.GetProperty("BlackListItem").EnumerateArray(), item => Assert.True(item.GetProperty("AddBlackTimeStamp").GetInt64() > 1_700_000_000));
            (start, sequence) = (page.GetProperty("StartIndex").GetInt32(), page.GetProperty("CurruentSequence").GetInt64());
            Assert.Equal(sequence, page.GetProperty("CurrentSequence").GetInt64());
        }
        while (start != 0);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        Assert.Equal(0, (await api.SnsAsync("black_list_get", new { From_Account = "mia", StartIndex = 0, MaxLimited = 2, LastSequence = sequence })).GetProperty("BlackListItem").GetArrayLength());
    }

    [Fact]
    public async Task Limits_of_all_lists_are_settings()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas", "lena", "zoe", "ada");
        var before = await api.CallOkAsync("openconfigsvr", "get_app_settings", "{}");
        string[] names = ["MaxFriends", "MaxBlacklisted", "MaxFriendGroups", "MaxFriendRequests"];
        Assert.Equal([3_000, 1_000, 32, 100], names.Select(name => before.GetProperty(name).GetInt32()));
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"MaxFriends":1,"MaxBlacklisted":1,"MaxFriendGroups":1,"MaxFriendRequests":1}""");
        await api.AllowAsync("zoe", "NeedConfirm");
        await api.AllowAsync("ada", "NeedConfirm");

        Assert.Equal((30539, 30012), (await api.AddFriendAsync("mia", "zoe"), await api.AddFriendAsync("mia", "ada")));
        Assert.Equal((0, 30010), (await api.AddFriendAsync("mia", "jonas"), await api.AddFriendAsync("mia", "lena")));
        Assert.Equal(30014, await api.AddFriendAsync("lena", "mia"));
        Assert.Equal((0, 30013), (await api.BlockAsync("lena", "jonas"), await api.BlockAsync("lena", "zoe")));
        Assert.Equal(0, await api.SnsCodeAsync("group_add", new { From_Account = "mia", GroupName = new[] { "1" } }));
        Assert.Equal(30011, await api.SnsCodeAsync("group_add", new { From_Account = "mia", GroupName = new[] { "2" } }));
    }

    [Fact]
    public async Task An_app_may_have_what_administrators_send_checked_too()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas", "lena");
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"ChecksAdminSends":1}""");
        await api.BlockAsync("mia", "jonas");

        Assert.Equal(20007, await SendAsync(api, "jonas", "mia"));
        var batch = Messages.Text("jonas", "mia", "to all");
        batch["To_Account"] = new JsonArray("mia", "lena");
        var answer = await api.CallOkAsync("openim", "batchsendmsg", batch.ToJsonString());
        Assert.Equal("""[{"To_Account":"mia","ErrorCode":20007}]""", answer.GetProperty("ErrorList").GetRawText());
    }

    [Fact]
    public async Task An_app_may_demand_friendship_for_messages()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"RequiresFriendship":1}""");

        Assert.Equal(20009, await SendAsync(api, "mia", "jonas", "mia"));
        Assert.Equal(0, await SendAsync(api, "mia", "jonas"));
        await api.AddFriendAsync("mia", "jonas", "Add_Type_Single");
        Assert.Equal((20010, 20011), (await SendAsync(api, "mia", "jonas", "mia"), await SendAsync(api, "jonas", "mia", "jonas")));
        Assert.Equal(20010, await SendAsync(api, "mia", "jonas", "mia", isOnlineOnly: true));
        await api.AddFriendAsync("jonas", "mia");
        Assert.Equal((0, 0), (await SendAsync(api, "mia", "jonas", "mia"), await SendAsync(api, "jonas", "mia", "jonas")));
        Assert.Equal(0, await SendAsync(api, "mia", "jonas", "mia", isOnlineOnly: true));
        await api.DeleteFriendAsync("jonas", "mia", "Delete_Type_Both");
        Assert.Equal((20009, 20009), (await SendAsync(api, "mia", "jonas", "mia"), await SendAsync(api, "jonas", "mia", "jonas")));
        Assert.Equal(0, await SendAsync(api, "mia", "mia", "mia"));
    }

    private static async Task<string> BlockBackAsync(ApiClient api, string from, string to)
    {
        await api.BlockAsync(from, to);
        return await api.BlockedAsync(from, to);
    }

    private static async Task<int> SendAsync(ApiClient api, string from, string to, string? identifier = null, bool isOnlineOnly = false)
    {
        var body = Messages.Text(from, to, "x", random: (uint)Random.Shared.Next());
        body["OnlineOnlyFlag"] = isOnlineOnly ? 1 : 0;
        return (await api.CallAsync("openim", "sendmsg", body.ToJsonString(), identifier)).GetProperty("ErrorCode").GetInt32();
    }

    private async Task<(LocalEnvironment Environment, string Mia, string Jonas)> StartAsync()
    {
        var environment = await fixture.StartedAsync();
        return (environment, await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
    }
}
