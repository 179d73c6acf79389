using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Calls that the tests of live rooms share.</summary>
internal static class LiveRoomCalls
{
    public const string RoomService = "group_open_avchatroom_http_svc";

    public static Task<long> OnlineAsync(this LocalEnvironment environment, string room) => environment.Api.OnlineAsync(room);

    /// <summary>How many are in a room.</summary>
    public static async Task<long> OnlineAsync(this ApiClient app, string room) =>
        (await app.CallOkAsync(GroupCalls.Service, "get_online_member_num", new { GroupId = room })).GetProperty("OnlineMemberNum").GetInt64();

    /// <summary>Creates a group of an app of the test's own; gives its name.</summary>
    public static async Task<string> CreateGroupAsync(this ApiClient app, string type, string? owner = null) =>
        (await app.CallOkAsync(GroupCalls.Service, "create_group", owner is null ? new { Type = type, Name = "Live" } : new { Type = type, Name = "Live", Owner_Account = owner }))
            .GetProperty("GroupId").GetString()!;

    public static async Task<int> GroupCodeAsync(this ApiClient app, string command, object body, string? identifier = null, string service = GroupCalls.Service) =>
        (await app.CallAsync(service, command, body, identifier)).GetProperty("ErrorCode").GetInt32();

    /// <summary>Waits until so many connections of an account are known.</summary>
    public static Task OpenAsync(this LocalEnvironment environment, string account, int connections) => Eventually.HoldsAsync(
        async () => (await StoredRows.OfAsync(environment.Settings.Storage, new Parley.Storage.AccountKey(environment.Settings.SdkAppId, account)))
            .Count(row => row.StartsWith("accounts/p|", StringComparison.Ordinal)) == connections);

    /// <summary>The accounts that a room lists.</summary>
    public static async Task<IReadOnlyList<string>> ListedAsync(this LocalEnvironment environment, string room, int mark = 0) =>
        Names((await environment.GroupAsync("get_members", new { GroupId = room, Timestamp = 0, Mark = mark }, service: RoomService)).GetProperty("MemberList"));

    public static IReadOnlyList<string> Names(JsonElement members) => [.. members.EnumerateArray().Select(member => member.GetProperty("Member_Account").GetString()!)];
}
