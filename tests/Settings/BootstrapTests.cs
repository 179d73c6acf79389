using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.Settings;

public sealed class BootstrapTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task An_address_in_the_vault_that_could_not_be_read_makes_no_app_and_the_secret_that_comes_later_does()
    {
        var (nowhere, id) = (new Uri("http://127.0.0.1:1"), AppIds.Next());
        (string, string) app = ("Bootstrap:SdkAppId", $"{id}");
        await using var early = await AppInstance.StartAsync(
            azurite, nowhere, null, app, ("Bootstrap:Secret", "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/bootstrap-secret)"));
        await using var later = await AppInstance.StartAsync(azurite, nowhere, null, app, ("Bootstrap:Secret", "what the vault holds"));

        var before = await early.Get<AppDirectory>().FindAsync(id, TestContext.Current.CancellationToken);
        var after = await later.Get<AppDirectory>().FindAsync(id, TestContext.Current.CancellationToken);

        Assert.Null(before);
        Assert.Equal(["what the vault holds"], after?.Secrets);
    }
}
