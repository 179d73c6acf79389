using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class ConnectionTests(LocalEnvironmentFixture fixture)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Negotiation_answers_where_to_connect_and_a_token()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");

        var answer = await NegotiateAsync(environment, mia, environment.Api.Sign(mia));

        Assert.StartsWith($"{environment.Settings.SignalR.TrimEnd('/')}/client/?hub=", answer.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, answer.GetProperty("accessToken").GetString()!.Split('.').Length);
    }

    [Fact]
    public async Task A_first_login_imports_the_account()
    {
        var environment = await fixture.StartedAsync();
        var mia = environment.NewAccount("mia");

        await using var client = await environment.ConnectAsync(mia);
        await environment.SendAsync(Messages.Text("administrator", mia, "welcome"));

        Assert.Equal("welcome", Messages.TextOf(await client.WaitForAsync(_ => true)));
    }

    [Fact]
    public async Task A_forged_or_expired_UserSig_gets_no_token_and_the_official_client_says_why()
    {
        var environment = await fixture.StartedAsync();
        var mia = environment.NewAccount("mia");
        var now = TimeProvider.System.GetUtcNow();
        var forged = UserSig.Sign(mia, environment.Settings.SdkAppId, "another secret", now, TimeSpan.FromHours(1));
        var expired = UserSig.Sign(mia, environment.Settings.SdkAppId, environment.Settings.Secret, now.AddHours(-2), TimeSpan.FromHours(1));

        foreach (var (sig, code) in new[] { (forged, 70009), (expired, 70001), ("", 70002) })
        {
            var answer = await NegotiateAsync(environment, mia, sig);
            Assert.Equal(code, answer.GetProperty("ErrorCode").GetInt32());
            Assert.False(answer.TryGetProperty("accessToken", out _));
        }

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartAsync(environment.Api, mia, userSig: forged));
        Assert.Contains("70009", refused.Message, StringComparison.Ordinal);
        var status = await environment.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = mia } } });
        Assert.Equal("NotImported", status.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
    }

    [Fact]
    public async Task Each_open_connection_has_a_row_and_a_closed_one_has_none()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");

        await using var phone = await environment.ConnectAsync(mia);
        var desktop = await environment.ConnectAsync(mia);
        await Eventually.GetAsync("two connection rows", async () => await ConnectionRowsAsync(environment, mia) == 2, Deadline);
        await desktop.DisposeAsync();
        await Eventually.GetAsync("one connection row", async () => await ConnectionRowsAsync(environment, mia) == 1, Deadline);
    }

    [Fact]
    public async Task Upstream_calls_without_the_secret_or_the_signature_change_nothing()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var user = new AccountKey(environment.Settings.SdkAppId, mia).SignalRUser;
        var signature = $"sha256={Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes("no key of the service"), "c1"u8))}";

        foreach (var secret in new[] { "guessed", new string('x', 64) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/upstream/{secret}", UriKind.Relative));
            request.Headers.Add("X-ASRS-Connection-Id", "c1");
            request.Headers.Add("X-ASRS-Hub", $"parley_{environment.Settings.SdkAppId}");
            request.Headers.Add("X-ASRS-Category", "connections");
            request.Headers.Add("X-ASRS-Event", "connected");
            request.Headers.Add("X-ASRS-User-Id", user);
            request.Headers.Add("X-ASRS-Signature", signature);
            request.Content = new StringContent("""{"type":10}""");
            using var answer = await environment.Api.Http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        Assert.Equal(0, await ConnectionRowsAsync(environment, mia));
    }

    [Theory]
    [InlineData("/deliver")]
    [InlineData("/timer")]
    public async Task The_functions_of_queues_and_timers_are_not_reachable_from_outside(string path)
    {
        var environment = await fixture.StartedAsync();
        using var content = new StringContent("{}");

        using var answer = await environment.Api.Http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static Task<JsonElement> NegotiateAsync(LocalEnvironment environment, string account, string sig) => environment.Api.PostAsync(
        $"/client/negotiate?sdkappid={environment.Settings.SdkAppId}&identifier={Uri.EscapeDataString(account)}&usersig={Uri.EscapeDataString(sig)}&negotiateVersion=1", "");

    private static async Task<int> ConnectionRowsAsync(LocalEnvironment environment, string account)
    {
        var table = new TableClient(environment.Settings.Storage, TableNames.Accounts);
        var partition = new AccountKey(environment.Settings.SdkAppId, account).PartitionKey;
        var rows = 0;
        await foreach (var _ in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge 'p|' and RowKey lt 'p}}'")))
        {
            rows++;
        }

        return rows;
    }
}
