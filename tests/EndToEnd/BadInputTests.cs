using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Every refusal has its documented code, HTTP 200, and leaves no row behind.</summary>
public sealed class BadInputTests(LocalEnvironmentFixture fixture)
{
    private const string Other = "https://example.org";

    public static TheoryData<string, int> BadCredentials => new()
    {
        { "identifier=administrator&usersig={sig}", 60012 },
        { "sdkappid=1400009999&identifier=administrator&usersig={sig}", 60006 },
        { "sdkappid=abc&identifier=administrator&usersig={sig}", 60006 },
        { "sdkappid={app}&usersig={sig}", 60004 },
        { "sdkappid={app}&identifier=administrator", 60004 },
        { "sdkappid={app}&identifier=administrator&usersig=", 70002 },
        { "sdkappid={app}&identifier=administrator&usersig=garbage", 70003 },
        { "sdkappid={app}&identifier=administrator&usersig={expired}", 70001 },
        { "sdkappid={app}&identifier=administrator&usersig={forged}", 70009 },
        { "sdkappid={app}&identifier=alice&usersig={sig}", 70013 },
        { "sdkappid={app}&identifier=administrator&usersig={otherApp}", 70014 },
    };

    public static TheoryData<string, int> BadMessages => new()
    {
        { """{"To_Account":null}""", 90003 },
        { """{"To_Account":7}""", 90003 },
        { """{"To_Account":["jonas"]}""", 90003 },
        { """{"To_Account":""}""", 90003 },
        { """{"To_Account":"a name that is longer than 32 bytes"}""", 90003 },
        { """{"To_Account":"nobody at all"}""", 90012 },
        { """{"From_Account":"nobody at all"}""", 20003 },
        { """{"From_Account":7}""", 90008 },
        { """{"MsgRandom":null}""", 90005 },
        { """{"MsgRandom":"12a"}""", 90005 },
        { """{"MsgRandom":1.5}""", 90005 },
        { """{"MsgRandom":-1}""", 90005 },
        { """{"MsgRandom":4294967296}""", 90005 },
        { """{"MsgSeq":"x"}""", 90004 },
        { """{"MsgTimeStamp":"x"}""", 90006 },
        { """{"MsgBody":"text"}""", 90007 },
        { """{"MsgBody":null}""", 90002 },
        { """{"MsgBody":[]}""", 90002 },
        { """{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":5}}]}""", 90010 },
        { """{"MsgLifeTime":"x"}""", 90044 },
        { """{"MsgLifeTime":-1}""", 90026 },
        { """{"SyncOtherMachine":"1"}""", 90031 },
        { """{"SyncOtherMachine":3}""", 90031 },
        { """{"OfflinePushInfo":[]}""", 90043 },
    };

    public static TheoryData<string, string> BadJson => new()
    {
        { "openim/sendmsg", "90001" },
        { "openim/batchsendmsg", "90001" },
        { "openim/admin_getroammsg", "90001" },
        { "im_open_login_svc/account_import", "70402" },
        { "im_open_login_svc/multiaccount_import", "70402" },
        { "im_open_login_svc/account_check", "70402" },
        { "im_open_login_svc/account_delete", "70402" },
        { "im_open_login_svc/kick", "70402" },
        { "im_open_login_svc/logout", "70402" },
        { "registration_service/register_account_v1", "70402" },
        { "openim/query_online_status", "90001" },
        { "openim/querystate", "90001" },
        { "openconfigsvr/setnospeaking", "130001" },
        { "openconfigsvr/getnospeaking", "130001" },
    };

    [Theory]
    [MemberData(nameof(BadCredentials))]
    public async Task Credentials(string query, int code)
    {
        var environment = await fixture.StartedAsync();
        var settings = environment.Settings;
        var now = TimeProvider.System.GetUtcNow();
        string Sign(uint app, string secret, DateTimeOffset time) => Uri.EscapeDataString(UserSig.Sign("administrator", app, secret, time, TimeSpan.FromHours(1)));
        query = query
            .Replace("{app}", $"{settings.SdkAppId}").Replace("{sig}", Sign(settings.SdkAppId, settings.Secret, now))
            .Replace("{expired}", Sign(settings.SdkAppId, settings.Secret, now.AddHours(-2)))
            .Replace("{forged}", Sign(settings.SdkAppId, new string('0', 64), now))
            .Replace("{otherApp}", Sign(settings.SdkAppId + 1, settings.Secret, now));

        var account = environment.NewAccount("never");
        var answer = await environment.Api.PostAsync($"/v4/im_open_login_svc/account_import?{query}&random=1&contenttype=json", $$"""{"UserID":"{{account}}"}""");

        AssertFailure(code, answer);
        Assert.False(await IsImportedAsync(environment, account));
    }

    [Theory]
    [InlineData("openim/nothing")]
    [InlineData("nothing/sendmsg")]
    [InlineData("OpenIM/sendmsg")]
    [InlineData("openim/SendMsg")]
    public async Task Unknown_service_or_command(string path)
    {
        var environment = await fixture.StartedAsync();
        var parts = path.Split('/');

        AssertFailure(60009, await environment.Api.CallAsync(parts[0], parts[1], "{}"));
    }

    [Theory]
    [InlineData("im_open_login_svc", "account_import")]
    [InlineData("im_open_login_svc", "multiaccount_import")]
    [InlineData("im_open_login_svc", "account_check")]
    [InlineData("im_open_login_svc", "account_delete")]
    [InlineData("im_open_login_svc", "kick")]
    [InlineData("registration_service", "register_account_v1")]
    [InlineData("openconfigsvr", "setnospeaking")]
    [InlineData("openconfigsvr", "getnospeaking")]
    [InlineData("openim", "batchsendmsg")]
    [InlineData("openim", "importmsg")]
    public async Task A_caller_who_is_no_administrator(string service, string command)
    {
        var environment = await fixture.StartedAsync();
        var account = environment.NewAccount("never");

        AssertFailure(60010, await environment.Api.CallAsync(service, command, $$"""{"UserID":"{{account}}"}""", identifier: "alice"));
        Assert.False(await IsImportedAsync(environment, account));
    }

    [Theory]
    [MemberData(nameof(BadJson))]
    public async Task Bodies_that_are_no_JSON_object(string path, string code)
    {
        var environment = await fixture.StartedAsync();
        var parts = path.Split('/');
        foreach (var body in new[] { "", "not json", "[]", "1", "null", "{", "{} // comment", "{\"a\":1,}", "{\"To_Account\":\"\\ud800\"}" })
        {
            AssertFailure(int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), await environment.Api.CallAsync(parts[0], parts[1], body));
        }
    }

    [Fact]
    public async Task Bad_JSON_is_said_before_missing_rights()
    {
        var environment = await fixture.StartedAsync();

        AssertFailure(90001, await environment.Api.CallAsync("openim", "batchsendmsg", "not json", identifier: "alice"));
    }

    [Fact]
    public async Task A_body_that_is_not_UTF8()
    {
        var environment = await fixture.StartedAsync();
        using var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);

        using var answer = await environment.Api.Http.PostAsync(new Uri(environment.Api.CommandPath("openim", "sendmsg"), UriKind.Relative), content, TestContext.Current.CancellationToken);

        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        AssertFailure(90001, json.RootElement);
    }

    [Theory]
    [MemberData(nameof(BadMessages))]
    public async Task Fields_of_a_message(string fields, int code)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var body = Messages.Text(mia, jonas, "never stored");
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        Assert.Equal(code, await environment.SendForCodeAsync(body));
        Assert.Equal([["a"], ["a"]], new[] { await RowsAsync(environment, mia), await RowsAsync(environment, jonas) });
    }

    [Theory]
    [InlineData(9_000)]
    [InlineData(300_000)]
    [InlineData(2_000_000)]
    [InlineData(40_000_000)]
    public async Task Too_large_a_message(int characters)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));

        Assert.Equal(93000, await environment.SendForCodeAsync(Messages.Text(mia, jonas, new string('x', characters))));
        Assert.Equal(["a"], await RowsAsync(environment, mia));
        Assert.Equal(["a"], await RowsAsync(environment, jonas));
    }

    [Fact]
    public async Task Bodies_are_read_whatever_their_content_type_and_the_query_in_any_order()
    {
        var environment = await fixture.StartedAsync();
        var sig = environment.Api.Sign("administrator").Replace("*", "%2A").Replace("/", "%2F");
        var path = $"/v4/im_open_login_svc/account_check?random=12345678901234567890123456789012&usersig={sig}&apn=1&contenttype=json&identifier=administrator&sdkappid={environment.Settings.SdkAppId}";
        foreach (var type in new[] { null, "application/x-www-form-urlencoded", "text/plain", "application/json; charset=gbk" })
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"CheckItem":[{"UserID":"alice"}]}"""));
            if (type is not null)
            {
                content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            using var answer = await environment.Api.Http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal("Imported", json.RootElement.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
        }
    }

    [Fact]
    public async Task Another_origin_may_read_the_answer()
    {
        var environment = await fixture.StartedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(environment.Api.CommandPath("openim", "nothing"), UriKind.Relative)) { Content = new StringContent("{}") };
        request.Headers.Add("Origin", Other);

        using var answer = await environment.Api.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains(answer.Headers.GetValues("Access-Control-Allow-Origin").Single(), new[] { "*", Other });
    }

    private static void AssertFailure(int code, JsonElement answer)
    {
        Assert.Equal(code, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal("FAIL", answer.GetProperty("ActionStatus").GetString());
        Assert.NotEqual("", answer.GetProperty("ErrorInfo").GetString());
    }

    private static async Task<bool> IsImportedAsync(LocalEnvironment environment, string account) =>
        (await environment.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = account } } }))
            .GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString() == "Imported";

    private static async Task<string[]> RowsAsync(LocalEnvironment environment, string account)
    {
        var table = new TableClient(environment.Settings.Storage, TableNames.Accounts);
        var partition = new AccountKey(environment.Settings.SdkAppId, account).PartitionKey;
        var rows = new List<string>();
        await foreach (var row in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            rows.Add(row.RowKey);
        }

        return [.. rows];
    }
}
