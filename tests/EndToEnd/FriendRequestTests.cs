using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class FriendRequestTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Who_wants_to_be_asked_is_asked_and_says_yes_for_both_or_for_one()
    {
        var (environment, mia, jonas) = await StartAsync();
        var lena = await environment.ImportAsync("lena");
        var api = environment.Api;
        await api.AllowAsync(lena, "NeedConfirm");

        Assert.Equal(30539, await api.AddFriendAsync(mia, jonas, remark: "Jo", group: "Work", wording: "hello", identifier: mia));
        Assert.Equal(30539, await api.AddFriendAsync(mia, lena));
        Assert.Equal("NoRelation", await api.RelationAsync(mia, jonas));
        Assert.Equal(new[] { $">{jonas}", $">{lena}" }.Order(), await api.RequestsAsync(mia));
        Assert.Equal([$"<{mia}"], await api.RequestsAsync(jonas));

        Assert.Equal(0, await api.AnswerAsync(jonas, mia, "AgreeAndAdd", identifier: jonas));
        Assert.Equal(0, await api.AnswerAsync(lena, mia, "Agree"));

        Assert.Equal("BothWay", await api.RelationAsync(mia, jonas));
        Assert.Equal("AWithB", await api.RelationAsync(mia, lena));
        var kept = (await api.FriendsAsync(mia))[jonas];
        Assert.All(["IM_Remark=Jo", "IM_Group=[\"Work\"]", "IM_AddWording=hello", "IM_AddSource=AddSource_Type_Web"], value => Assert.Contains(value, kept));
        Assert.Empty(await api.RequestsAsync(mia));
        Assert.Empty(await api.RequestsAsync(jonas));
        Assert.Equal(30614, await api.AnswerAsync(jonas, mia, "AgreeAndAdd"));
    }

    [Fact]
    public async Task A_request_is_refused_or_taken_back()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.AddFriendAsync(mia, jonas);
        Assert.Equal(0, await api.AnswerAsync(jonas, mia, "Reject"));
        Assert.Equal(("NoRelation", 0, 0), (await api.RelationAsync(mia, jonas), (await api.RequestsAsync(mia)).Count, (await api.RequestsAsync(jonas)).Count));
        Assert.Equal(30614, await api.AnswerAsync(jonas, mia, "Reject"));

        await api.AddFriendAsync(mia, jonas);
        Assert.Equal([30614], Friends.Codes(await api.SnsAsync("pendency_delete", new { From_Account = mia, PendencyType = "Pendency_Type_ComeIn", To_Account = new[] { jonas } })));
        Assert.Equal([0], Friends.Codes(await api.SnsAsync("pendency_delete", new { From_Account = mia, PendencyType = "Pendency_Type_SendOut", To_Account = new[] { jonas } })));

        Assert.Empty(await api.RequestsAsync(jonas));
        Assert.Equal(30614, await api.AnswerAsync(jonas, mia, "Agree"));
        Assert.Equal("NoRelation", await api.RelationAsync(mia, jonas));
    }

    [Fact]
    public async Task Two_who_ask_each_other_are_friends()
    {
        var (environment, mia, jonas) = await StartAsync();
        await environment.Api.AllowAsync(mia, "NeedConfirm");

        Assert.Equal(30539, await environment.Api.AddFriendAsync(mia, jonas));
        Assert.Equal(0, await environment.Api.AddFriendAsync(jonas, mia));

        Assert.Equal("BothWay", await environment.Api.RelationAsync(mia, jonas));
        Assert.Empty(await environment.Api.RequestsAsync(mia));
        Assert.Empty(await environment.Api.RequestsAsync(jonas));
    }

    [Fact]
    public async Task Who_takes_no_requests_gets_none_and_an_administrator_can_force_it()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.AllowAsync(jonas, "DenyAny");

        Assert.Equal(30516, await api.AddFriendAsync(mia, jonas));
        Assert.Equal(0, await api.AddFriendAsync(mia, jonas, "Add_Type_Single"));
        await api.DeleteFriendAsync(mia, jonas);
        Assert.Equal(0, await api.AddFriendAsync(mia, jonas, force: 1));

        Assert.Equal("BothWay", await api.RelationAsync(jonas, mia));
    }

    [Fact]
    public async Task Who_may_not_ask_does_not()
    {
        var (environment, mia, jonas) = await StartAsync();
        await environment.Api.CallOkAsync("profile", "portrait_set", new
        {
            From_Account = mia,
            ProfileItem = new[] { new { Tag = "Tag_Profile_IM_AdminForbidType", Value = "AdminForbid_Type_SendOut" } },
        });

        Assert.Equal(30009, await environment.Api.AddFriendAsync(mia, jonas));
        Assert.Empty(await environment.Api.RequestsAsync(jonas));
        Assert.Equal(0, await environment.Api.AddFriendAsync(jonas, mia));
    }

    [Fact]
    public async Task What_counts_for_accounts_that_have_said_nothing_is_the_apps_to_say()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"DefaultAllowType":"NeedConfirm"}""");

        Assert.Equal(30539, await api.AddFriendAsync("mia", "jonas"));
        await api.AllowAsync("mia", "AllowAny");
        Assert.Equal(0, await api.AddFriendAsync("jonas", "mia"));
    }

    [Fact]
    public async Task Both_hear_of_a_request_and_the_list_has_what_they_need()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.CallOkAsync("profile", "portrait_set", new { From_Account = mia, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Mia" } } });
        await using var phone = await environment.ConnectAsync(jonas);

        await api.AddFriendAsync(mia, jonas, wording: "hello");
        var heard = (await phone.WaitForAsync(one => Messages.TypeOf(one) == "Relationship")).GetProperty("Content");
        var list = await api.SnsAsync("pendency_get", new { From_Account = jonas, PendencyType = "Pendency_Type_ComeIn" }, jonas);

        Assert.Equal("RequestAdd", heard.GetProperty("Changes")[0].GetString());
        Assert.Equal(("hello", "AddSource_Type_Web"), (heard.GetProperty("ComeIn").GetProperty("AddWording").GetString(), heard.GetProperty("ComeIn").GetProperty("AddSource").GetString()));
        var item = list.GetProperty("PendencyItem")[0];
        Assert.Equal((mia, "Mia", "hello"), (item.GetProperty("To_Account").GetString(), item.GetProperty("Nick").GetString(), item.GetProperty("AddWording").GetString()));
        Assert.Equal(heard.GetProperty("PendencySequence").GetInt64(), list.GetProperty("CurrentPendencySequence").GetInt64());
        Assert.Equal(1, list.GetProperty("UnreadPendencyCount").GetInt32());
        var same = await api.SnsAsync("pendency_get", new { From_Account = jonas, PendencyType = "Pendency_Type_ComeIn", LastSequence = list.GetProperty("CurrentPendencySequence").GetInt64() });
        Assert.Equal(0, same.GetProperty("PendencyItem").GetArrayLength());
        await api.SnsAsync("pendency_report", new { From_Account = jonas }, jonas);
        await api.SnsAsync("pendency_report", new { From_Account = jonas, TimeStamp = 1_700_000_000 }, jonas);
        var seen = await phone.WaitForAsync(one => Messages.TypeOf(one) == "RequestsSeen");
        Assert.True(seen.GetProperty("Content").GetProperty("TimeStamp").GetInt64() >= item.GetProperty("AddTime").GetInt64());
        Assert.Equal(0, (await api.SnsAsync("pendency_get", new { From_Account = jonas, PendencyType = "Pendency_Type_ComeIn" })).GetProperty("UnreadPendencyCount").GetInt32());
    }

    [Fact]
    public async Task There_are_no_more_open_requests_than_the_app_allows()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxFriendRequests = 3, DefaultAllowType = Parley.Apps.AllowType.NeedConfirm });
        var names = Enumerable.Range(1, 6).Select(n => $"r{n}").ToList();
        await api.ImportAsync([.. names, "mia", "z"]);

        var sent = await api.SnsAsync("friend_add", new { From_Account = "mia", AddFriendItem = names.Select(to => new { To_Account = to }) });
        Assert.Equal(3, Friends.Codes(sent).Count(code => code == 30539));
        Assert.Equal(3, Friends.Codes(sent).Count(code => code == 30012));
        Assert.Equal(3, (await api.RequestsAsync("mia")).Count);

        // Also where others ask, and those who are asked come first or last by name.
        var came = await Task.WhenAll(names.Select(name => api.AddFriendAsync(name, "z")));
        Assert.Equal(3, came.Count(code => code == 30539));
        Assert.Equal(3, (await api.RequestsAsync("z")).Count);
        await api.SnsAsync("pendency_delete", new { From_Account = "z", PendencyType = "Pendency_Type_Both", To_Account = names });
        Assert.Empty(await api.RequestsAsync("z"));
        Assert.Equal(30539, await api.AddFriendAsync("r1", "z"));
    }

    [Fact]
    public async Task Requests_are_listed_in_pages_newest_first()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { DefaultAllowType = Parley.Apps.AllowType.NeedConfirm });
        var names = Enumerable.Range(1, 7).Select(n => $"p{n}").ToList();
        await api.ImportAsync([.. names, "mia"]);
        await api.SnsAsync("friend_add", new { From_Account = "mia", AddFriendItem = names.Select(to => new { To_Account = to }) });

        var (seen, start) = (new List<JsonElement>(), 0L);
        do
        {
            var page = await api.SnsAsync("pendency_get", new { From_Account = "mia", PendencyType = "Pendency_Type_SendOut", StartTime = start, MaxLimited = 2 });
            seen.AddRange(page.GetProperty("PendencyItem").EnumerateArray());
            start = page.GetProperty("NextStartTime").GetInt64();
        }
        while (start != 0);

        Assert.Equal(names, seen.Select(item => item.GetProperty("To_Account").GetString()!).Order());
        var times = seen.Select(item => item.GetProperty("AddTime").GetInt64()).ToList();
        Assert.Equal(times.OrderDescending(), times);
    }

    private async Task<(LocalEnvironment Environment, string Mia, string Jonas)> StartAsync()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.Api.AllowAsync(jonas, "NeedConfirm");
        return (environment, mia, jonas);
    }
}
