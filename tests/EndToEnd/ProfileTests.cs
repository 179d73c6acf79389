using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class ProfileTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "profile";

    public static TheoryData<string, string> Values => new()
    {
        { "Tag_Profile_IM_Nick", "\"Mia 例\"" },
        { "Tag_Profile_IM_Gender", "\"Gender_Type_Female\"" },
        { "Tag_Profile_IM_BirthDay", "19991231" },
        { "Tag_Profile_IM_Location", "\"0123456789abcdef\"" },
        { "Tag_Profile_IM_SelfSignature", "\"line one\\nline two\"" },
        { "Tag_Profile_IM_AllowType", "\"AllowType_Type_DenyAny\"" },
        { "Tag_Profile_IM_Language", "0" },
        { "Tag_Profile_IM_Image", "\"https://img.example.org/mia.png\"" },
        { "Tag_Profile_IM_MsgSettings", "1" },
        { "Tag_Profile_IM_AdminForbidType", "\"AdminForbid_Type_SendOut\"" },
        { "Tag_Profile_IM_Level", "4294967295" },
        { "Tag_Profile_IM_Role", "7" },
        { "Tag_Profile_Custom_Team", "\"blue\"" },
        { "Tag_Profile_Custom_Raw", "\"\\u0001\\u0002\"" },
    };

    public static TheoryData<string, string, int> BadValues => new()
    {
        { "Tag_Profile_IM_Nick", "7", 40610 },
        { "Tag_Profile_IM_Nick", "[]", 40610 },
        { "Tag_Profile_IM_Nick", $"\"{new string('x', 501)}\"", 40601 },
        { "Tag_Profile_IM_Nick", $"\"{new string('例', 167)}\"", 40601 },
        { "Tag_Profile_IM_Gender", "\"Female\"", 40605 },
        { "Tag_Profile_IM_Gender", "2", 40610 },
        { "Tag_Profile_IM_AllowType", "\"allowtype_type_allowany\"", 40605 },
        { "Tag_Profile_IM_AdminForbidType", "\"AdminForbid_Type_All\"", 40605 },
        { "Tag_Profile_IM_BirthDay", "\"19991231\"", 40610 },
        { "Tag_Profile_IM_BirthDay", "-1", 40605 },
        { "Tag_Profile_IM_Level", "4294967296", 40605 },
        { "Tag_Profile_IM_Role", "1.5", 40605 },
        { "Tag_Profile_IM_Location", "\"0123456789abcdefg\"", 40601 },
        { "Tag_Profile_IM_Nothing", "\"x\"", 40009 },
        { "Tag_Profile_Custom_Unknown", "\"x\"", 40009 },
        { "Tag_Profile_Custom_", "\"x\"", 40009 },
        { "Nick", "\"x\"", 40009 },
        { "Tag_Profile_Custom_Team", "5", 40610 },
        { "Tag_Profile_Custom_Team", $"\"{new string('x', 501)}\"", 40601 },
    };

    private static readonly CustomField[] Fields =
    [
        new("Team", CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.App),
        new("Raw", CustomFieldType.Bytes, CustomFieldAccess.App, CustomFieldAccess.App),
        new("Score", CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.Admin),
        new("Secret", CustomFieldType.String, CustomFieldAccess.Admin, CustomFieldAccess.Admin),
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Every_field_keeps_what_it_was_given_and_an_empty_text_clears_it(string tag, string value)
    {
        var environment = await fixture.StartedAsync();
        using var api = await AppAsync(environment);
        await api.ImportAsync("mia");
        Assert.Empty(await GetAsync(api, "mia", [tag]));

        await SetOkAsync(api, "mia", (tag, value));

        Assert.Equal((tag, JsonElement.Parse(value).ToString()), Assert.Single(await GetAsync(api, "mia", [tag])));
        if (value[0] == '"' && !tag.EndsWith("Type", StringComparison.Ordinal) && !tag.EndsWith("Gender", StringComparison.Ordinal))
        {
            await SetOkAsync(api, "mia", (tag, "\"\""));
            Assert.Empty(await GetAsync(api, "mia", [tag]));
        }
    }

    [Theory]
    [MemberData(nameof(BadValues))]
    public async Task A_bad_value_has_its_code_and_nothing_that_came_with_it_is_set(string tag, string value, int code)
    {
        var environment = await fixture.StartedAsync();
        using var api = await AppAsync(environment);
        await api.ImportAsync("mia");
        (string, string) good = ("Tag_Profile_IM_SelfSignature", "\"set\"");

        Assert.Equal(code, await SetAsync(api, "mia", null, good, (tag, value)));
        Assert.Equal(code, await SetAsync(api, "mia", null, (tag, value), good));

        Assert.Empty(await GetAsync(api, "mia", ["Tag_Profile_IM_SelfSignature"]));
    }

    [Theory]
    [InlineData("portrait_set", """{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"x"}]}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":7,"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"x"}]}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"nobody at all","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"x"}]}""", 40003)]
    [InlineData("portrait_set", """{"From_Account":"a name that is longer than 32 bytes","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"x"}]}""", 40003)]
    [InlineData("portrait_set", """{"From_Account":"alice"}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"alice","ProfileItem":{}}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"alice","ProfileItem":[]}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"alice","ProfileItem":["Tag_Profile_IM_Nick"]}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"alice","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick"}]}""", 40001)]
    [InlineData("portrait_set", """{"From_Account":"alice","ProfileItem":[{"Value":"x"}]}""", 40001)]
    [InlineData("portrait_set", "not json", 40001)]
    [InlineData("portrait_get", "not json", 40001)]
    [InlineData("portrait_get", """{"TagList":["Tag_Profile_IM_Nick"]}""", 40002)]
    [InlineData("portrait_get", """{"To_Account":"alice","TagList":["Tag_Profile_IM_Nick"]}""", 40001)]
    [InlineData("portrait_get", """{"To_Account":[],"TagList":["Tag_Profile_IM_Nick"]}""", 40001)]
    [InlineData("portrait_get", """{"To_Account":[7],"TagList":["Tag_Profile_IM_Nick"]}""", 40001)]
    [InlineData("portrait_get", """{"To_Account":["alice"]}""", 40001)]
    [InlineData("portrait_get", """{"To_Account":["alice"],"TagList":[]}""", 40001)]
    [InlineData("portrait_get", """{"To_Account":["alice"],"TagList":["Tag_Profile_IM_Nothing"]}""", 40009)]
    public async Task Bad_requests_have_their_codes(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();

        var answer = await environment.Api.CallAsync(Service, command, body);

        Assert.Equal(code, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal("", answer.GetProperty("ErrorDisplay").GetString());
    }

    [Fact]
    public async Task Unknown_accounts_are_named_and_the_others_read_in_the_order_of_the_request()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"Mia\""));
        var nobody = environment.NewAccount("nobody");

        var answer = await environment.Api.CallOkAsync(Service, "portrait_get", new { To_Account = new[] { jonas, nobody, mia, "" }, TagList = new[] { "Tag_Profile_IM_Nick" } });

        Assert.Equal([jonas, nobody, mia, ""], answer.GetProperty("UserProfileItem").EnumerateArray().Select(item => item.GetProperty("To_Account").GetString()));
        Assert.Equal([0, 40003, 0, 40003], answer.GetProperty("UserProfileItem").EnumerateArray().Select(item => item.GetProperty("ResultCode").GetInt32()));
        Assert.Equal([nobody, ""], answer.GetProperty("Fail_Account").EnumerateArray().Select(item => item.GetString()));
        Assert.False(answer.GetProperty("UserProfileItem")[1].TryGetProperty("ProfileItem", out _));
        Assert.Equal("Mia", answer.GetProperty("UserProfileItem")[2].GetProperty("ProfileItem")[0].GetProperty("Value").GetString());
    }

    [Fact]
    public async Task A_hundred_are_read_in_a_call_and_no_more()
    {
        var environment = await fixture.StartedAsync();
        var names = Enumerable.Range(1, 101).Select(n => $"nobody-{n}").ToList();

        var code = (await environment.Api.CallAsync(Service, "portrait_get", new { To_Account = names, TagList = new[] { "Tag_Profile_IM_Nick" } })).GetProperty("ErrorCode").GetInt32();
        var answer = await environment.Api.CallOkAsync(Service, "portrait_get", new { To_Account = names.Take(100), TagList = new[] { "Tag_Profile_IM_Nick" } });

        Assert.Equal(40001, code);
        Assert.Equal(100, answer.GetProperty("UserProfileItem").GetArrayLength());
    }

    [Fact]
    public async Task Nickname_and_portrait_are_the_same_whether_imported_or_set()
    {
        var environment = await fixture.StartedAsync();
        var mia = environment.NewAccount("mia");
        await environment.Api.CallOkAsync("im_open_login_svc", "account_import", new { UserID = mia, Nick = "Mia", FaceUrl = "https://img.example.org/1" });
        string[] tags = ["Tag_Profile_IM_Nick", "Tag_Profile_IM_Image"];
        Assert.Equal([("Tag_Profile_IM_Nick", "Mia"), ("Tag_Profile_IM_Image", "https://img.example.org/1")], await GetAsync(environment.Api, mia, tags));

        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"Mia K.\""));
        await environment.Api.CallOkAsync("im_open_login_svc", "account_import", new { UserID = mia, FaceUrl = "https://img.example.org/2" });

        Assert.Equal([("Tag_Profile_IM_Nick", "Mia K."), ("Tag_Profile_IM_Image", "https://img.example.org/2")], await GetAsync(environment.Api, mia, tags));
    }

    [Fact]
    public async Task Accounts_write_their_own_and_read_everybodys_as_far_as_the_fields_allow()
    {
        var environment = await fixture.StartedAsync();
        using var api = await AppAsync(environment);
        await api.ImportAsync("mia", "jonas");
        await SetOkAsync(api, "mia", ("Tag_Profile_Custom_Score", "\"9\""), ("Tag_Profile_Custom_Secret", "\"s\""));

        Assert.Equal(0, await SetAsync(api, "mia", "mia", ("Tag_Profile_IM_Nick", "\"Mia\"")));
        Assert.Equal(40004, await SetAsync(api, "mia", "jonas", ("Tag_Profile_IM_Nick", "\"Mine\"")));
        Assert.Equal(40008, await SetAsync(api, "mia", "mia", ("Tag_Profile_Custom_Score", "\"10\"")));
        Assert.Equal(40008, await SetAsync(api, "mia", "mia", ("Tag_Profile_IM_AdminForbidType", "\"AdminForbid_Type_None\"")));
        Assert.Equal(
            [("Tag_Profile_IM_Nick", "Mia"), ("Tag_Profile_Custom_Score", "9")], await GetAsync(api, "mia", ["Tag_Profile_IM_Nick", "Tag_Profile_Custom_Score"], "jonas"));
        var refused = await api.CallAsync(Service, "portrait_get", new { To_Account = new[] { "mia" }, TagList = new[] { "Tag_Profile_Custom_Secret" } }, "mia");
        Assert.Equal(40007, refused.GetProperty("ErrorCode").GetInt32());
        Assert.Single(await GetAsync(api, "mia", ["Tag_Profile_Custom_Secret"]));
    }

    [Fact]
    public async Task The_accounts_devices_hear_what_changed_and_one_that_was_away_reads_it()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var phone = await environment.ConnectAsync(mia);

        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"Mia\""), ("Tag_Profile_IM_Level", "3"));
        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"Mia\""));
        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"\""));

        var heard = await phone.WaitForCountAsync(2, one => one.GetProperty("Type").GetString() == "Profile");
        var read = await environment.Api.CallOkAsync("openim", "get_events", "{}", mia);
        Assert.Equal(
            ["""{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"},{"Tag":"Tag_Profile_IM_Level","Value":3}]}""", """{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":""}]}"""],
            heard.OrderBy(one => one.GetProperty("Seq").GetInt64()).Select(one => one.GetProperty("Content").GetRawText()));
        Assert.Equal(
            heard.OrderBy(one => one.GetProperty("Seq").GetInt64()).Select(one => one.GetRawText()), read.GetProperty("Events").EnumerateArray().Select(one => one.GetRawText()));
        Assert.Equal(2, (await environment.Api.CallOkAsync("openim", "sync", "{}", mia)).GetProperty("EventSeq").GetInt64());
    }

    [Fact]
    public async Task What_only_administrators_may_read_is_told_to_nobody()
    {
        var environment = await fixture.StartedAsync();
        using var api = await AppAsync(environment);
        await api.ImportAsync("mia", "jonas");
        await api.AddFriendAsync("mia", "jonas");
        await using var phone = await ClientConnection.StartAsync(api, "mia");
        await using var desk = await ClientConnection.StartAsync(api, "jonas");

        await SetOkAsync(api, "mia", ("Tag_Profile_Custom_Secret", "\"s1\""));
        await SetOkAsync(api, "mia", ("Tag_Profile_Custom_Secret", "\"s2\""), ("Tag_Profile_Custom_Team", "\"blue\""));

        const string Told = """[{"Tag":"Tag_Profile_Custom_Team","Value":"blue"}]""";
        Assert.Equal(Told, (await phone.WaitForAsync(one => Messages.TypeOf(one) == "Profile")).GetProperty("Content").GetProperty("ProfileItem").GetRawText());
        Assert.Equal(Told, (await desk.WaitForAsync(one => Messages.TypeOf(one) == "FriendProfile")).GetProperty("ProfileItem").GetRawText());
        Assert.DoesNotContain("Secret", (await api.CallOkAsync("openim", "get_events", "{}", "mia")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal([("Tag_Profile_Custom_Secret", "s2")], await GetAsync(api, "mia", ["Tag_Profile_Custom_Secret"]));
    }

    [Fact]
    public async Task All_fields_can_be_full_at_once_and_those_without_room_in_the_event_are_named_there()
    {
        var environment = await fixture.StartedAsync();
        var names = Enumerable.Range(0, 20).Select(n => $"F{(char)('a' + n)}").ToList();
        using var api = await environment.AddAppAsync(app => app with
        {
            ProfileCustomFields = [.. names.Select(name => new CustomField(name, CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.App))],
        });
        await api.ImportAsync("mia", "jonas");
        await api.AddFriendAsync("jonas", "mia");
        await using var phone = await ClientConnection.StartAsync(api, "mia");
        await using var desk = await ClientConnection.StartAsync(api, "jonas");
        var full = JsonSerializer.Serialize(new string('"', 500));
        var tags = names.Select(name => $"Tag_Profile_Custom_{name}").Prepend("Tag_Profile_IM_SelfSignature").ToList();

        await SetOkAsync(api, "mia", [.. tags.Select(tag => (tag, full))]);

        var own = (await phone.WaitForAsync(one => Messages.TypeOf(one) == "Profile")).GetProperty("Content");
        var friends = await desk.WaitForAsync(one => Messages.TypeOf(one) == "FriendProfile");
        foreach (var heard in new[] { own, friends })
        {
            var (told, named) = (heard.GetProperty("ProfileItem"), heard.GetProperty("TagList"));
            Assert.Equal(tags, told.EnumerateArray().Select(item => item.GetProperty("Tag").GetString()!).Concat(named.EnumerateArray().Select(tag => tag.GetString()!)));
            Assert.InRange(told.GetArrayLength(), 10, 20);
        }

        Assert.All(await GetAsync(api, "mia", tags), item => Assert.Equal(new string('"', 500), item.Value));
    }

    [Fact]
    public async Task A_message_tells_its_senders_nickname_also_after_a_change()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var phone = await environment.ConnectAsync(jonas);

        await environment.SendTextAsync(mia, jonas, "1", random: 1);
        await SetOkAsync(environment.Api, mia, ("Tag_Profile_IM_Nick", "\"Mia\""));
        await environment.SendTextAsync(mia, jonas, "2", random: 2);
        await environment.SendAsync(Messages.Text(mia, jonas, "3", random: 3, more: [("OnlineOnlyFlag", 1)]));

        var heard = await phone.WaitForCountAsync(3, one => one.GetProperty("Type").GetString() == "C2CMessage");
        string? NickOf(string text) =>
            heard.Single(one => Messages.TextOf(one) == text).TryGetProperty("From_Nick", out var nick) ? nick.GetString() : null;
        Assert.Equal([null, "Mia", "Mia"], new[] { NickOf("1"), NickOf("2"), NickOf("3") });
    }

    [Theory]
    [InlineData("""[{"Name":"Team"}]""", 0)]
    [InlineData("""[{"Name":"Team","Type":"Bytes","Read":"Admin","Write":"Admin"},{"Name":"Other"}]""", 0)]
    [InlineData("[]", 0)]
    [InlineData("{}", 70402)]
    [InlineData("""[{"Name":"Team"},{"Name":"Team"}]""", 70402)]
    [InlineData("""[{"Name":""}]""", 70402)]
    [InlineData("""[{"Name":"Toolonger"}]""", 70402)]
    [InlineData("""[{"Name":"Te_am"}]""", 70402)]
    [InlineData("""[{"Type":"String"}]""", 70402)]
    [InlineData("""[{"Name":"Team","Type":"Number"}]""", 70402)]
    [InlineData("""[{"Name":"Team","Read":"Everybody"}]""", 70402)]
    [InlineData("""[{"Name":"Team","Write":1}]""", 70402)]
    [InlineData("""[{"Name":"Team","Colour":1}]""", 70402)]
    public async Task Fields_are_declared_in_the_apps_settings(string fields, int code)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        foreach (var setting in new[] { "ProfileCustomFields", "FriendCustomFields" })
        {
            var set = await api.CallAsync("openconfigsvr", "set_app_settings", $$"""{"{{setting}}":{{fields}}}""");

            Assert.Equal(code, set.GetProperty("ErrorCode").GetInt32());
            var shown = (await api.CallOkAsync("openconfigsvr", "get_app_settings", "{}")).GetProperty(setting);
            Assert.Equal(code == 0 ? JsonElement.Parse(fields).GetArrayLength() : 0, shown.GetArrayLength());
        }
    }

    private static Task<ApiClient> AppAsync(LocalEnvironment environment) => environment.AddAppAsync(app => app with { ProfileCustomFields = Fields });

    private static async Task<IReadOnlyList<(string Tag, string Value)>> GetAsync(ApiClient api, string account, IReadOnlyList<string> tags, string? identifier = null)
    {
        var answer = await api.CallOkAsync(Service, "portrait_get", new { To_Account = new[] { account }, TagList = tags }, identifier);
        return [.. answer.GetProperty("UserProfileItem")[0].GetProperty("ProfileItem").EnumerateArray().Select(item => (item.GetProperty("Tag").GetString()!, item.GetProperty("Value").ToString()))];
    }

    private static async Task SetOkAsync(ApiClient api, string account, params (string Tag, string Value)[] items) =>
        Assert.Equal(0, await SetAsync(api, account, null, items));

    private static async Task<int> SetAsync(ApiClient api, string account, string? identifier, params (string Tag, string Value)[] items)
    {
        var list = items.Select(item => new { item.Tag, Value = JsonElement.Parse(item.Value) });
        return (await api.CallAsync(Service, "portrait_set", new { From_Account = account, ProfileItem = list }, identifier)).GetProperty("ErrorCode").GetInt32();
    }
}
