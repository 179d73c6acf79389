using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class FriendTests(LocalEnvironmentFixture fixture)
{
    private static readonly CustomField[] Fields = [new("Star", CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.App)];

    [Fact]
    public async Task Friends_are_added_in_both_directions_or_in_one()
    {
        var (environment, mia, jonas) = await StartAsync();
        var lena = await environment.ImportAsync("lena");
        var api = environment.Api;

        Assert.Equal(0, await api.AddFriendAsync(mia, jonas, remark: "Jo", group: "Work", wording: "hello"));
        Assert.Equal(0, await api.AddFriendAsync(mia, lena, "Add_Type_Single"));

        Assert.Equal("BothWay", await api.RelationAsync(mia, jonas));
        Assert.Equal("BothWay", await api.RelationAsync(jonas, mia));
        Assert.Equal("AWithB", await api.RelationAsync(mia, lena));
        Assert.Equal("BWithA", await api.RelationAsync(lena, mia));
        Assert.Equal("NoRelation", await api.RelationAsync(lena, mia, type: "CheckResult_Type_Single"));
        Assert.Equal("AWithB", await api.RelationAsync(mia, jonas, type: "CheckResult_Type_Singal"));
        Assert.Equal("NoRelation", await api.RelationAsync(lena, jonas));
        var friends = await api.FriendsAsync(mia);
        Assert.Equal(new[] { jonas, lena }.Order(), friends.Keys.Order());
        Assert.Equal(["IM_AddSource=AddSource_Type_Web", "IM_Remark=Jo", "IM_AddWording=hello"], friends[jonas].Where(value => !value.Contains("Time", StringComparison.Ordinal) && !value.Contains("Group", StringComparison.Ordinal)));
        Assert.Contains("IM_Group=[\"Work\"]", friends[jonas]);

        // The other side has no remark, and no wording: nobody has written one to it.
        Assert.Equal(["IM_AddSource=AddSource_Type_Web"], (await api.FriendsAsync(jonas))[mia].Where(value => !value.Contains("Time", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_friend_cannot_be_added_twice_nor_oneself_nor_nobody()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        var nobody = environment.NewAccount("nobody");
        await api.AddFriendAsync(mia, jonas);

        var answer = await api.SnsAsync("friend_add", new { From_Account = mia, AddFriendItem = new[] { jonas, mia, nobody, "a name that is longer than 32 bytes", jonas }.Select(to => new { To_Account = to }) });

        Assert.Equal([30001, 30001, 30003, 30003, 30001], Friends.Codes(answer));
        Assert.Equal("Err_SNS_FriendAdd_Friend_Exist", answer.GetProperty("ResultItem")[0].GetProperty("ResultInfo").GetString());
        Assert.Equal("", answer.GetProperty("ErrorDisplay").GetString());
    }

    [Theory]
    [InlineData("AddSource_Type_", "", "", "", 30001)]
    [InlineData("AddSource_Type_Eightltr", "", "", "", 0)]
    [InlineData("AddSource_Type_Nineltter", "", "", "", 30001)]
    [InlineData("AddSource_Type_Web1", "", "", "", 30001)]
    [InlineData("Web", "", "", "", 30001)]
    [InlineData("AddSource_Type_Web", "x96", "x30", "x256", 0)]
    [InlineData("AddSource_Type_Web", "x97", "", "", 30001)]
    [InlineData("AddSource_Type_Web", "", "x31", "", 30001)]
    [InlineData("AddSource_Type_Web", "", "", "x257", 30001)]
    public async Task Texts_have_their_limits(string source, string remark, string group, string wording, int code)
    {
        var (environment, mia, jonas) = await StartAsync();
        var item = new { To_Account = jonas, AddSource = source, Remark = Text(remark), GroupName = Text(group), AddWording = Text(wording) };

        Assert.Equal([code], Friends.Codes(await environment.Api.SnsAsync("friend_add", new { From_Account = mia, AddFriendItem = new[] { item } })));

        Assert.Equal(code == 0 ? "BothWay" : "NoRelation", await environment.Api.RelationAsync(mia, jonas));
        static string Text(string form) => form.Length == 0 ? "" : new string('x', int.Parse(form[1..], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("friend_add", """{"AddFriendItem":[{"To_Account":"alice"}]}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"bob","AddFriendItem":{"To_Account":"alice"}}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"bob","AddFriendItem":[]}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"bob","AddFriendItem":[{}]}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"bob","AddType":"Both","AddFriendItem":[{"To_Account":"alice"}]}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"bob","ForceAddFlags":2,"AddFriendItem":[{"To_Account":"alice"}]}""", 30001)]
    [InlineData("friend_add", """{"From_Account":"nobody at all","AddFriendItem":[{"To_Account":"alice"}]}""", 30003)]
    [InlineData("friend_add", "not json", 30001)]
    [InlineData("friend_import", """{"From_Account":"bob","AddFriendItem":[{"To_Account":"alice","GroupName":"Work"}]}""", 30001)]
    [InlineData("friend_update", """{"From_Account":"bob","UpdateItem":[{"To_Account":"alice"}]}""", 30001)]
    [InlineData("friend_update", """{"From_Account":"bob","UpdateItem":[{"To_Account":"alice","SnsItem":[{"Tag":"Tag_SNS_IM_Remark"}]}]}""", 30001)]
    [InlineData("friend_delete", """{"From_Account":"bob","To_Account":[]}""", 30001)]
    [InlineData("friend_delete", """{"From_Account":"bob","To_Account":"alice"}""", 30001)]
    [InlineData("friend_delete", """{"From_Account":"bob","To_Account":["alice"],"DeleteType":"Both"}""", 30001)]
    [InlineData("friend_delete_all", """{"From_Account":"bob","DeleteType":"Both"}""", 30001)]
    [InlineData("friend_check", """{"From_Account":"bob","To_Account":["alice"]}""", 30001)]
    [InlineData("friend_check", """{"From_Account":"bob","To_Account":["alice"],"CheckType":"Both"}""", 30001)]
    [InlineData("friend_get", """{"From_Account":"bob"}""", 30001)]
    [InlineData("friend_get", """{"From_Account":"bob","StartIndex":-1}""", 30001)]
    [InlineData("friend_get_all", """{"From_Account":"bob","StartIndex":0,"GetCount":0}""", 30001)]
    [InlineData("friend_get_all", """{"From_Account":"bob","StartIndex":0,"TagList":["Tag_Nothing"]}""", 30001)]
    [InlineData("friend_get_list", """{"From_Account":"bob","To_Account":["alice"],"TagList":["Tag_SNS_Custom_Unknown"]}""", 30001)]
    [InlineData("friend_get_list", """{"From_Account":"bob","To_Account":["alice"],"TagList":["Tag_Profile_Custom_Unknown"]}""", 30001)]
    [InlineData("black_list_add", """{"From_Account":"bob"}""", 30001)]
    [InlineData("black_list_delete", """{"From_Account":"bob","To_Account":[]}""", 30001)]
    [InlineData("black_list_get", """{"From_Account":"bob","StartIndex":0,"LastSequence":0}""", 30001)]
    [InlineData("black_list_check", """{"From_Account":"bob","To_Account":["alice"],"CheckType":"CheckResult_Type_Both"}""", 30001)]
    [InlineData("group_add", """{"From_Account":"bob"}""", 30001)]
    [InlineData("group_add", """{"From_Account":"bob","GroupName":[""]}""", 30001)]
    [InlineData("group_delete", """{"From_Account":"bob","GroupName":"Work"}""", 30001)]
    [InlineData("group_get", """{"From_Account":"bob","NeedFriend":"Yes"}""", 30001)]
    [InlineData("pendency_get", """{"From_Account":"bob"}""", 30001)]
    [InlineData("pendency_delete", """{"From_Account":"bob","To_Account":["alice"],"PendencyType":"All"}""", 30001)]
    [InlineData("friend_response", """{"From_Account":"bob","ResponseFriendItem":[{"To_Account":"alice","ResponseAction":"Yes"}]}""", 30001)]
    [InlineData("pendency_report", """{"From_Account":"bob","TimeStamp":"now"}""", 30001)]
    public async Task Bad_requests_have_their_codes_and_change_nothing(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();

        var answer = await environment.Api.CallAsync(Friends.Service, command, body);

        Assert.Equal(code, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(("FAIL", ""), (answer.GetProperty("ActionStatus").GetString(), answer.GetProperty("ErrorDisplay").GetString()));
        Assert.Equal("NoRelation", await environment.Api.RelationAsync("bob", "alice"));
    }

    [Fact]
    public async Task Accounts_act_for_themselves_only_and_import_and_force_are_for_administrators()
    {
        var (environment, mia, jonas) = await StartAsync();
        var api = environment.Api;
        await api.AllowAsync(jonas, "DenyAny");
        object Item(string to) => new { To_Account = to };

        Assert.Equal(30004, await api.SnsCodeAsync("friend_add", new { From_Account = jonas, AddFriendItem = new[] { Item(mia) } }, mia));
        Assert.Equal(30004, await api.SnsCodeAsync("friend_add", new { From_Account = mia, ForceAddFlags = 1, AddFriendItem = new[] { Item(jonas) } }, mia));
        Assert.Equal(60010, await api.SnsCodeAsync("friend_import", new { From_Account = mia, AddFriendItem = new[] { Item(jonas) } }, mia));
        foreach (var command in new[] { "friend_get", "friend_get_all" })
        {
            Assert.Equal(30004, await api.SnsCodeAsync(command, new { From_Account = jonas, StartIndex = 0 }, mia));
        }

        Assert.Equal(30516, await api.AddFriendAsync(mia, jonas, identifier: mia));
        Assert.Equal(0, await api.AddFriendAsync(jonas, mia, identifier: jonas));
        Assert.Equal("BothWay", await api.RelationAsync(mia, jonas));
    }

    [Fact]
    public async Task Both_sides_hear_of_it_and_a_change_of_the_profile_is_told_to_friends()
    {
        var (environment, mia, jonas) = await StartAsync();
        await using var phone = await environment.ConnectAsync(mia);
        await using var desk = await environment.ConnectAsync(jonas);

        await environment.Api.AddFriendAsync(mia, jonas, wording: "hello");
        await environment.Api.CallOkAsync(
            "profile", "portrait_set", new { From_Account = mia, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Mia" } } });
        var told = await desk.WaitForAsync(one => Messages.TypeOf(one) == "FriendProfile");
        await environment.Api.DeleteFriendAsync(mia, jonas, "Delete_Type_Both");

        Assert.Equal($$"""{"From_Account":"{{mia}}","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"}],"Type":"FriendProfile"}""", told.GetRawText());
        foreach (var (device, owner, peer) in new[] { (phone, mia, jonas), (desk, jonas, mia) })
        {
            var heard = (await device.WaitForCountAsync(2, one => Messages.TypeOf(one) == "Relationship")).OrderBy(one => one.GetProperty("Seq").GetInt64()).ToList();
            Assert.Equal(["FriendAdd", "FriendDelete"], heard.Select(one => one.GetProperty("Content").GetProperty("Changes")[0].GetString()));
            Assert.Equal([1, 0], heard.Select(one => one.GetProperty("Content").GetProperty("IsFriend").GetInt32()));
            Assert.All(heard, one => Assert.Equal(peer, one.GetProperty("Content").GetProperty("Peer_Account").GetString()));
            var read = (await environment.Api.CallOkAsync("openim", "get_events", "{}", owner)).GetProperty("Events").EnumerateArray();
            Assert.Equal(heard.Select(one => one.GetRawText()), read.Where(one => Messages.TypeOf(one) == "Relationship").Select(one => one.GetRawText()));
        }
    }

    [Fact]
    public async Task Whoever_has_the_account_in_its_list_hears_of_its_profile_and_nobody_else()
    {
        var (environment, mia, jonas) = await StartAsync();
        var lena = await environment.ImportAsync("lena");
        await environment.Api.AddFriendAsync(jonas, mia, "Add_Type_Single");
        await environment.Api.AddFriendAsync(mia, lena, "Add_Type_Single");
        await using var desk = await environment.ConnectAsync(jonas);
        await using var tablet = await environment.ConnectAsync(lena);

        await SetNickAsync(mia, "Mia");
        await desk.WaitForAsync(one => IsOf(one, mia));
        await environment.Api.AddFriendAsync(lena, mia, "Add_Type_Single");
        await SetNickAsync(mia, "Mia K.");

        var heard = await tablet.WaitForAsync(one => IsOf(one, mia));
        Assert.Equal("Mia K.", heard.GetProperty("ProfileItem")[0].GetProperty("Value").GetString());

        Task SetNickAsync(string account, string nick) =>
            environment.Api.CallOkAsync("profile", "portrait_set", new { From_Account = account, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = nick } } });

        static bool IsOf(JsonElement heard, string account) => Messages.TypeOf(heard) == "FriendProfile" && heard.GetProperty("From_Account").GetString() == account;
    }

    [Fact]
    public async Task Friends_are_deleted_in_one_direction_or_in_both_one_by_one_or_all()
    {
        var (environment, mia, jonas) = await StartAsync();
        var lena = await environment.ImportAsync("lena");
        var api = environment.Api;
        await api.AddFriendAsync(mia, jonas);
        await api.AddFriendAsync(mia, lena);

        Assert.Equal(0, await api.DeleteFriendAsync(mia, jonas));
        Assert.Equal("BWithA", await api.RelationAsync(mia, jonas));
        Assert.Equal(31704, await api.DeleteFriendAsync(mia, jonas));
        Assert.Equal(0, await api.DeleteFriendAsync(jonas, mia, "Delete_Type_Both"));
        Assert.Equal("NoRelation", await api.RelationAsync(jonas, mia));
        Assert.Equal(31704, await api.DeleteFriendAsync(jonas, mia, "Delete_Type_Both"));

        await api.AddFriendAsync(mia, jonas);
        await api.SnsAsync("friend_delete_all", new { From_Account = mia });
        Assert.Empty(await api.FriendsAsync(mia));
        Assert.Equal([mia], (await api.FriendsAsync(lena)).Keys);
        await api.AddFriendAsync(mia, lena);
        await api.SnsAsync("friend_delete_all", new { From_Account = mia, DeleteType = "Delete_Type_Both" });
        Assert.Empty(await api.FriendsAsync(lena));
        Assert.Equal([mia], (await api.FriendsAsync(jonas)).Keys);
    }

    [Fact]
    public async Task Imported_friends_come_with_their_data_in_one_direction_and_in_silence()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { FriendCustomFields = Fields });
        await api.ImportAsync("mia", "jonas", "lena");
        var jonas = new
        {
            To_Account = "jonas",
            AddSource = "AddSource_Type_Old",
            Remark = "Jo",
            RemarkTime = 1500000000,
            GroupName = new[] { "Family", "Work" },
            AddWording = "w",
            AddTime = 1400000000,
            CustomItem = new[] { new { Tag = "Tag_SNS_Custom_Star", Value = (object)7 } },
        };
        var lena = new { To_Account = "lena", AddSource = "AddSource_Type_Old", CustomItem = new[] { new { Tag = "Tag_SNS_Custom_Moon", Value = "x" } } };

        var answer = await api.SnsAsync("friend_import", new { From_Account = "mia", AddFriendItem = new object[] { jonas, lena, new { To_Account = "nobody", AddSource = "AddSource_Type_Old" } } });
        var again = await api.SnsAsync("friend_import", new { From_Account = "mia", AddFriendItem = new object[] { jonas } });

        Assert.Equal([0, 30001, 30003], Friends.Codes(answer));
        Assert.Equal([30001], Friends.Codes(again));
        Assert.Equal(
            ["IM_AddSource=AddSource_Type_Old", "IM_AddTime=1400000000", "IM_AddWording=w", "IM_Group=[\"Family\",\"Work\"]", "IM_Remark=Jo", "IM_RemarkTime=1500000000", "Custom_Star=7"],
            (await api.FriendsAsync("mia"))["jonas"].OrderByDescending(value => value[0]).ThenBy(value => value, StringComparer.Ordinal));
        Assert.Equal("BWithA", await api.RelationAsync("jonas", "mia"));
        Assert.Equal(0, (await api.CallOkAsync("openim", "get_events", "{}", "mia")).GetProperty("LastSeq").GetInt64());
        Assert.Equal(0, (await api.CallOkAsync("openim", "get_events", "{}", "jonas")).GetProperty("LastSeq").GetInt64());
    }

    [Fact]
    public async Task Remark_groups_and_own_fields_are_changed_and_sequences_say_what()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { FriendCustomFields = Fields });
        await api.ImportAsync("mia", "jonas", "lena");
        await api.AddFriendAsync("mia", "jonas", remark: "Jo", group: "Work");
        var before = await api.SnsAsync("friend_get", new { From_Account = "mia", StartIndex = 0 });

        Assert.Equal([0, 30001], await UpdateAsync(api, ("jonas", "Tag_SNS_Custom_Star", "\"1\""), ("lena", "Tag_SNS_Custom_Star", "\"1\"")));
        var custom = await api.SnsAsync("friend_get", new
        {
            From_Account = "mia",
            StartIndex = 0,
            StandardSequence = before.GetProperty("StandardSequence").GetInt64(),
            CustomSequence = before.GetProperty("CustomSequence").GetInt64(),
        });
        Assert.Equal("""[{"Tag":"Tag_SNS_Custom_Star","Value":"1"}]""", custom.GetProperty("UserDataItem")[0].GetProperty("ValueItem").GetRawText());
        Assert.Equal([0], await UpdateAsync(api, ("jonas", "Tag_SNS_IM_Group", """["Ski","Family"]""")));
        Assert.Equal([0], await UpdateAsync(api, ("jonas", "Tag_SNS_IM_Remark", "\"\"")));
        var standard = await api.SnsAsync("friend_get", new
        {
            From_Account = "mia",
            StartIndex = 0,
            StandardSequence = custom.GetProperty("StandardSequence").GetInt64(),
            CustomSequence = custom.GetProperty("CustomSequence").GetInt64(),
        });
        Assert.DoesNotContain("Custom_Star", standard.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Tag_SNS_IM_Remark\"", standard.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("[\"Ski\",\"Family\"]", standard.GetRawText(), StringComparison.Ordinal);
        var nothing = await api.SnsAsync("friend_get", new
        {
            From_Account = "mia",
            StartIndex = 0,
            StandardSequence = standard.GetProperty("StandardSequence").GetInt64(),
            CustomSequence = standard.GetProperty("CustomSequence").GetInt64(),
        });
        Assert.Empty(nothing.GetProperty("UserDataItem").EnumerateArray());
        Assert.Equal((1, 1), (nothing.GetProperty("CompleteFlag").GetInt32(), nothing.GetProperty("FriendNum").GetInt32()));
    }

    [Fact]
    public async Task Imports_have_the_limits_of_lists_and_groups_and_pass_over_a_blacklist()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxFriends = 2, MaxFriendGroups = 2 });
        await api.ImportAsync("mia", "jonas", "lena", "zoe");
        await api.BlockAsync("jonas", "mia");
        async Task<int> ImportAsync(string to, params string[] groups) => Friends.Codes(await api.SnsAsync(
            "friend_import", new { From_Account = "mia", AddFriendItem = new[] { new { To_Account = to, AddSource = "AddSource_Type_Old", GroupName = groups } } })).Single();

        Assert.Equal(30011, await ImportAsync("jonas", "1", "2", "3"));
        Assert.Equal(0, await ImportAsync("jonas", "1", "2"));
        Assert.Equal(30011, await ImportAsync("lena", "3"));
        Assert.Equal(0, await ImportAsync("lena"));
        Assert.Equal(30010, await ImportAsync("zoe"));

        Assert.Equal(["jonas", "lena"], (await api.FriendsAsync("mia")).Keys.Order());
        Assert.Equal(("AWithB", "BWithA"), (await api.RelationAsync("mia", "jonas"), await api.BlockedAsync("mia", "jonas")));
    }

    [Fact]
    public async Task First_generation_callers_read_the_list_in_pages_of_their_size()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var names = Enumerable.Range(1, 7).Select(n => $"g{n}").ToList();
        await api.ImportAsync([.. names, "mia"]);
        await api.SnsAsync("friend_add", new { From_Account = "mia", AddFriendItem = names.Select(to => new { To_Account = to, AddSource = "AddSource_Type_Web" }) });

        var (seen, sizes, start) = (new List<string>(), new List<int>(), 0);
        do
        {
            var page = await api.SnsAsync("friend_get_all", new { From_Account = "mia", StartIndex = start, GetCount = 3, TagList = new[] { "Tag_SNS_IM_AddSource" } });
            var items = page.GetProperty("InfoItem").EnumerateArray().ToList();
            Assert.All(items, item => Assert.Equal("""[{"Tag":"Tag_SNS_IM_AddSource","Value":"AddSource_Type_Web"}]""", item.GetProperty("SnsProfileItem").GetRawText()));
            Assert.Equal(7, page.GetProperty("FriendNum").GetInt32());
            seen.AddRange(items.Select(item => item.GetProperty("Info_Account").GetString()!));
            sizes.Add(items.Count);
            start = page.GetProperty("StartIndex").GetInt32();
        }
        while (start != 0);

        Assert.Equal(names, seen.Order());
        Assert.Equal([3, 3, 1], sizes);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("\"7\"", "7")]
    public async Task An_own_field_is_a_text_or_a_whole_number(string value, string shown)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { FriendCustomFields = Fields });
        await api.ImportAsync("mia", "jonas");
        await api.AddFriendAsync("mia", "jonas");

        Assert.Equal([0], await UpdateAsync(api, ("jonas", "Tag_SNS_Custom_Star", value)));

        Assert.Contains($"Custom_Star={shown}", (await api.FriendsAsync("mia"))["jonas"]);
        Assert.Equal([0], await UpdateAsync(api, ("jonas", "Tag_SNS_Custom_Star", "\"\"")));
        Assert.DoesNotContain((await api.FriendsAsync("mia"))["jonas"], one => one.StartsWith("Custom_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Tag_SNS_Custom_Star", "18446744073709551616")]
    [InlineData("Tag_SNS_Custom_Star", "1.5")]
    [InlineData("Tag_SNS_Custom_Star", "true")]
    [InlineData("Tag_SNS_IM_Remark", "7")]
    [InlineData("Tag_SNS_IM_Group", "\"Work\"")]
    [InlineData("Tag_SNS_IM_Group", "[7]")]
    [InlineData("Tag_SNS_IM_Group", "[\"\"]")]
    [InlineData("Tag_SNS_IM_AddSource", "\"AddSource_Type_Web\"")]
    [InlineData("Tag_SNS_IM_AddTime", "7")]
    [InlineData("Tag_SNS_Custom_Moon", "\"x\"")]
    [InlineData("Tag_SNS_Custom_Star", "[]")]
    [InlineData("Nothing", "\"x\"")]
    public async Task What_cannot_be_changed_has_its_code(string tag, string value)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { FriendCustomFields = Fields });
        await api.ImportAsync("mia", "jonas");
        await api.AddFriendAsync("mia", "jonas");
        var before = (await api.SnsAsync("friend_get", new { From_Account = "mia", StartIndex = 0 })).GetRawText();

        Assert.Equal([30001], await UpdateAsync(api, ("jonas", tag, value)));

        Assert.Equal(before, (await api.SnsAsync("friend_get", new { From_Account = "mia", StartIndex = 0 })).GetRawText());
    }

    [Fact]
    public async Task Chosen_friends_are_read_with_chosen_fields_of_theirs_and_of_their_profiles()
    {
        var (environment, mia, jonas) = await StartAsync();
        var stranger = await environment.ImportAsync("stranger");
        var api = environment.Api;
        await api.AddFriendAsync(mia, jonas, remark: "Jo", group: "Work");
        await api.CallOkAsync("profile", "portrait_set", new { From_Account = jonas, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Jonas" } } });

        var chosen = await api.SnsAsync("friend_get_list", new { From_Account = mia, To_Account = new[] { jonas, stranger }, TagList = new[] { "Tag_Profile_IM_Nick", "Tag_SNS_IM_Remark" } });
        var all = await api.SnsAsync("friend_get_list", new { From_Account = mia, To_Account = new[] { jonas } });
        var old = await api.SnsAsync("friend_get_all", new { From_Account = mia, StartIndex = 0, TagList = new[] { "Tag_Profile_IM_Nick" } });
        var same = await api.SnsAsync("friend_get_all", new { From_Account = mia, StartIndex = 0, LastStandardSequence = old.GetProperty("CurrentStandardSequence").GetInt64() });

        Assert.Equal(
            """[{"Tag":"Tag_Profile_IM_Nick","Value":"Jonas"},{"Tag":"Tag_SNS_IM_Remark","Value":"Jo"}]""", chosen.GetProperty("InfoItem")[0].GetProperty("SnsProfileItem").GetRawText());
        Assert.Equal((30001, "Err_SNS_FriendGetList_Friend_Not_Exist"), (chosen.GetProperty("InfoItem")[1].GetProperty("ResultCode").GetInt32(), chosen.GetProperty("InfoItem")[1].GetProperty("ResultInfo").GetString()));
        Assert.Equal(stranger, chosen.GetProperty("Fail_Account")[0].GetString());
        Assert.Contains("Tag_SNS_IM_Group", all.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(("GetAll_Type_YES", 0, 1), (old.GetProperty("NeedUpdateAll").GetString(), old.GetProperty("StartIndex").GetInt32(), old.GetProperty("FriendNum").GetInt32()));
        Assert.Equal($$"""[{"Info_Account":"{{jonas}}","SnsProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Jonas"}]}]""", old.GetProperty("InfoItem").GetRawText());
        Assert.Equal(("GetAll_Type_NO", 0), (same.GetProperty("NeedUpdateAll").GetString(), same.GetProperty("InfoItem").GetArrayLength()));
    }

    [Fact]
    public async Task Lists_have_no_more_friends_than_the_app_allows_however_many_come_at_once()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxFriends = 5 });
        var names = Enumerable.Range(1, 12).Select(n => $"f{n}").ToList();
        await api.ImportAsync([.. names, "mia"]);

        var answer = await api.SnsAsync("friend_add", new { From_Account = "mia", AddFriendItem = names.Select(to => new { To_Account = to }) });
        var others = await Task.WhenAll(names.Select(name => api.AddFriendAsync(name, "mia", "Add_Type_Both")));

        Assert.Equal(5, Friends.Codes(answer).Count(code => code == 0));
        Assert.Equal(7, Friends.Codes(answer).Count(code => code == 30010));
        Assert.Equal(5, others.Count(code => code == 30001));
        Assert.Equal(7, others.Count(code => code == 30014));
        Assert.Equal(5, (await api.FriendsAsync("mia")).Count);
        Assert.Equal(5, (await Task.WhenAll(names.Select(name => api.FriendsAsync(name)))).Count(friends => friends.Count == 1));
    }

    private async Task<(LocalEnvironment Environment, string Mia, string Jonas)> StartAsync()
    {
        var environment = await fixture.StartedAsync();
        return (environment, await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
    }

    private static async Task<IReadOnlyList<int>> UpdateAsync(ApiClient api, params (string To, string Tag, string Value)[] items) => Friends.Codes(await api.SnsAsync("friend_update", new
    {
        From_Account = "mia",
        UpdateItem = items.Select(item => new { To_Account = item.To, SnsItem = new[] { new { item.Tag, Value = JsonElement.Parse(item.Value) } } }),
    }));
}
