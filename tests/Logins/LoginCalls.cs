using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Logins;

/// <summary>Calls and looks that the login tests share.</summary>
internal static class LoginCalls
{
    public static LoginProvider ProviderOf(OpenIdServer server) => new()
    {
        Name = "corp",
        Kind = LoginProviderKind.OpenIdConnect,
        ClientId = OpenIdServer.ClientId,
        ClientSecret = OpenIdServer.ClientSecret,
        AccountPrefix = "corp-",
        Issuer = server.Issuer,
    };

    public static Task<JsonElement> LogInAsync(this ApiClient api, object body) =>
        api.PostAsync($"/client/login?sdkappid={api.Settings.SdkAppId}", body as string ?? JsonSerializer.Serialize(body));

    /// <summary>Logs in, and fails the test when that fails.</summary>
    /// <returns>The account.</returns>
    public static async Task<string> LogInOkAsync(this ApiClient api, object body)
    {
        var answer = await api.LogInAsync(body);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, answer.GetRawText());
        return answer.GetProperty("Identifier").GetString()!;
    }

    public static async Task<int> LogInForCodeAsync(this ApiClient api, object body)
    {
        var answer = await api.LogInAsync(body);
        Assert.False(answer.TryGetProperty("UserSig", out _) && answer.GetProperty("ErrorCode").GetInt32() != 0);
        return answer.GetProperty("ErrorCode").GetInt32();
    }

    /// <summary>All rows of an app in a table, as partition and row key.</summary>
    public static async Task<List<TableEntity>> RowsAsync(this ApiClient api, string table)
    {
        var (from, to) = ($"{api.Settings.SdkAppId}|", $"{api.Settings.SdkAppId}}}");
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {to}");
        return await new TableClient(api.Settings.Storage, table).QueryAsync<TableEntity>(filter).ToListAsync();
    }

    /// <summary>The accounts of an app.</summary>
    public static async Task<List<string>> AccountsAsync(this ApiClient api) =>
        [.. (await api.RowsAsync(TableNames.Accounts)).Where(row => row.RowKey == "a").Select(row => AccountKey.FromPartitionKey(row.PartitionKey)!.Value.Account)];
}
