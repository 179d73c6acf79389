using Parley.Accounts;
using Parley.Apps;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Accounts;

public sealed class QuotaRecountTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Accounts_that_were_there_before_the_limit_count()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var accounts = instance.Get<AccountDirectory>();
        var app = new App { SdkAppId = 1400000077, Secrets = ["secret"], Admins = [] };
        foreach (var name in new[] { "mia", "jonas" })
        {
            await accounts.ImportAsync(new AccountKey(app.SdkAppId, name), null, null, TestContext.Current.CancellationToken);
        }

        var limited = app with { MaxAccounts = 3 };

        Assert.Null((await ImportAsync("lena")).Error);
        Assert.Equal(70398, (await ImportAsync("piet")).Error?.Code);
        Assert.Null((await ImportAsync("mia")).Error);

        Task<Parley.Rest.Result<bool>> ImportAsync(string name) => accounts.TryImportAsync(limited, name, null, null, TestContext.Current.CancellationToken);
    }
}
