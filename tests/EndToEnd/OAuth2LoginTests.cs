using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Parley.Storage;
using Parley.Tests.Logins;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>
/// The configurations of docs/login.md, set through the API, against a server that answers as the three providers document it.
/// </summary>
public sealed class OAuth2LoginTests(LocalEnvironmentFixture fixture)
{
    private const string Secret = "a secret+of/the client";

    public static TheoryData<string> Shapes => ["wechat", "qq", "weibo"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_code_makes_an_account_with_the_profile_that_the_next_login_finds_again(string shape)
    {
        var environment = await fixture.StartedAsync();
        await using var provider = await StartAsync(shape);
        using var api = await AppOfAsync(environment, provider, shape);

        var account = await api.LogInOkAsync(new { Provider = shape, Code = "good", RedirectUri = "https://app.example.org/back?a=b" });
        var first = provider.Requests.ToList();
        var again = await api.LogInOkAsync(new { Provider = shape, Code = "good", RedirectUri = "https://app.example.org/back?a=b" });

        Assert.Equal(account, again);
        Assert.StartsWith(shape[..Math.Min(7, shape.Length)] + "-", account, StringComparison.Ordinal);
        var row = Assert.Single(await api.RowsAsync(TableNames.Accounts), row => row.RowKey == "a");
        Assert.Equal(("米娅", "https://img.example.org/mia.png"), (row.GetString("Nick"), row.GetString("FaceUrl")));
        var identity = (await api.CallOkAsync("im_open_login_svc", "get_identities", new { UserID = account })).GetProperty("Identities")[0];
        Assert.Equal((shape, "subject-1"), (identity.GetProperty("Provider").GetString(), identity.GetProperty("Subject").GetString()));

        // The profile was asked for once, the second login did without it.
        Assert.Single(provider.Requests, request => request.Path == "/profile");
        AssertTokenRequest(shape, first[0]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_code_that_the_provider_refuses_leaves_no_row(string shape)
    {
        var environment = await fixture.StartedAsync();
        await using var provider = await StartAsync(shape);
        using var api = await AppOfAsync(environment, provider, shape);

        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = shape, Code = "bad", RedirectUri = "https://app.example.org/back" }));
        Assert.Equal(70402, await api.LogInForCodeAsync(new { Provider = shape, IdToken = "not for OAuth 2" }));
        Assert.Empty(await api.RowsAsync(TableNames.Logins));
        Assert.Empty(await api.RowsAsync(TableNames.Accounts));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_profile_that_cannot_be_read_does_not_hinder_the_login(string shape)
    {
        var environment = await fixture.StartedAsync();
        await using var provider = await StartAsync(shape);
        provider.Answers["/profile"] = _ => Results.StatusCode(503);
        using var api = await AppOfAsync(environment, provider, shape);

        await api.LogInOkAsync(new { Provider = shape, Code = "good" });

        Assert.Null(Assert.Single(await api.RowsAsync(TableNames.Accounts), row => row.RowKey == "a").GetString("Nick"));
    }

    [Theory]
    [InlineData("error", 70169)]
    [InlineData("endless", 70169)]
    [InlineData("silent", 70169)]
    [InlineData("redirect", 70005)]
    [InlineData("empty", 70005)]
    [InlineData("garbage", 70005)]
    [InlineData("array", 70005)]
    [InlineData("long", 70005)]
    public async Task A_provider_that_answers_badly_lets_nobody_in(string how, int code)
    {
        var environment = await fixture.StartedAsync();
        await using var provider = await StartAsync("weibo");
        provider.Answers["/elsewhere"] = _ => Results.Text("""{"access_token":"t","uid":"stolen"}""");
        provider.Answers["/token"] = _ => how switch
        {
            "error" => Results.StatusCode(500),
            "endless" => Results.Text("""{"uid":"x","padding":" """ + new string('x', 300_000) + "\"}"),
            "silent" => new Silence(),
            "redirect" => Results.Redirect(provider.Address + "/elsewhere"),
            "empty" => Results.Text(""),
            "garbage" => Results.Text("<html>(uid=1&access_token=2)"),
            "array" => Results.Text("""[{"access_token":"t","uid":"x"}]"""),
            _ => Results.Text(JsonSerializer.Serialize(new { access_token = "t", uid = new string('x', 256) })),
        };
        using var api = await AppOfAsync(environment, provider, "weibo");

        Assert.Equal(code, await api.LogInForCodeAsync(new { Provider = "weibo", Code = "good" }));
        Assert.DoesNotContain(provider.Requests, request => request.Path == "/elsewhere");
        Assert.Empty(await api.RowsAsync(TableNames.Logins));
    }

    [Fact]
    public async Task A_bearer_token_and_nested_fields_can_be_configured()
    {
        var environment = await fixture.StartedAsync();
        await using var provider = await ScriptedProvider.StartAsync();
        provider.Answers["/token"] = _ => Results.Text("access_token=t-1&token_type=bearer");
        provider.Answers["/me"] = asked => asked.Authorization == "Bearer t-1" ? Results.Text("""{"data":{"user":{"id":7}}}""") : Results.Unauthorized();
        using var api = await environment.AddAppAsync();
        await SetAsync(api, $$"""
            { "Name": "other", "Kind": "OAuth2", "ClientId": "c", "AccountPrefix": "", "Steps": [
                { "Method": "POST", "Url": "{{provider.Address}}/token", "Parameters": { "code": "{code}", "code_verifier": "{code_verifier}" }, "Read": { "access_token": "access_token" } },
                { "Method": "GET", "Url": "{{provider.Address}}/me", "SendsBearer": true, "Read": { "subject": "data.user.id" } } ] }
            """);

        var account = await api.LogInOkAsync(new { Provider = "other", Code = "good" });

        var identity = (await api.CallOkAsync("im_open_login_svc", "get_identities", new { UserID = account })).GetProperty("Identities")[0];
        Assert.Equal("7", identity.GetProperty("Subject").GetString());
        Assert.Equal(["code"], provider.Requests.First().Parameters.Keys);
    }

    private static void AssertTokenRequest(string shape, ScriptedProvider.Asked request)
    {
        var (method, id, secret) = shape switch
        {
            "wechat" => ("GET", "appid", "secret"),
            "qq" => ("GET", "client_id", "client_secret"),
            _ => ("POST", "client_id", "client_secret"),
        };
        Assert.Equal((method, "/token"), (request.Method, request.Path));
        Assert.Equal(("client-1", Secret, "good"), (request.Parameters[id], request.Parameters[secret], request.Parameters["code"]));
        Assert.Equal("authorization_code", request.Parameters["grant_type"]);
        Assert.Equal(shape == "wechat" ? null : "https://app.example.org/back?a=b", request.Parameters.GetValueOrDefault("redirect_uri"));
    }

    private static async Task<ApiClient> AppOfAsync(LocalEnvironment environment, ScriptedProvider provider, string shape)
    {
        var api = await environment.AddAppAsync();
        await SetAsync(api, DocumentedProviders.Of(shape, provider.Address, "client-1", Secret));
        return api;
    }

    private static Task<JsonElement> SetAsync(ApiClient api, string provider) =>
        api.CallOkAsync("openconfigsvr", "set_app_settings", new JsonObject { ["LoginProviders"] = new JsonArray(JsonNode.Parse(provider)) }.ToJsonString());

    // As the providers' documentation has it: QQ answers a form, then a call; WeChat and Weibo answer JSON, WeChat always with status 200.
    private static async Task<ScriptedProvider> StartAsync(string shape)
    {
        var provider = await ScriptedProvider.StartAsync();
        bool IsGood(ScriptedProvider.Asked asked) => asked.Parameters.GetValueOrDefault("code") == "good";
        bool HasToken(ScriptedProvider.Asked asked) => asked.Parameters.GetValueOrDefault("access_token") == "t-1";
        provider.Answers["/token"] = asked => (shape, IsGood(asked)) switch
        {
            ("wechat", true) => Results.Text("""{"access_token":"t-1","expires_in":7200,"refresh_token":"r","openid":"subject-1","scope":"snsapi_userinfo","unionid":"u"}""", "text/plain"),
            ("wechat", false) => Results.Text("""{"errcode":40029,"errmsg":"invalid code"}""", "text/plain"),
            ("qq", true) => Results.Text("access_token=t-1&expires_in=7776000&refresh_token=r", "text/html"),
            ("qq", false) => Results.Text("""callback( {"error":100020,"error_description":"code is reused error"} );""", "text/html"),
            (_, true) => Results.Json(new { access_token = "t-1", expires_in = 1234, remind_in = "798114", uid = "subject-1" }),
            _ => Results.Json(new { error = "invalid_grant", error_code = 21325 }, statusCode: 400),
        };
        provider.Answers["/me"] = asked => HasToken(asked)
            ? Results.Text("callback( {\"client_id\":\"client-1\",\"openid\":\"subject-1\"} );\n", "text/html")
            : Results.Text("""callback( {"error":100016,"error_description":"access token check failed"} );""", "text/html");
        provider.Answers["/profile"] = asked => !HasToken(asked) ? Results.Json(new { ret = -1, errcode = 40001 }) : shape switch
        {
            "wechat" => Results.Text("""{"openid":"subject-1","nickname":"米娅","sex":2,"headimgurl":"https://img.example.org/mia.png"}""", "text/plain"),
            "qq" => Results.Text("""{"ret":0,"msg":"","nickname":"\u7c73\u5a05","figureurl_qq_1":"https://img.example.org/mia.png"}""", "text/html"),
            _ => Results.Text("""{"id":7,"screen_name":"米娅","avatar_large":"https://img.example.org/mia.png"}""", "application/json"),
        };
        return provider;
    }

    /// <summary>Answers never; Parley waits ten seconds.</summary>
    private sealed class Silence : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Task.Delay(Timeout.Infinite, httpContext.RequestAborted);
    }
}
