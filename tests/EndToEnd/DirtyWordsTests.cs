using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class DirtyWordsTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openim_dirty_words";

    public static TheoryData<string> BadLists =>
    [
        "{}",
        """{"DirtyWordsList":null}""",
        """{"DirtyWordsList":[]}""",
        """{"DirtyWordsList":"foul"}""",
        """{"DirtyWordsList":["foul",7]}""",
        """{"DirtyWordsList":["foul",""]}""",
        """{"DirtyWordsList":["foul"," "]}""",
        """{"DirtyWordsList":["foul","two\nlines"]}""",
        $$"""{"DirtyWordsList":["foul","{{new string('x', 201)}}"]}""",
        $$"""{"DirtyWordsList":["foul","{{new string('例', 67)}}"]}""",
        $$"""{"DirtyWordsList":[{{string.Join(',', Enumerable.Range(0, 51).Select(n => $"\"w{n}\""))}}]}""",
    ];

    [Fact]
    public async Task Words_are_added_listed_and_deleted_and_those_there_already_stay_as_they_are()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        Assert.Empty(await WordsAsync(api));

        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul", "ÄRGER", "例え" } });
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "FOUL", "last" } });
        Assert.Equal(["foul", "ÄRGER", "例え", "last"], await WordsAsync(api));

        await api.CallOkAsync(Service, "delete", new { DirtyWordsList = new[] { "Foul", "never added" } });
        Assert.Equal(["ÄRGER", "例え", "last"], await WordsAsync(api));
    }

    [Fact]
    public async Task A_message_with_one_is_refused_whoever_sends_it_and_leaves_nothing()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul", "ärger", "例え" } });

        foreach (var text in new[] { "foul", "so FOUL a day", "unfoulable", "ÄRGER!", "これは例えです" })
        {
            Assert.Equal(80001, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", text), "mia"));
            Assert.Equal(80001, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", text)));
            Assert.Equal(80001, await CodeAsync(api, "batchsendmsg", Messages.Text("mia", "jonas", text, more: ("To_Account", new JsonArray("jonas")))));
            Assert.Equal(80001, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", text, more: ("MsgLifeTime", 0))));
        }

        var second = Messages.Text("mia", "jonas", "fair");
        second["MsgBody"]!.AsArray().Add(Messages.Text("mia", "jonas", "foul")["MsgBody"]![0]!.DeepClone());
        Assert.Equal(80001, await CodeAsync(api, "sendmsg", second));
        var history = await api.CallOkAsync(
            "openim", "admin_getroammsg", new { Operator_Account = "jonas", Peer_Account = "mia", MaxCnt = 10, MinTime = 0, MaxTime = 9_999_999_999 });
        Assert.Equal(0, history.GetProperty("MsgCnt").GetInt32());
    }

    [Fact]
    public async Task Fair_texts_other_elements_and_other_apps_are_not_touched()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        using var other = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        await other.ImportAsync("mia", "jonas");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul" } });

        Assert.Equal(0, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", "fou l")));
        var custom = JsonNode.Parse("""[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"foul","Desc":"","Ext":"","Sound":""}}]""");
        Assert.Equal(0, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", "", more: ("MsgBody", custom))));
        Assert.Equal(0, await CodeAsync(other, "sendmsg", Messages.Text("mia", "jonas", "foul")));

        await api.CallOkAsync(Service, "delete", new { DirtyWordsList = new[] { "foul" } });
        Assert.Equal(0, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", "foul", random: 8)));
    }

    [Fact]
    public async Task A_message_cannot_be_given_one_later()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul" } });
        var sent = await api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", "fair").ToJsonString());
        JsonObject Change(string text) => Messages.Text("mia", "jonas", text, more: ("MsgKey", sent.GetProperty("MsgKey").GetString()));

        Assert.Equal(80001, await CodeAsync(api, "modify_c2c_msg", Change("foul")));
        Assert.Equal(0, await CodeAsync(api, "modify_c2c_msg", Change("fairer")));
    }

    [Fact]
    public async Task A_group_takes_none_in_messages_of_any_kind_and_in_no_text_that_it_shows()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("anna", "ben");
        var group = await api.CreateGroupAsync("Public", "anna");
        var room = await api.CreateGroupAsync("AVChatRoom", "anna");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul" } });
        Task<int> GroupAsync(string command, object body, string? identifier = null) => api.GroupCodeAsync(command, body, identifier);

        foreach (var name in new[] { group, room })
        {
            Assert.Equal(80001, await GroupAsync("send_group_msg", GroupCalls.GroupText(name, "anna", "so FOUL", 1)));
            Assert.Equal(80001, await GroupAsync("modify_group_base_info", new { GroupId = name, Notification = "a foul one" }));
            Assert.Equal(0, await GroupAsync("send_group_msg", GroupCalls.GroupText(name, "anna", "fair", 2)));
        }

        Assert.Equal(80001, await GroupAsync("send_group_msg", GroupCalls.GroupText(group, null, "foul", 3, ("OnlineOnlyFlag", 1)), "anna"));
        Assert.Equal(80001, await GroupAsync("send_broadcast_msg", GroupCalls.GroupText("", null, "foul", 4)));
        var fields = new[] { "Name", "Introduction", "Notification" };
        foreach (var field in fields)
        {
            var texts = new JsonObject { ["Name"] = "fair", ["Type"] = "Public", ["GroupId"] = $"new-{field}", [field] = "foul" };
            Assert.Equal(80001, await GroupAsync("create_group", texts.ToJsonString()));
            Assert.Equal(80001, await GroupAsync("import_group", texts.ToJsonString()));
            Assert.Equal(80001, await GroupAsync("modify_group_base_info", new JsonObject { ["GroupId"] = group, [field] = "foul", ["FaceUrl"] = "changed" }.ToJsonString(), "anna"));
        }

        Assert.Equal(80001, await GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = "anna", NameCard = "foul" }, "anna"));
        Assert.Equal(0, await GroupAsync("modify_group_member_info", new { GroupId = group, Member_Account = "anna", NameCard = "fair" }, "anna"));
        var log = await api.CallOkAsync(GroupCalls.Service, "group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 20 });
        Assert.Equal("fair", Messages.TextOf(Assert.Single(log.GetProperty("RspMsgList").EnumerateArray())));
        var shown = (await api.CallOkAsync(GroupCalls.Service, "get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];
        Assert.Equal(("Live", "", "", ""), (shown.GetProperty("Name").GetString(), shown.GetProperty("Introduction").GetString(), shown.GetProperty("Notification").GetString(), shown.GetProperty("FaceUrl").GetString()));
    }

    [Fact]
    public async Task A_message_of_a_group_cannot_be_given_one_later_nor_imported_with_one()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("anna");
        var group = await api.CreateGroupAsync("Public", "anna");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul" } });
        var number = (await api.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, "anna", "fair"))).GetProperty("MsgSeq").GetInt64();

        JsonNode Change(string text) => JsonNode.Parse(GroupCalls.GroupText(group, null, text, 1, ("MsgSeq", number)))!;
        Assert.Equal(80001, await CodeAsync(api, "modify_group_msg", Change("foul")));
        Assert.Equal(0, await CodeAsync(api, "modify_group_msg", Change("fairer")));
        var imported = await api.CallOkAsync(GroupCalls.Service, "import_group_msg", new
        {
            GroupId = group,
            MsgList = new[] { new { From_Account = "anna", SendTime = 1500000000, Random = 5, MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "foul" } } } } },
        });
        Assert.Equal(80001, imported.GetProperty("ImportMsgResult")[0].GetProperty("Result").GetInt32());
    }

    [Fact]
    public async Task Friends_and_profiles_take_none_either()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia", "jonas", "ada");
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "foul" } });

        Assert.Equal(30005, await api.AddFriendAsync("mia", "jonas", remark: "foul"));
        Assert.Equal(30005, await api.AddFriendAsync("mia", "jonas", wording: "foul"));
        Assert.Equal(30005, await api.AddFriendAsync("mia", "jonas", group: "foul"));
        Assert.Empty(await api.FriendsAsync("mia"));
        Assert.Equal(0, await api.AddFriendAsync("mia", "jonas", remark: "fair", force: 1));
        Assert.Equal(30005, await ItemAsync("friend_update", """{"From_Account":"mia","UpdateItem":[{"To_Account":"jonas","SnsItem":[{"Tag":"Tag_SNS_IM_Remark","Value":"foul"}]}]}"""));
        Assert.Equal(30005, await ItemAsync("friend_update", """{"From_Account":"mia","UpdateItem":[{"To_Account":"jonas","SnsItem":[{"Tag":"Tag_SNS_IM_Group","Value":["a","foul"]}]}]}"""));
        Assert.Equal(30005, await ItemAsync("friend_import", """{"From_Account":"mia","AddFriendItem":[{"To_Account":"ada","AddSource":"AddSource_Type_Old","Remark":"foul"}]}"""));
        Assert.Equal(30005, await api.SnsCodeAsync("group_add", """{"From_Account":"mia","GroupName":["fair","foul"]}"""));
        Assert.Contains("IM_Remark=fair", Assert.Single(await api.FriendsAsync("mia")).Value);

        foreach (var tag in new[] { "Nick", "SelfSignature", "Location" })
        {
            var set = new { From_Account = "mia", ProfileItem = new object[] { new { Tag = "Tag_Profile_IM_Gender", Value = "Gender_Type_Female" }, new { Tag = $"Tag_Profile_IM_{tag}", Value = "so foul" } } };
            Assert.Equal(40005, Code(await api.CallAsync("profile", "portrait_set", set, "mia")));
        }

        Assert.Equal(0, Code(await api.CallAsync("profile", "portrait_set", """{"From_Account":"mia","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"fair"}]}""")));
        var profile = await api.CallOkAsync("profile", "portrait_get", """{"To_Account":["mia"],"TagList":["Tag_Profile_IM_Gender","Tag_Profile_IM_Nick"]}""");
        Assert.DoesNotContain("Gender_Type_Female", profile.GetRawText(), StringComparison.Ordinal);

        async Task<int> ItemAsync(string command, string body) => Friends.Codes(await api.SnsAsync(command, body)).Single();
    }

    [Theory]
    [MemberData(nameof(BadLists))]
    public async Task A_bad_list_adds_and_deletes_nothing(string body)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { "first" } });

        Assert.Equal(10004, Code(await api.CallAsync(Service, "add", body)));
        Assert.Equal(10004, Code(await api.CallAsync(Service, "delete", body)));

        Assert.Equal(["first"], await WordsAsync(api));
    }

    [Fact]
    public async Task An_app_has_1000_words_of_200_bytes_and_none_of_a_call_that_would_make_more()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var words = Enumerable.Range(0, 1000).Select(n => $"{n:0000}{new string('x', 196)}").ToList();
        foreach (var some in words.Chunk(50))
        {
            await api.CallOkAsync(Service, "add", new { DirtyWordsList = some });
        }

        Assert.Equal(10007, Code(await api.CallAsync(Service, "add", new { DirtyWordsList = new[] { words[7], "one more" } })));
        await api.CallOkAsync(Service, "add", new { DirtyWordsList = words[..50] });

        Assert.Equal(words, await WordsAsync(api));
        await api.ImportAsync("mia", "jonas");
        Assert.Equal(80001, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", $"...{words[999]}...")));
        Assert.Equal(0, await CodeAsync(api, "sendmsg", Messages.Text("mia", "jonas", words[999][..^1])));
    }

    [Fact]
    public async Task Words_that_are_added_at_the_same_time_are_all_there()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var words = Enumerable.Range(0, 8).Select(n => $"word {n}").ToList();

        await Task.WhenAll(words.Select(word => api.CallOkAsync(Service, "add", new { DirtyWordsList = new[] { word } })));

        Assert.Equal(words, (await WordsAsync(api)).Order());
    }

    [Theory]
    [InlineData("get")]
    [InlineData("add")]
    [InlineData("delete")]
    public async Task Accounts_and_bodies_that_are_no_JSON_are_refused(string command)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(60010, Code(await environment.Api.CallAsync(Service, command, """{"DirtyWordsList":["foul"]}""", identifier: "alice")));
        Assert.Equal(60003, Code(await environment.Api.CallAsync(Service, command, "not json")));
    }

    private static async Task<IReadOnlyList<string?>> WordsAsync(ApiClient api) =>
        [.. (await api.CallOkAsync(Service, "get", "{}")).GetProperty("DirtyWordsList").EnumerateArray().Select(word => word.GetString())];

    private static async Task<int> CodeAsync(ApiClient api, string command, JsonNode body, string? identifier = null) =>
        Code(await api.CallAsync("openim", command, body.ToJsonString(), identifier));

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();
}
