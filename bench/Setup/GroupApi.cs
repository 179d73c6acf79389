using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Apps;

namespace Parley.Bench.Setup;

/// <summary>Calls the commands of groups as the app's administrator. Accounts are numbered from 1, and the members of a group are the first so many.</summary>
internal sealed class GroupApi(ParleyApi api)
{
    private const string Service = "group_open_http_svc";
    private const int MembersPerCall = 500;

    // More than is sent, so that no message is dropped for coming too soon.
    private const int MessagesPerSecond = 100_000;

    private int _accounts;

    public static string Account(int number) => $"member-{number.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Sees to it that the first so many accounts exist, and that groups take as many messages as are sent.</summary>
    public async Task PrepareAsync(int accounts, CancellationToken cancellation)
    {
        if (_accounts == 0)
        {
            await api.CallAsync("openconfigsvr", "set_app_settings", new JsonObject { ["GroupMessagesPerSecond"] = MessagesPerSecond }, cancellation);
        }

        if (accounts > _accounts)
        {
            await api.ImportAsync(Numbers(accounts).Skip(_accounts).Select(Account), cancellation);
            _accounts = accounts;
        }
    }

    /// <summary>Creates a group without members and owner.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(GroupType type, CancellationToken cancellation) =>
        (await CallAsync("create_group", new JsonObject { ["Type"] = type.ToString(), ["Name"] = "Bench" }, cancellation)).GetProperty("GroupId").GetString()!;

    /// <summary>Creates a group and adds its members, who are not told.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(GroupType type, int members, CancellationToken cancellation)
    {
        await PrepareAsync(members, cancellation);
        var group = await CreateAsync(type, cancellation);
        foreach (var some in Numbers(members).Chunk(MembersPerCall))
        {
            await AddAsync(group, some, isSilent: true, cancellation);
        }

        return group;
    }

    /// <summary>Adds members in one call, of which they and the others are told.</summary>
    public Task AddAsync(string group, int members, CancellationToken cancellation) =>
        AddAsync(group, Numbers(members), isSilent: false, cancellation);

    /// <summary>Sends a message in the name of an account.</summary>
    /// <exception cref="BenchException">It was refused or dropped.</exception>
    public async Task SendAsync(string group, int from, uint number, CancellationToken cancellation)
    {
        var message = new JsonObject
        {
            ["GroupId"] = group,
            ["From_Account"] = Account(from),
            ["Random"] = number,
            ["MsgBody"] = ParleyApi.Body(),
        };
        var answer = await CallAsync("send_group_msg", message, cancellation);
        if (answer.GetProperty("MsgSeq").GetInt64() == 0)
        {
            throw new BenchException($"A message was dropped: {answer.GetRawText()}");
        }
    }

    /// <summary>Reads a page of members.</summary>
    /// <returns>Where the next begins.</returns>
    public async Task<string> ReadPageAsync(string group, int size, string next, CancellationToken cancellation)
    {
        var page = await CallAsync("get_group_member_info", new JsonObject { ["GroupId"] = group, ["Limit"] = size, ["Next"] = next }, cancellation);
        return page.GetProperty("MemberList").GetArrayLength() == size
            ? page.GetProperty("Next").GetString()!
            : throw new BenchException($"A page of {size} members is not full: {page.GetRawText()}");
    }

    private static IEnumerable<int> Numbers(int count) => Enumerable.Range(1, count);

    private async Task AddAsync(string group, IEnumerable<int> numbers, bool isSilent, CancellationToken cancellation)
    {
        var members = numbers.Select(number => (JsonNode)new JsonObject { ["Member_Account"] = Account(number) });
        var request = new JsonObject { ["GroupId"] = group, ["Silence"] = isSilent ? 1 : 0, ["MemberList"] = new JsonArray([.. members]) };
        var answer = await CallAsync("add_group_member", request, cancellation);
        if (answer.GetProperty("MemberList").EnumerateArray().Any(member => member.GetProperty("Result").GetInt32() != 1))
        {
            throw new BenchException($"Not everybody became a member: {answer.GetRawText()}");
        }
    }

    private Task<JsonElement> CallAsync(string command, JsonObject body, CancellationToken cancellation) => api.CallAsync(Service, command, body, cancellation);
}
