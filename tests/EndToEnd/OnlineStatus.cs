using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

internal static class OnlineStatus
{
    public static async Task<JsonElement> QueryAsync(this ApiClient api, params string[] accounts) =>
        await api.CallOkAsync("openim", "query_online_status", new { To_Account = accounts, IsNeedDetail = 1 });

    public static async Task<string?> StatusAsync(this ApiClient api, string account) =>
        (await api.QueryAsync(account)).GetProperty("QueryResult")[0].GetProperty("Status").GetString();

    /// <summary>"Android:Online", "Web:Online" …, in the order of the answer.</summary>
    public static async Task<IReadOnlyList<string>> DetailAsync(this ApiClient api, string account) =>
        (await api.QueryAsync(account)).GetProperty("QueryResult")[0].TryGetProperty("Detail", out var detail)
            ? [.. detail.EnumerateArray().Select(item => $"{item.GetProperty("Platform").GetString()}:{item.GetProperty("Status").GetString()}")]
            : [];
}
