using Parley.Apps;
using Parley.Local;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Rest;

public sealed class OfficialSignerTests
{
    [Theory]
    [InlineData("administrator")]
    [InlineData("名字")]
    public async Task What_the_official_node_signer_makes_is_valid(string identifier)
    {
        const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        var folder = Path.Combine(Repository.Root, "tests", "Rest", "js");
        await NodePackages.InstallAsync(folder);
        var app = new App { SdkAppId = 1400000001, Secrets = [Secret], Admins = [] };

        var (exitCode, text) = await NodePackages.RunAsync(folder, "node", ["sign.mjs", "1400000001", Secret, identifier, "3600"]);

        Assert.True(exitCode == 0, text);
        Assert.Null(UserSig.Read(text).Value.Verify(identifier, app, TimeProvider.System.GetUtcNow()));
    }
}
