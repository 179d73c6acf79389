using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class RegisterAccountTests(LocalEnvironmentFixture fixture)
{
    [Theory]
    [InlineData("mia2018-", 3)]
    [InlineData("49-17012", 1)]
    [InlineData("m@x.org-", 2)]
    public async Task An_account_is_registered_once(string prefix, int type)
    {
        var environment = await fixture.StartedAsync();
        var number = environment.NewAccount("n").Split('-')[1];
        var account = type == 1 ? prefix + number : prefix + "n" + number;

        Assert.Equal(0, await RegisterAsync(environment, new { Identifier = account, IdentifierType = type, Password = "s3cretPass" }));
        Assert.Equal("Offline", await environment.Api.StatusAsync(account));
        Assert.Equal(70421, await RegisterAsync(environment, new { Identifier = account, IdentifierType = type, Password = "s3cretPass" }));
    }

    [Theory]
    [InlineData("""{"IdentifierType":3,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"abc","IdentifierType":3,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"a-name-of-25-characters-x","IdentifierType":3,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":4,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":"3","Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":1,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":2,"Password":"s3cretPass"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":3}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":3,"Password":"1234567"}""")]
    [InlineData("""{"Identifier":"never-made","IdentifierType":3,"Password":"12345678901234567"}""")]
    public async Task What_cannot_be_registered_is_refused_and_nothing_is_made(string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(70402, await RegisterAsync(environment, JsonSerializer.Deserialize<JsonElement>(body)));
        var check = await environment.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = "never-made" } } });
        Assert.Equal("NotImported", check.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
    }

    private static async Task<int> RegisterAsync(LocalEnvironment environment, object body) =>
        (await environment.Api.CallAsync("registration_service", "register_account_v1", JsonSerializer.Serialize(body))).GetProperty("ErrorCode").GetInt32();
}
