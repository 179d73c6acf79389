using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Calls that the tests of the conversation list share.</summary>
internal static class RecentContacts
{
    public const string Service = "recentcontact";

    public static Task<JsonElement> ContactsAsync(this LocalEnvironment environment, string command, object body, string? identifier = null) =>
        environment.Api.CallOkAsync(Service, command, body, identifier);

    public static async Task<int> ContactsCodeAsync(this LocalEnvironment environment, string command, object body, string? identifier = null)
    {
        var answer = await environment.Api.CallAsync(Service, command, body, identifier);
        Assert.Equal("", answer.GetProperty("ErrorDisplay").GetString());
        return answer.GetProperty("ErrorCode").GetInt32();
    }

    public static object Item(string peer) => new { Type = 1, To_Account = peer };

    public static object GroupItem(string group) => new { Type = 2, ToGroupId = group };

    public static Task<JsonElement> PinAsync(this LocalEnvironment environment, string owner, string peer, int flag = 1) =>
        environment.ContactsAsync("set_top", new { From_Account = owner, ContactItem = Item(peer), TopFlag = flag }, owner);

    public static Task<JsonElement> MarkAsync(this LocalEnvironment environment, string owner, params object[] items) =>
        environment.ContactsAsync("mark_contact", new { From_Account = owner, MarkItem = items }, owner);

    public static object Mark(string peer, string custom) => new { OptType = 2, ContactItem = Item(peer), CustomMark = custom };

    public static Task<JsonElement> CreateGroupAsync(this LocalEnvironment environment, string owner, string name, params string[] peers) =>
        environment.ContactsAsync("create_contact_group", new
        {
            From_Account = owner,
            GroupContactItem = new[] { new { GroupName = name, ContactItem = peers.Select(Item) } },
        }, owner);

    /// <summary>The whole list, paged as a client does.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ListAsync(this LocalEnvironment environment, string owner, int flags = 7)
    {
        var list = new List<JsonElement>();
        var cursor = (Time: 0L, Index: 0L, TopTime: 0L, TopIndex: 0L);
        while (true)
        {
            var page = await environment.ContactsAsync("get_list", new
            {
                From_Account = owner,
                TimeStamp = cursor.Time,
                StartIndex = cursor.Index,
                TopTimeStamp = cursor.TopTime,
                TopStartIndex = cursor.TopIndex,
                AssistFlags = flags,
            }, owner);
            list.AddRange(page.GetProperty("SessionItem").EnumerateArray());
            if (page.GetProperty("CompleteFlag").GetInt32() == 1)
            {
                return list;
            }

            cursor = (Number(page, "TimeStamp"), Number(page, "StartIndex"), Number(page, "TopTimeStamp"), Number(page, "TopStartIndex"));
        }
    }

    /// <summary>Peers of the list, in its order.</summary>
    public static async Task<IReadOnlyList<string>> PeersAsync(this LocalEnvironment environment, string owner, int flags = 7) =>
        [.. (await environment.ListAsync(owner, flags)).Select(PeerOf)];

    public static Task<JsonElement> SettingsAsync(this LocalEnvironment environment, string owner, long since = 0) =>
        environment.ContactsAsync("get_settings", new { From_Account = owner, SinceVersion = since }, owner);

    /// <summary>All that is marked or in groups, paged as a client does.</summary>
    public static async Task<IReadOnlyList<JsonElement>> MarkedAsync(this LocalEnvironment environment, string owner)
    {
        var all = new List<JsonElement>();
        var start = 0L;
        while (true)
        {
            var page = await environment.ContactsAsync("get_contact_group", new { From_Account = owner, StartIndex = start }, owner);
            all.AddRange(page.GetProperty("ContactItem").EnumerateArray());
            start = Number(page, "NextStartIndex");
            if (page.GetProperty("CompleteFlag").GetInt32() == 1)
            {
                Assert.Equal(0, start);
                return all;
            }
        }
    }

    public static string PeerOf(JsonElement item) => item.GetProperty("To_Account").GetString()!;

    public static long Number(JsonElement item, string name) => item.GetProperty(name).GetInt64();

    public static IEnumerable<int> ResultsOf(JsonElement items) => items.EnumerateArray().Select(item => item.GetProperty("ResultCode").GetInt32());

    /// <summary>Names and ids of the groups of an answer or an event.</summary>
    public static IEnumerable<(string Name, long Id)> GroupsOf(JsonElement answer) => answer.GetProperty("GroupItem").EnumerateArray()
        .Select(group => (group.GetProperty("GroupName").GetString()!, group.GetProperty("GroupId").GetInt64()));

    /// <summary>New accounts that are imported.</summary>
    public static async Task<IReadOnlyList<string>> ImportManyAsync(this LocalEnvironment environment, string name, int count)
    {
        var accounts = Enumerable.Range(0, count).Select(_ => environment.NewAccount(name)).ToList();
        foreach (var some in accounts.Chunk(100))
        {
            await environment.Api.ImportAsync(some);
        }

        return accounts;
    }
}
