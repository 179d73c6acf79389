using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Tests.Support;

/// <summary>An app beside the shared one, for tests that change settings.</summary>
public static class OtherApp
{
    /// <summary>Stores an app of its own and gives a client that calls as its administrator.</summary>
    /// <param name="change">What is different from an app's defaults.</param>
    public static async Task<ApiClient> AddAppAsync(this LocalEnvironment environment, Func<App, App>? change = null)
    {
        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var id = AppIds.Next();
        var app = new App { SdkAppId = id, Name = "Other", Secrets = [secret], Admins = ["administrator"] };
        var settings = JsonSerializer.Serialize(change?.Invoke(app) ?? app, ParleyJson.Wire.App);
        await new TableClient(environment.Settings.Storage, TableNames.Apps).AddEntityAsync(new TableEntity($"{id}", "app") { ["Settings"] = settings });
        return new ApiClient(environment.Settings with { SdkAppId = id, Secret = secret });
    }

    /// <summary>An app as it is stored.</summary>
    public static async Task<App> ReadAsync(LocalEnvironment environment, uint id)
    {
        var row = await new TableClient(environment.Settings.Storage, TableNames.Apps).GetEntityAsync<TableEntity>($"{id}", "app");
        return JsonSerializer.Deserialize(row.Value.GetString("Settings"), ParleyJson.Wire.App)!;
    }
}
