using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class LoginProviderSettingTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openconfigsvr";

    private const string OpenId = """{"Name":"corp","Kind":"OpenIdConnect","ClientId":"c","ClientSecret":"top secret","Issuer":"https://corp.example.org"}""";

    private const string OAuth = """
        {"Name":"other","Kind":"OAuth2","ClientId":"c","ClientSecret":"top secret","Steps":[{"Method":"GET","Url":"https://o.example.org/token","Parameters":{"code":"{code}"},"Read":{"subject":"id"}}]}
        """;

    /// <summary>Changes of the two good providers, as a path and a value.</summary>
    public static TheoryData<string, string, string> BadFields => new()
    {
        { OpenId, "Name", "\"Corp\"" },
        { OpenId, "Name", "\"\"" },
        { OpenId, "Name", "\"a|b\"" },
        { OpenId, "Name", "null" },
        { OpenId, "Kind", "\"SAML\"" },
        { OpenId, "Kind", "0" },
        { OpenId, "ClientId", "\"\"" },
        { OpenId, "ClientId", "null" },
        { OpenId, "ClientSecret", "7" },
        { OpenId, "AccountPrefix", "\"longer than 8\"" },
        { OpenId, "AccountPrefix", "\"\\n\"" },
        { OpenId, "Issuer", "null" },
        { OpenId, "Issuer", "\"corp.example.org\"" },
        { OpenId, "Issuer", "\"http://corp.example.org\"" },
        { OpenId, "Issuer", "\"https://user:password@corp.example.org\"" },
        { OpenId, "Issuer", "\"file:///etc/passwd\"" },
        { OpenId, "Audiences", "[7]" },
        { OpenId, "Audiences", "\"x\"" },
        { OpenId, "Steps", "[]" },
        { OpenId, "Isuer", "\"a typo\"" },
        { OAuth, "Steps", "null" },
        { OAuth, "Steps", "[]" },
        { OAuth, "Steps", "[1]" },
        { OAuth, "Steps", "{}" },
        { OAuth, "Issuer", "\"https://corp.example.org\"" },
        { OAuth, "Steps.Method", "\"PUT\"" },
        { OAuth, "Steps.Url", "\"http://o.example.org/token\"" },
        { OAuth, "Steps.Url", "null" },
        { OAuth, "Steps.Parameters", "\"code\"" },
        { OAuth, "Steps.Parameters", "{\"code\":7}" },
        { OAuth, "Steps.Parameters", "{\"token\":\"{access_token}\"}" },
        { OAuth, "Steps.Read", "null" },
        { OAuth, "Steps.Read", "{\"access_token\":\"t\"}" },
        { OAuth, "Steps.SendsBearer", "true" },
        { OAuth, "Steps.IsOptional", "true" },
        { OAuth, "Steps.IsOptional", "1" },
        { OAuth, "Steps.Header", "\"x\"" },
    };

    [Fact]
    public async Task Providers_are_shown_without_secrets_which_stay_when_they_are_not_given()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        var shown = await SetAsync(api, OpenId, OAuth);
        await SetAsync(api, [.. shown.EnumerateArray().Select(provider => provider.GetRawText())]);
        var secrets = await SecretsAsync(environment, api);
        await SetAsync(api, OpenId.Replace("top secret", "", StringComparison.Ordinal), OAuth.Replace("top secret", "another", StringComparison.Ordinal));

        Assert.DoesNotContain("top secret", shown.GetRawText(), StringComparison.Ordinal);
        Assert.All(shown.EnumerateArray(), provider => Assert.True(provider.GetProperty("HasClientSecret").GetBoolean()));
        Assert.Equal(["corp-", "other-"], shown.EnumerateArray().Select(provider => provider.GetProperty("AccountPrefix").GetString()));
        Assert.Equal(["top secret", "top secret"], secrets);
        Assert.Equal([null, "another"], await SecretsAsync(environment, api));
    }

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task A_provider_that_cannot_work_is_refused(string provider, string path, string value)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var changed = JsonNode.Parse(provider)!.AsObject();
        var (place, name) = path.StartsWith("Steps.", StringComparison.Ordinal) ? (changed["Steps"]![0]!.AsObject(), path[6..]) : (changed, path);
        place[name] = JsonNode.Parse(value);

        Assert.Equal(70402, await SetForCodeAsync(api, changed.ToJsonString()));
        Assert.Equal(70402, await SetForCodeAsync(api, $"{provider},{changed.ToJsonString()}"));
        Assert.Equal(0, (await api.CallOkAsync(Service, "get_app_settings", "{}")).GetProperty("LoginProviders").GetArrayLength());
        Assert.Equal(0, await SetForCodeAsync(api, provider));
    }

    [Fact]
    public async Task Names_are_given_once_and_all_settings_fit_into_their_row()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        var many = string.Join(',', Enumerable.Range(0, 21).Select(n => OpenId.Replace("corp\"", $"corp{n}\"", StringComparison.Ordinal)));
        var parameters = string.Join(',', Enumerable.Range(0, 16).Select(n => $"\"p{n}\":\"{new string('x', 512)}\""));
        var large = string.Join(',', Enumerable.Range(0, 5).Select(n => OAuth
            .Replace("\"other\"", $"\"other{n}\"", StringComparison.Ordinal).Replace("\"code\":\"{code}\"", parameters, StringComparison.Ordinal)));

        Assert.Equal(70402, await SetForCodeAsync(api, $"{OpenId},{OpenId}"));
        Assert.Equal(70402, await SetForCodeAsync(api, many));
        Assert.Equal(70402, await SetForCodeAsync(api, large));
        Assert.Equal(70402, (await api.CallAsync(Service, "set_app_settings", """{"LoginProviders":{}}""")).GetProperty("ErrorCode").GetInt32());
        Assert.Equal(0, (await api.CallOkAsync(Service, "get_app_settings", "{}")).GetProperty("LoginProviders").GetArrayLength());
    }

    private static async Task<int> SetForCodeAsync(ApiClient api, string providers) =>
        (await api.CallAsync(Service, "set_app_settings", $$"""{"LoginProviders":[{{providers}}]}""")).GetProperty("ErrorCode").GetInt32();

    private static async Task<JsonElement> SetAsync(ApiClient api, params string[] providers) =>
        (await api.CallOkAsync(Service, "set_app_settings", $$"""{"LoginProviders":[{{string.Join(',', providers)}}]}""")).GetProperty("LoginProviders");

    private static async Task<IEnumerable<string?>> SecretsAsync(LocalEnvironment environment, ApiClient api) =>
        (await OtherApp.ReadAsync(environment, api.Settings.SdkAppId)).LoginProviders.Select(provider => provider.ClientSecret);
}
