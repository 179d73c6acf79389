using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupFieldSettingTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openconfigsvr";

    public static TheoryData<string> Bad =>
    [
        """{"GroupFields":{}}""",
        """{"GroupFields":["Region"]}""",
        """{"GroupFields":[{"Read":"Member","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"","Read":"Member","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"with blank","Read":"Member","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"longer_than_16_by","Read":"Member","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Member"}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Nobody","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"1","Write":"Admin"}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Member","Write":"Admin","Types":["Nonsense"]}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Member","Write":"Admin","Types":["Work","Private"]}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Member","Write":"Admin","Colour":"red"}]}""",
        """{"GroupFields":[{"Key":"Region","Read":"Member","Write":"Admin"},{"Key":"Region","Read":"Member","Write":"Admin"}]}""",
        """{"GroupMemberFields":[{"Key":"A","Read":"Member","Write":"Admin","WriteOwn":1}]}""",
    ];

    [Fact]
    public async Task Fields_that_are_declared_can_be_used_at_once_and_are_shown()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("anna");
        const string Declared = """[{"Key":"Region","Types":["Private","ChatRoom"],"Read":"NotMember","Write":"Owner","WriteOwn":false}]""";

        await api.CallOkAsync(Service, "set_app_settings", """{"GroupFields":[{"Key":"Region","Types":["Work","ChatRoom"],"Read":"NotMember","Write":"Owner"}],"GroupMemberFields":[{"Key":"Mood","Read":"Member","Write":"AppAdmin","WriteOwn":true}]}""");
        var shown = await api.CallOkAsync(Service, "get_app_settings", "{}");
        var body = new { Type = "ChatRoom", Name = "x", Owner_Account = "anna", AppDefinedData = new[] { new { Key = "Region", Value = "alps" } } };

        Assert.Equal(Declared, shown.GetProperty("GroupFields").GetRawText());
        Assert.Equal("""[{"Key":"Mood","Types":[],"Read":"Member","Write":"AppAdmin","WriteOwn":true}]""", shown.GetProperty("GroupMemberFields").GetRawText());
        await api.CallOkAsync(GroupCalls.Service, "create_group", body, "anna");
        Assert.Equal(10004, (await api.CallAsync(GroupCalls.Service, "create_group", body with { Type = "Public" })).GetProperty("ErrorCode").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_declaration_changes_nothing(string body)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        Assert.Equal(70402, (await api.CallAsync(Service, "set_app_settings", body)).GetProperty("ErrorCode").GetInt32());
        Assert.Equal("[][]", await ShownAsync(api));
    }

    [Fact]
    public async Task Groups_have_20_fields_and_members_5()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        Assert.Equal(70402, await SetAsync(api, "GroupFields", 21));
        Assert.Equal(70402, await SetAsync(api, "GroupMemberFields", 6));
        Assert.Equal("[][]", await ShownAsync(api));
        Assert.Equal(0, await SetAsync(api, "GroupFields", 20));
        Assert.Equal(0, await SetAsync(api, "GroupMemberFields", 5));
    }

    private static async Task<string> ShownAsync(ApiClient api)
    {
        var shown = await api.CallOkAsync(Service, "get_app_settings", "{}");
        return shown.GetProperty("GroupFields").GetRawText() + shown.GetProperty("GroupMemberFields").GetRawText();
    }

    private static async Task<int> SetAsync(ApiClient api, string name, int count)
    {
        var fields = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"Key":"k{{i}}","Read":"Member","Write":"Admin"}"""));
        return (await api.CallAsync(Service, "set_app_settings", $$"""{"{{name}}":[{{fields}}]}""")).GetProperty("ErrorCode").GetInt32();
    }
}
