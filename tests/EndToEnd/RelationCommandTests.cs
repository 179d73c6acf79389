using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>What all commands of the sns service have in common: whose relations they are about, how many accounts they take, which sequences they raise.</summary>
public sealed class RelationCommandTests(LocalEnvironmentFixture fixture)
{
    // @TO@ stands for an account.
    public static TheoryData<string, string> Commands => new()
    {
        { "friend_add", """ "AddFriendItem":[{"To_Account":"@TO@"}] """ },
        { "friend_import", """ "AddFriendItem":[{"To_Account":"@TO@"}] """ },
        { "friend_update", """ "UpdateItem":[{"To_Account":"@TO@","SnsItem":[{"Tag":"Tag_SNS_IM_Remark","Value":"r"}]}] """ },
        { "friend_delete", """ "To_Account":["@TO@"],"DeleteType":"Delete_Type_Both" """ },
        { "friend_delete_all", """ "DeleteType":"Delete_Type_Both" """ },
        { "friend_check", """ "To_Account":["@TO@"],"CheckType":"CheckResult_Type_Both" """ },
        { "friend_get", """ "StartIndex":0 """ },
        { "friend_get_all", """ "StartIndex":0 """ },
        { "friend_get_list", """ "To_Account":["@TO@"] """ },
        { "black_list_add", """ "To_Account":["@TO@"] """ },
        { "black_list_delete", """ "To_Account":["@TO@"] """ },
        { "black_list_get", """ "StartIndex":0,"MaxLimited":10,"LastSequence":0 """ },
        { "black_list_check", """ "To_Account":["@TO@"],"CheckType":"BlackCheckResult_Type_Both" """ },
        { "group_add", """ "GroupName":["Ski"],"To_Account":["@TO@"] """ },
        { "group_delete", """ "GroupName":["Work"] """ },
        { "group_get", """ "NeedFriend":"Need_Friend_Type_Yes" """ },
        { "pendency_get", """ "PendencyType":"Pendency_Type_Both" """ },
        { "friend_response", """ "ResponseFriendItem":[{"To_Account":"@TO@","ResponseAction":"Response_Action_AgreeAndAdd"}] """ },
        { "pendency_delete", """ "PendencyType":"Pendency_Type_Both","To_Account":["@TO@"] """ },
        { "pendency_report", """ "TimeStamp":2000000000 """ },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task An_account_acts_for_itself_only_and_nobody_for_one_that_does_not_exist(string command, string fields)
    {
        var environment = await fixture.StartedAsync();
        var api = environment.Api;
        var (mia, jonas, zoe) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"), await environment.ImportAsync("zoe"));
        await api.AllowAsync(mia, "NeedConfirm");
        await api.AddFriendAsync(mia, jonas, group: "Work");
        await api.AddFriendAsync(zoe, mia);
        var before = await AllAsync(api, mia);
        string Body(string from, string to) => $$"""{"From_Account":"{{from}}",{{fields.Replace("@TO@", to, StringComparison.Ordinal)}}}""";

        foreach (var to in new[] { jonas, zoe })
        {
            Assert.Equal(command == "friend_import" ? 60010 : 30004, await CodeAsync(api, command, Body(mia, to), jonas));
        }

        Assert.Equal(30003, await CodeAsync(api, command, Body(environment.NewAccount("nobody"), jonas)));
        Assert.Equal(30003, await CodeAsync(api, command, Body("a name that is longer than 32 bytes", jonas)));
        Assert.Equal(before, await AllAsync(api, mia));

        var own = await api.CallAsync(Friends.Service, command, Body(mia, jonas), command == "friend_import" ? null : mia);
        Assert.Equal((0, ""), (own.GetProperty("ErrorCode").GetInt32(), own.GetProperty("ErrorDisplay").GetString()));
    }

    [Theory]
    [InlineData("friend_add", "AddFriendItem", 1_000, """{"To_Account":"nobody-#"}""", "")]
    [InlineData("friend_import", "AddFriendItem", 1_000, """{"To_Account":"nobody-#"}""", "")]
    [InlineData("friend_update", "UpdateItem", 1_000, """{"To_Account":"nobody-#","SnsItem":[{"Tag":"Tag_SNS_IM_Remark","Value":"r"}]}""", "")]
    [InlineData("friend_delete", "To_Account", 1_000, "\"nobody-#\"", "")]
    [InlineData("friend_check", "To_Account", 1_000, "\"nobody-#\"", ",\"CheckType\":\"CheckResult_Type_Both\"")]
    [InlineData("friend_get_list", "To_Account", 100, "\"nobody-#\"", "")]
    [InlineData("black_list_add", "To_Account", 1_000, "\"nobody-#\"", "")]
    [InlineData("black_list_delete", "To_Account", 1_000, "\"nobody-#\"", "")]
    [InlineData("black_list_check", "To_Account", 1_000, "\"nobody-#\"", ",\"CheckType\":\"BlackCheckResult_Type_Both\"")]
    [InlineData("group_add", "To_Account", 1_000, "\"nobody-#\"", ",\"GroupName\":[\"Ski\"]")]
    [InlineData("friend_response", "ResponseFriendItem", 1_000, """{"To_Account":"nobody-#","ResponseAction":"Response_Action_Agree"}""", "")]
    [InlineData("pendency_delete", "To_Account", 1_000, "\"nobody-#\"", ",\"PendencyType\":\"Pendency_Type_Both\"")]
    public async Task So_many_accounts_are_taken_in_a_call_and_no_more(string command, string field, int most, string item, string more)
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        string Body(int count) =>
            $$"""{"From_Account":"{{mia}}","{{field}}":[{{string.Join(',', Enumerable.Range(1, count).Select(n => item.Replace("#", $"{n}", StringComparison.Ordinal)))}}]{{more}}}""";

        Assert.Equal(30001, await CodeAsync(environment.Api, command, Body(most + 1)));
        Assert.Equal(0, await CodeAsync(environment.Api, command, Body(most)));
        Assert.Equal(30001, await CodeAsync(environment.Api, command, Body(0)));
    }

    [Fact]
    public async Task Each_change_raises_the_sequences_of_what_it_changes_and_no_others()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { FriendCustomFields = [new CustomField("Star", CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.App)] });
        await api.ImportAsync("mia", "jonas", "zoe");
        await api.AllowAsync("mia", "NeedConfirm");
        var grown = new List<string>();

        await NoteAsync("is asked", () => api.AddFriendAsync("jonas", "mia"));
        await NoteAsync("agrees", () => api.AnswerAsync("mia", "jonas", "AgreeAndAdd"));
        await NoteAsync("own field", () => UpdateAsync(api, "Tag_SNS_Custom_Star", "\"1\""));
        await NoteAsync("the same again", () => UpdateAsync(api, "Tag_SNS_Custom_Star", "\"1\""));
        await NoteAsync("remark", () => UpdateAsync(api, "Tag_SNS_IM_Remark", "\"Jo\""));
        await NoteAsync("new group", () => UpdateAsync(api, "Tag_SNS_IM_Group", "[\"Ski\"]"));
        await NoteAsync("empty group", () => api.SnsAsync("group_add", new { From_Account = "mia", GroupName = new[] { "Work" } }));
        await NoteAsync("group deleted", () => api.SnsAsync("group_delete", new { From_Account = "mia", GroupName = new[] { "Ski" } }));
        await NoteAsync("is added by one", () => api.AddFriendAsync("zoe", "mia", "Add_Type_Single"));
        await NoteAsync("imports", () => api.SnsAsync("friend_import", new { From_Account = "mia", AddFriendItem = new[] { new { To_Account = "zoe", AddSource = "AddSource_Type_Old" } } }));
        await NoteAsync("blocks a friend with a field", () => api.BlockAsync("mia", "jonas"));
        await NoteAsync("unblocks", () => api.UnblockAsync("mia", "jonas"));
        await NoteAsync("is blocked", () => api.BlockAsync("jonas", "mia"));
        await NoteAsync("deletes", () => api.DeleteFriendAsync("mia", "zoe"));

        Assert.Equal(
            [
                "is asked: Pendency", "agrees: Standard Pendency", "own field: Custom", "the same again: ", "remark: Standard", "new group: Standard Group", "empty group: Group",
                "group deleted: Standard Group", "is added by one: ", "imports: Standard", "blocks a friend with a field: Standard Custom Blacklist", "unblocks: Blacklist", "is blocked: ",
                "deletes: Standard",
            ],
            grown);

        async Task NoteAsync(string what, Func<Task> change)
        {
            var before = await SequencesAsync(api, "mia");
            await change();
            var after = await SequencesAsync(api, "mia");
            grown.Add($"{what}: {string.Join(' ', after.Where(one => one.Value > before[one.Key]).Select(one => one.Key))}");
            Assert.All(after, one => Assert.True(one.Value >= before[one.Key], one.Key));
        }
    }

    private static async Task<int> CodeAsync(ApiClient api, string command, string body, string? identifier = null) =>
        (await api.CallAsync(Friends.Service, command, body, identifier)).GetProperty("ErrorCode").GetInt32();

    private static Task<JsonElement> UpdateAsync(ApiClient api, string tag, string value) => api.SnsAsync("friend_update", new
    {
        From_Account = "mia",
        UpdateItem = new[] { new { To_Account = "jonas", SnsItem = new[] { new { Tag = tag, Value = JsonElement.Parse(value) } } } },
    });

    private static async Task<Dictionary<string, long>> SequencesAsync(ApiClient api, string account)
    {
        var friends = await api.SnsAsync("friend_get", new { From_Account = account, StartIndex = 0 });
        return new Dictionary<string, long>
        {
            ["Standard"] = friends.GetProperty("StandardSequence").GetInt64(),
            ["Custom"] = friends.GetProperty("CustomSequence").GetInt64(),
            ["Pendency"] = (await api.SnsAsync("pendency_get", new { From_Account = account, PendencyType = "Pendency_Type_Both" })).GetProperty("CurrentPendencySequence").GetInt64(),
            ["Group"] = (await api.SnsAsync("group_get", new { From_Account = account })).GetProperty("CurrentSequence").GetInt64(),
            ["Blacklist"] = (await api.SnsAsync("black_list_get", new { From_Account = account, StartIndex = 0, MaxLimited = 10 })).GetProperty("CurrentSequence").GetInt64(),
        };
    }

    // Everything that is kept of an account's relations, as it is answered.
    private static async Task<string> AllAsync(ApiClient api, string account)
    {
        var answers = new[]
        {
            await api.SnsAsync("friend_get", new { From_Account = account, StartIndex = 0 }),
            await api.SnsAsync("black_list_get", new { From_Account = account, StartIndex = 0, MaxLimited = 10 }),
            await api.SnsAsync("group_get", new { From_Account = account, NeedFriend = "Need_Friend_Type_Yes" }),
            await api.SnsAsync("pendency_get", new { From_Account = account, PendencyType = "Pendency_Type_Both" }),
        };
        return string.Join('\n', answers.Select(answer => answer.GetRawText()));
    }
}
