using Parley.Tests.Support;

namespace Parley.Tests.LocalRun;

/// <summary>addapp, beside the shared environment, which knows the new app without a restart.</summary>
public sealed class AddAppCommandTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_new_app_can_be_used_at_once_with_the_printed_secret_and_sees_nothing_of_others()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var id = AppIds.Next();

        await using var program = await RunAsync(environment, 0, [], "addapp", $"{id}", "--name", "The shop", "--admins", "root,backup");

        var secret = Assert.Single(program.Output);
        using var api = new ApiClient(environment.Settings with { SdkAppId = id, Secret = secret, Admin = "root" });
        var settings = await api.CallOkAsync("openconfigsvr", "get_app_settings", "{}");
        Assert.Equal(("The shop", 1), (settings.GetProperty("Name").GetString(), settings.GetProperty("SecretCount").GetInt32()));
        Assert.Equal(["root", "backup"], settings.GetProperty("Admins").EnumerateArray().Select(admin => admin.GetString()));
        var check = await api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = mia } } });
        Assert.Equal("NotImported", check.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
        await api.ImportAsync("ann", "ben");
        await using var client = await ClientConnection.StartAsync(api, "ann");
        await api.CallOkAsync("openim", "sendmsg", EndToEnd.Messages.Text("ben", "ann", "welcome").ToJsonString());
        await client.WaitForAsync(received => received.GetRawText().Contains("welcome", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_is_brought_along_is_not_printed_and_an_app_that_is_there_stays_as_it_is()
    {
        var environment = await fixture.StartedAsync();
        var (id, secret) = (AppIds.Next(), "the secret of an app that moves here");

        await using var first = await RunAsync(environment, 0, new() { ["PARLEY_APP_SECRET"] = secret }, "addapp", $"{id}");
        await using var second = await RunAsync(environment, 1, [], "addapp", $"{id}");

        Assert.Empty(first.Output);
        Assert.Contains(second.Errors, line => line.StartsWith($"There is an app {id} already", StringComparison.Ordinal));
        using var api = new ApiClient(environment.Settings with { SdkAppId = id, Secret = secret, Admin = "administrator" });
        Assert.Equal(1, (await api.CallOkAsync("openconfigsvr", "get_app_settings", "{}")).GetProperty("SecretCount").GetInt32());
    }

    [Theory]
    [InlineData("too short", "administrator", "Secrets")]
    [InlineData("a secret that is long enough", "an account whose name has too many bytes", "Admins")]
    public async Task What_set_app_settings_would_refuse_is_refused(string secret, string admins, string field)
    {
        var environment = await fixture.StartedAsync();
        var id = AppIds.Next();

        await using var program = await RunAsync(environment, 2, new() { ["PARLEY_APP_SECRET"] = secret }, "addapp", $"{id}", "--admins", admins);

        Assert.Contains(program.Errors, line => line.StartsWith(field, StringComparison.Ordinal));
        using var api = new ApiClient(environment.Settings with { SdkAppId = id, Secret = secret, Admin = "administrator" });
        var answer = await api.CallAsync("openconfigsvr", "get_app_settings", "{}");
        Assert.Equal(60006, answer.GetProperty("ErrorCode").GetInt32());
    }

    private static async Task<LocalProgram> RunAsync(LocalEnvironment environment, int expectedCode, Dictionary<string, string> variables, params string[] arguments)
    {
        var program = LocalProgram.Start([.. arguments, "--data", environment.Data.Path], variables);
        var code = await program.WaitForExitAsync();
        Assert.True(code == expectedCode, program.AllOutput);
        return program;
    }
}
