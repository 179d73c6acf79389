using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AccountQuotaTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "im_open_login_svc";

    [Fact]
    public async Task An_app_has_no_more_accounts_than_it_may_have_whichever_way_they_come()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxAccounts = 3 });
        await ClientConnection.StartAsync(api, "lena").ContinueWith(connected => connected.Result.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();

        var batch = await api.CallOkAsync(Service, "multiaccount_import", new { Accounts = new[] { "mia", "jonas", "piet", "ana" } });

        Assert.Equal(2, batch.GetProperty("FailAccounts").GetArrayLength());
        Assert.Equal(70398, await CodeAsync(api, "account_import", new { UserID = "late" }));
        Assert.Equal(70398, (await api.CallAsync("registration_service", "register_account_v1", """{"Identifier":"late","IdentifierType":3,"Password":"12345678"}""")).GetProperty("ErrorCode").GetInt32());
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartAsync(api, "late"));
        Assert.Contains("70398", refused.Message, StringComparison.Ordinal);

        // Those that are there may still change and connect.
        Assert.Equal(0, await CodeAsync(api, "account_import", new { UserID = "lena", Nick = "Lena" }));
        await using var again = await ClientConnection.StartAsync(api, "lena");
    }

    [Fact]
    public async Task A_deleted_account_makes_room()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxAccounts = 1 });
        Assert.Equal(0, await CodeAsync(api, "account_import", new { UserID = "mia" }));
        Assert.Equal(70398, await CodeAsync(api, "account_import", new { UserID = "jonas" }));

        Assert.Equal(0, await CodeAsync(api, "account_delete", new { DeleteItem = new[] { new { UserID = "mia" } } }));

        Assert.Equal(0, await CodeAsync(api, "account_import", new { UserID = "jonas" }));
        Assert.Equal(70398, await CodeAsync(api, "account_import", new { UserID = "mia" }));
    }

    [Fact]
    public async Task Imports_at_once_do_not_exceed_it()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxAccounts = 10 });

        var codes = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => CodeAsync(api, "account_import", new { UserID = $"mia-{n}" })));

        Assert.Equal(10, codes.Count(code => code == 0));
        Assert.Equal(30, codes.Count(code => code == 70398));
    }

    private static async Task<int> CodeAsync(ApiClient api, string command, object body) =>
        (await api.CallAsync(Service, command, JsonSerializer.Serialize(body))).GetProperty("ErrorCode").GetInt32();
}
