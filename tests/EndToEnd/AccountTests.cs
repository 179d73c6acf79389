using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AccountTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "im_open_login_svc";

    [Theory]
    [InlineData("UserID")]
    [InlineData("Identifier")]
    public async Task An_account_is_imported_under_either_name_of_the_field_and_as_often_as_one_likes(string field)
    {
        var environment = await fixture.StartedAsync();
        var account = environment.NewAccount("mia");
        Assert.Equal(["NotImported"], await StatusAsync(environment, account));

        await environment.Api.CallOkAsync(Service, "account_import", $$"""{"{{field}}":"{{account}}","Nick":"Mia","FaceUrl":""}""");
        await environment.Api.CallOkAsync(Service, "account_import", $$"""{"{{field}}":"{{account}}"}""");

        Assert.Equal(["Imported"], await StatusAsync(environment, account));
    }

    [Theory]
    [InlineData("""{}""", 70402)]
    [InlineData("""{"UserID":7}""", 70402)]
    [InlineData("""{"UserID":""}""", 70402)]
    [InlineData("""{"UserID":"a name that is longer than 32 bytes"}""", 70402)]
    [InlineData("""{"UserID":"名名名名名名名名名名名"}""", 70402)]
    [InlineData("""{"UserID":"line\nbreak"}""", 70402)]
    [InlineData("""{"UserID":"never","Nick":7}""", 70402)]
    public async Task What_cannot_be_an_account_is_refused(string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, (await environment.Api.CallAsync(Service, "account_import", body)).GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task A_profile_value_over_500_bytes_is_refused()
    {
        var environment = await fixture.StartedAsync();
        var account = environment.NewAccount("mia");

        var answer = await environment.Api.CallAsync(Service, "account_import", new { UserID = account, Nick = new string('x', 501) });

        Assert.Equal(40601, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(["NotImported"], await StatusAsync(environment, account));
    }

    [Fact]
    public async Task A_batch_names_those_that_failed_and_imports_the_others()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (environment.NewAccount("mia"), environment.NewAccount("jonas"));

        var answer = await environment.Api.CallOkAsync(Service, "multiaccount_import", new { Accounts = new[] { mia, "an-id-that-is-much-longer-than-thirty-two-bytes", jonas } });

        Assert.Equal(["an-id-that-is-much-longer-than-thirty-two-bytes"], answer.GetProperty("FailAccounts").EnumerateArray().Select(account => account.GetString()));
        Assert.Equal(["Imported", "Imported"], await StatusAsync(environment, mia, jonas));
    }

    [Fact]
    public async Task A_batch_may_carry_profiles()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (environment.NewAccount("mia"), environment.NewAccount("jonas"));

        var answer = await environment.Api.CallOkAsync(
            Service, "multiaccount_import", new { AccountList = new object[] { new { UserID = mia, Nick = "Mia" }, new { UserID = jonas, Nick = new string('x', 501) } } });

        Assert.Equal([jonas], answer.GetProperty("FailAccounts").EnumerateArray().Select(account => account.GetString()));
        Assert.Equal(["Imported", "NotImported"], await StatusAsync(environment, mia, jonas));
    }

    [Theory]
    [InlineData("multiaccount_import", """{"Accounts":[]}""")]
    [InlineData("multiaccount_import", """{"Accounts":"mia"}""")]
    [InlineData("multiaccount_import", """{"Accounts":[7]}""")]
    [InlineData("multiaccount_import", """{"AccountList":[{"Nick":"x"}]}""")]
    [InlineData("multiaccount_import", """{}""")]
    [InlineData("account_check", """{}""")]
    [InlineData("account_check", """{"CheckItem":[]}""")]
    [InlineData("account_check", """{"CheckItem":["mia"]}""")]
    [InlineData("account_check", """{"CheckItem":[{"UserID":7}]}""")]
    public async Task Lists_that_are_none_are_refused(string command, string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(70402, (await environment.Api.CallAsync(Service, command, body)).GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task More_than_100_accounts_are_too_many()
    {
        var environment = await fixture.StartedAsync();
        var accounts = Enumerable.Range(0, 101).Select(n => $"too-many-{n}").ToArray();

        var imported = await environment.Api.CallAsync(Service, "multiaccount_import", new { Accounts = accounts });
        var check = await environment.Api.CallAsync(Service, "account_check", new { CheckItem = accounts.Select(account => new { UserID = account }) });

        Assert.Equal(70402, imported.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(70402, check.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(["NotImported"], await StatusAsync(environment, accounts[0]));
    }

    private static async Task<IEnumerable<string?>> StatusAsync(LocalEnvironment environment, params string[] accounts)
    {
        var answer = await environment.Api.CallOkAsync(Service, "account_check", new { CheckItem = accounts.Select(account => new { UserID = account }) });
        var items = answer.GetProperty("ResultItem").EnumerateArray().ToList();
        Assert.Equal(accounts, items.Select(item => item.GetProperty("UserID").GetString()));
        return items.Select(item => item.GetProperty("AccountStatus").GetString());
    }
}
