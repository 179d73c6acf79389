using System.Security.Cryptography;
using System.Text.Json;
using Parley.Tests.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AppSettingsTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openconfigsvr";
    private const string NewSecret = "another secret, long enough";

    public static TheoryData<string> BadSettings =>
    [
        """{"Nonsense":1}""",
        """{"SdkAppId":1400000001}""",
        """{"IsDisabled":true}""",
        """{"SecretCount":2}""",
        """{"Version":7}""",
        """{"Name":7}""",
        """{"Name":"line\nbreak"}""",
        """{"Admins":[]}""",
        """{"Admins":"administrator"}""",
        """{"Admins":["administrator",""]}""",
        """{"Admins":["administrator","administrator"]}""",
        """{"Admins":["somebody else"]}""",
        """{"Secrets":[]}""",
        """{"Secrets":null}""",
        """{"Secrets":["short"]}""",
        """{"Secrets":["a first one, long enough","a second one, long enough","a third one, long enough"]}""",
        """{"Secrets":["one that the caller did not sign with"]}""",
        """{"UserSigV1PublicKey":"not a key"}""",
        """{"RoamingDays":0}""",
        """{"RoamingDays":3651}""",
        """{"RoamingDays":"7"}""",
        """{"RoamingDays":7.5}""",
        """{"RoamingDays":null}""",
        """{"MaxMessageBytes":0}""",
        """{"MaxMessageBytes":12289}""",
        """{"RecallSeconds":-1}""",
        """{"RecallSeconds":9223372036854775807}""",
    ];

    [Fact]
    public async Task What_is_given_changes_and_the_rest_stays()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        var set = await api.CallOkAsync(Service, "set_app_settings", """{"Name":"Chat of 例","RoamingDays":30}""");
        var got = await api.CallOkAsync(Service, "get_app_settings", "{}");

        Assert.Equal(set.GetRawText(), got.GetRawText());
        Assert.Equal(api.Settings.SdkAppId, got.GetProperty("SdkAppId").GetUInt32());
        Assert.Equal("Chat of 例", got.GetProperty("Name").GetString());
        Assert.Equal(30, got.GetProperty("RoamingDays").GetInt32());
        Assert.Equal(9_000, got.GetProperty("MaxMessageBytes").GetInt32());
        Assert.Equal(120, got.GetProperty("RecallSeconds").GetInt32());
        Assert.Equal(["administrator"], got.GetProperty("Admins").EnumerateArray().Select(admin => admin.GetString()));
        Assert.Equal(1, got.GetProperty("SecretCount").GetInt32());
        Assert.DoesNotContain(api.Settings.Secret, got.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task A_bad_value_changes_nothing_of_what_came_with_it(string bad)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var before = (await api.CallOkAsync(Service, "get_app_settings", "{}")).GetRawText();

        foreach (var body in new[] { bad, Among(bad, first: true), Among(bad, first: false) })
        {
            Assert.Equal(70402, Code(await api.CallAsync(Service, "set_app_settings", body)));
        }

        Assert.Equal(before, (await api.CallOkAsync(Service, "get_app_settings", "{}")).GetRawText());
    }

    [Theory]
    [InlineData("get_app_settings")]
    [InlineData("set_app_settings")]
    public async Task Only_administrators_see_and_set_them_and_only_as_JSON(string command)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        Assert.Equal(60010, Code(await api.CallAsync(Service, command, """{"Name":"Mine"}""", identifier: "alice")));
        Assert.Equal(130001, Code(await api.CallAsync(Service, command, "not json")));
    }

    [Fact]
    public async Task A_change_rules_the_next_call()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.ImportAsync("mia");

        await api.CallOkAsync(Service, "set_app_settings", """{"MaxMessageBytes":500,"Admins":["administrator","second"]}""");

        var long600 = Messages.Text("administrator", "mia", new string('x', 600)).ToJsonString();
        Assert.Equal(93000, Code(await api.CallAsync("openim", "sendmsg", long600)));
        await api.CallOkAsync(Service, "get_app_settings", "{}", identifier: "second");
    }

    [Fact]
    public async Task Changes_at_the_same_time_all_survive()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        string[] changes = ["""{"Name":"New"}""", """{"RoamingDays":30}""", """{"MaxMessageBytes":5000}""", """{"RecallSeconds":60}""", """{"Admins":["administrator","mia"]}"""];

        await Task.WhenAll(changes.Select(change => api.CallOkAsync(Service, "set_app_settings", change)));

        var got = await api.CallOkAsync(Service, "get_app_settings", "{}");
        Assert.Equal(
            """["New",["administrator","mia"],30,5000,60]""",
            JsonSerializer.Serialize(new[] { "Name", "Admins", "RoamingDays", "MaxMessageBytes", "RecallSeconds" }.Select(name => got.GetProperty(name))));
    }

    [Fact]
    public async Task A_secret_is_changed_without_a_gap_and_the_old_one_ends_with_it()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        using var renewed = new ApiClient(api.Settings with { Secret = NewSecret });
        var old = api.Settings.Secret;
        Assert.Equal(70009, Code(await renewed.CallAsync(Service, "get_app_settings", "{}")));

        await api.CallOkAsync(Service, "set_app_settings", new { Secrets = new[] { NewSecret, old } });
        await api.CallOkAsync(Service, "get_app_settings", "{}");
        await renewed.CallOkAsync(Service, "get_app_settings", "{}");

        Assert.Equal(70402, Code(await api.CallAsync(Service, "set_app_settings", new { Secrets = new[] { NewSecret } })));
        await renewed.CallOkAsync(Service, "set_app_settings", new { Secrets = new[] { NewSecret } });
        Assert.Equal(70009, Code(await api.CallAsync(Service, "get_app_settings", "{}")));
        Assert.Equal(1, (await renewed.CallOkAsync(Service, "get_app_settings", "{}")).GetProperty("SecretCount").GetInt32());
    }

    [Fact]
    public async Task A_public_key_admits_signatures_of_version_1_until_it_is_taken_away()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var sig = UserSigV1Tests.Pack(UserSigV1Tests.Sign(key, "administrator", api.Settings.SdkAppId, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        var path = api.CommandPath(Service, "get_app_settings", userSig: sig);
        Assert.Equal(70016, Code(await api.PostAsync(path, "{}")));

        await api.CallOkAsync(Service, "set_app_settings", new { UserSigV1PublicKey = key.ExportSubjectPublicKeyInfoPem() });
        var shown = await api.PostAsync(path, "{}");
        await api.CallOkAsync(Service, "set_app_settings", """{"UserSigV1PublicKey":""}""");

        Assert.Equal(key.ExportSubjectPublicKeyInfoPem(), shown.GetProperty("UserSigV1PublicKey").GetString());
        Assert.Equal(70016, Code(await api.PostAsync(path, "{}")));
    }

    /// <summary>The bad setting behind or before a good one.</summary>
    private static string Among(string bad, bool first)
    {
        var good = bad.Contains("RecallSeconds", StringComparison.Ordinal) ? "\"RoamingDays\":30" : "\"RecallSeconds\":60";
        return first ? $"{{{good},{bad[1..]}" : $"{bad[..^1]},{good}}}";
    }

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();
}
