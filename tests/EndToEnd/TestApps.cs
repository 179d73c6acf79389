using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>More apps in a running environment, for tests of settings.</summary>
internal static class TestApps
{
    private static int _apps;

    /// <summary>Stores an app that differs from the demo app as told.</summary>
    /// <returns>A client of it; the account names of other apps may be used again.</returns>
    public static async Task<ApiClient> AddAppAsync(this LocalEnvironment environment, Func<App, App> change)
    {
        var id = 1500000000 + (uint)Interlocked.Increment(ref _apps);
        var app = change(new App { SdkAppId = id, Secrets = [$"secret of {id}"], Admins = [environment.Settings.Admin] });
        var row = new TableEntity(id.ToString(CultureInfo.InvariantCulture), "app") { ["Settings"] = JsonSerializer.Serialize(app, ParleyJson.Wire.App) };
        await new TableClient(environment.Settings.Storage, TableNames.Apps).AddEntityAsync(row);
        return new ApiClient(environment.Settings with { SdkAppId = id, Secret = app.Secrets[0] });
    }
}
