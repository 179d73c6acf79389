using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Logins;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Logins through a real OpenID Connect server.</summary>
public sealed class LoginTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "im_open_login_svc";

    /// <summary>Changes of a token's claims, and the answer to it.</summary>
    public static TheoryData<string, int> BadClaims => new()
    {
        { """{"iss":"https://other.example.org/"}""", 70005 },
        { """{"iss":null}""", 70005 },
        { """{"aud":"another client"}""", 70005 },
        { """{"aud":null}""", 70005 },
        { """{"aud":["parley-client","another client"]}""", 70005 },
        { """{"aud":["parley-client","another client"],"azp":"another client"}""", 70005 },
        { """{"exp":1000000000}""", 70101 },
        { """{"exp":null}""", 70005 },
        { """{"nbf":4000000000}""", 70005 },
        { """{"nonce":"not the client's"}""", 70005 },
        { """{"sub":null}""", 70005 },
        { """{"sub":""}""", 70005 },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_code_makes_an_account_that_the_next_login_finds_again(bool isElliptic)
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync(isElliptic ? new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) : null);
        using var api = await AppOfAsync(environment, server);
        const string Verifier = "a verifier of PKCE has forty-three characters or more";
        var code = await server.AuthorizeAsync("248289761001", "n-0S6_WzA2Mj", Verifier);

        var first = await api.LogInAsync(
            new { Provider = "corp", Code = code, OpenIdServer.RedirectUri, CodeVerifier = Verifier, Nonce = "n-0S6_WzA2Mj" });
        var second = await api.LogInAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("248289761001") });
        var other = await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("another") });

        var account = first.GetProperty("Identifier").GetString()!;
        Assert.StartsWith("corp-", account, StringComparison.Ordinal);
        Assert.True(FieldReader.IsAccount(account));
        Assert.Equal(account, second.GetProperty("Identifier").GetString());
        Assert.NotEqual(account, other);
        Assert.Equal(604800, first.GetProperty("Expire").GetInt32());
        var row = (await api.RowsAsync(TableNames.Accounts)).Single(row => row.RowKey == "a" && row.PartitionKey.EndsWith(account, StringComparison.Ordinal));
        Assert.Equal(("Mia of 248289761001", "https://img.example.org/mia.png"), (row.GetString("Nick"), row.GetString("FaceUrl")));

        var sig = first.GetProperty("UserSig").GetString()!;
        var negotiated = await api.PostAsync(
            $"/client/negotiate?sdkappid={api.Settings.SdkAppId}&identifier={account}&usersig={Uri.EscapeDataString(sig)}", "");
        Assert.NotEqual("", negotiated.GetProperty("accessToken").GetString());
        Assert.Equal(60010, Code(await api.PostAsync(api.CommandPath(Service, "account_check", account, sig), "{}")));
    }

    [Fact]
    public async Task The_app_says_how_long_its_UserSigs_are_valid()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"UserSigSeconds":3600}""");

        var answer = await api.LogInAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("mia") });

        Assert.Equal(3600, answer.GetProperty("Expire").GetInt32());
        Assert.Equal(3600, UserSig.Read(answer.GetProperty("UserSig").GetString()!).Value.Expire);
    }

    [Theory]
    [MemberData(nameof(BadClaims))]
    public async Task A_token_with_bad_claims_is_refused_and_leaves_no_row(string change, int code)
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        Assert.Equal(0, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = server.Forge(_ => { }) }));
        var before = await CountAsync(api);

        var token = server.Forge(claims =>
        {
            claims["sub"] = "stranger";
            foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(change)!.AsObject())
            {
                claims.Remove(name);
                if (value is not null)
                {
                    claims[name] = value;
                }
            }
        });

        Assert.Equal(code, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = token }));
        Assert.Equal(before, await CountAsync(api));
    }

    [Fact]
    public async Task A_token_that_the_provider_has_not_signed_is_refused()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        using var stranger = RSA.Create(2048);
        var genuine = await server.IdTokenAsync("mia");
        var parts = genuine.Split('.');
        var kid = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(genuine).Kid;
        var publicKey = ((RsaSecurityKey)server.Key).Rsa.ExportSubjectPublicKeyInfo();
        var none = Base64UrlEncoder.Encode("""{"alg":"none"}""");

        string[] tokens =
        [
            server.Forge(_ => { }, new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = kid }, SecurityAlgorithms.RsaSha256)),
            server.Forge(_ => { }, new SigningCredentials(new RsaSecurityKey(stranger), SecurityAlgorithms.RsaSha256)),
            server.Forge(_ => { }, new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = kid }, SecurityAlgorithms.HmacSha256)),
            server.Forge(_ => { }, new SigningCredentials(server.Key, SecurityAlgorithms.RsaSha384)),
            $"{none}.{parts[1]}.",
            $"{parts[0]}.{Base64UrlEncoder.Encode("""{"sub":"administrator"}""")}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}",
            "not a token",
            "..",
        ];

        foreach (var token in tokens)
        {
            Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = token }));
        }

        Assert.Equal((0, 0), await CountAsync(api));
        Assert.Equal(0, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = genuine }));
    }

    [Fact]
    public async Task A_nonce_must_be_the_one_of_the_token()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        var (with, without) = (await server.IdTokenAsync("mia", "abc"), await server.IdTokenAsync("mia"));

        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = with }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = with, Nonce = "abd" }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = without, Nonce = "abc" }));
        Assert.Equal(0, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = with, Nonce = "abc" }));
    }

    [Fact]
    public async Task A_code_works_once_with_its_own_verifier_and_page_and_secret()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        using var secretless = await environment.AddAppAsync(app => app with { LoginProviders = [LoginCalls.ProviderOf(server) with { ClientSecret = "wrong" }] });
        const string Verifier = "a verifier of PKCE has forty-three characters or more";
        Task<string> CodeAsync() => server.AuthorizeAsync("mia", verifier: Verifier);

        var used = await CodeAsync();
        Assert.Equal(0, await api.LogInForCodeAsync(new { Provider = "corp", Code = used, OpenIdServer.RedirectUri, CodeVerifier = Verifier }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", Code = used, OpenIdServer.RedirectUri, CodeVerifier = Verifier }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", Code = await CodeAsync(), OpenIdServer.RedirectUri, CodeVerifier = "x" + Verifier }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", Code = await CodeAsync(), OpenIdServer.RedirectUri }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", Code = await CodeAsync(), RedirectUri = "https://evil.example.org", CodeVerifier = Verifier }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", Code = "made up", OpenIdServer.RedirectUri, CodeVerifier = Verifier }));
        Assert.Equal(70005, await secretless.LogInForCodeAsync(new { Provider = "corp", Code = await CodeAsync(), OpenIdServer.RedirectUri, CodeVerifier = Verifier }));
    }

    [Fact]
    public async Task A_new_key_of_the_provider_is_found_at_once_and_the_old_one_ends()
    {
        var environment = await fixture.StartedAsync();
        var old = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, old);
        var account = await api.LogInOkAsync(new { Provider = "corp", IdToken = await old.IdTokenAsync("mia") });
        var signedWithOld = await old.IdTokenAsync("mia");
        var port = new Uri(old.Issuer).Port;
        await old.DisposeAsync();

        await using var renewed = await OpenIdServer.StartAsync(port: port);

        Assert.Equal(account, await api.LogInOkAsync(new { Provider = "corp", IdToken = await renewed.IdTokenAsync("mia") }));
        Assert.Equal(70005, await api.LogInForCodeAsync(new { Provider = "corp", IdToken = signedWithOld }));
    }

    [Fact]
    public async Task First_logins_at_the_same_time_end_with_one_account()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        var token = await server.IdTokenAsync("mia");

        var accounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.LogInOkAsync(new { Provider = "corp", IdToken = token })));

        Assert.Single(accounts.Distinct());
        Assert.Equal((1, 1), await CountAsync(api));
    }

    [Fact]
    public async Task A_deleted_account_takes_its_identities_with_it_and_the_app_s_limit_of_accounts_holds_for_logins()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await environment.AddAppAsync(app => app with { LoginProviders = [LoginCalls.ProviderOf(server)], MaxAccounts = 1 });
        var first = await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("1") });
        Assert.Equal((1, 1), await CountAsync(api));

        var second = await api.LogInAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("2") });
        Assert.Equal(70398, Code(second));
        await api.CallOkAsync(Service, "account_delete", new { DeleteItem = new[] { new { UserID = first } } });

        Assert.Equal(0, (await CountAsync(api)).Accounts);
        Assert.DoesNotContain(await api.RowsAsync(TableNames.Logins), row => row.GetString("Account") == first);
    }

    [Fact]
    public async Task A_backend_binds_an_identity_to_its_own_account_and_unbinds_it()
    {
        var environment = await fixture.StartedAsync();
        await using var server = await OpenIdServer.StartAsync();
        using var api = await AppOfAsync(environment, server);
        await api.ImportAsync("mia.k", "jonas");
        var binding = new { UserID = "mia.k", Provider = "corp", Subject = "248289761001" };

        await api.CallOkAsync(Service, "bind_identity", binding);
        await api.CallOkAsync(Service, "bind_identity", binding);
        await api.CallOkAsync(Service, "bind_identity", binding with { Subject = "a second one" });
        Assert.Equal(70421, Code(await api.CallAsync(Service, "bind_identity", binding with { UserID = "jonas" })));
        Assert.Equal("mia.k", await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("248289761001") }));
        Assert.Equal(["248289761001", "a second one"], await SubjectsAsync(api, "mia.k"));
        Assert.Empty(await SubjectsAsync(api, "jonas"));

        await api.CallOkAsync(Service, "unbind_identity", binding with { UserID = "jonas" });
        Assert.Equal("mia.k", await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("248289761001") }));
        await api.CallOkAsync(Service, "unbind_identity", binding);
        await api.CallOkAsync(Service, "unbind_identity", binding);
        Assert.Equal(["a second one"], await SubjectsAsync(api, "mia.k"));

        var made = await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("248289761001") });
        Assert.StartsWith("corp-", made, StringComparison.Ordinal);
        await api.CallOkAsync(Service, "unbind_identity", binding with { UserID = made });
        var anew = await api.LogInOkAsync(new { Provider = "corp", IdToken = await server.IdTokenAsync("248289761001") });
        Assert.NotEqual(made, anew);
        Assert.Equal(["248289761001"], await SubjectsAsync(api, anew));
    }

    [Theory]
    [InlineData("bind_identity", """{"UserID":"nobody","Provider":"corp","Subject":"x"}""", 70107)]
    [InlineData("bind_identity", """{"UserID":"mia.k","Provider":"unknown","Subject":"x"}""", 70402)]
    [InlineData("bind_identity", """{"UserID":"mia.k","Provider":"corp"}""", 70402)]
    [InlineData("bind_identity", """{"UserID":"mia.k","Provider":"corp","Subject":""}""", 70402)]
    [InlineData("bind_identity", """{"UserID":"mia.k","Provider":"corp","Subject":7}""", 70402)]
    [InlineData("bind_identity", """{"Provider":"corp","Subject":"x"}""", 70402)]
    [InlineData("unbind_identity", """{"UserID":"mia.k","Provider":"not|a|name","Subject":"x"}""", 70402)]
    [InlineData("get_identities", """{"UserID":"nobody"}""", 70107)]
    [InlineData("get_identities", """{}""", 70402)]
    public async Task Bindings_that_cannot_be_are_refused(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with
        {
            LoginProviders = [new LoginProvider { Name = "corp", Kind = LoginProviderKind.OpenIdConnect, ClientId = "x", AccountPrefix = "", Issuer = "https://corp.example.org" }],
        });
        await api.ImportAsync("mia.k");

        Assert.Equal(code, Code(await api.CallAsync(Service, command, body)));
        Assert.Equal(60010, Code(await api.CallAsync(Service, command, body, identifier: "mia.k")));
        Assert.Equal((0, 1), await CountAsync(api));
    }

    [Theory]
    [InlineData("", 70402)]
    [InlineData("not json", 70402)]
    [InlineData("{}", 70402)]
    [InlineData("""{"Provider":"corp"}""", 70402)]
    [InlineData("""{"Provider":"corp","IdToken":""}""", 70402)]
    [InlineData("""{"Provider":"corp","IdToken":7}""", 70402)]
    [InlineData("""{"Provider":"corp","IdToken":"x","Code":"y"}""", 70402)]
    [InlineData("""{"Provider":"unknown","IdToken":"x"}""", 70402)]
    [InlineData("""{"Provider":"corp","IdToken":"x"}""", 70169)]
    public async Task Requests_that_cannot_be_served_say_why(string body, int code)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with
        {
            // Nothing listens on port 1.
            LoginProviders = [new LoginProvider { Name = "corp", Kind = LoginProviderKind.OpenIdConnect, ClientId = "x", AccountPrefix = "", Issuer = "http://127.0.0.1:1" }],
        });

        Assert.Equal(code, await api.LogInForCodeAsync(body));
        Assert.Equal(60012, Code(await api.PostAsync("/client/login", body)));
        Assert.Equal(60006, Code(await api.PostAsync("/client/login?sdkappid=7", body)));
    }

    private static async Task<ApiClient> AppOfAsync(LocalEnvironment environment, OpenIdServer server) =>
        await environment.AddAppAsync(app => app with { LoginProviders = [LoginCalls.ProviderOf(server)] });

    private static async Task<(int Logins, int Accounts)> CountAsync(ApiClient api) =>
        ((await api.RowsAsync(TableNames.Logins)).Count, (await api.AccountsAsync()).Count);

    private static async Task<IEnumerable<string?>> SubjectsAsync(ApiClient api, string account) =>
        (await api.CallOkAsync(Service, "get_identities", new { UserID = account })).GetProperty("Identities").EnumerateArray()
            .Select(identity => identity.GetProperty("Subject").GetString()).Order(StringComparer.Ordinal);

    private static int Code(System.Text.Json.JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();
}
