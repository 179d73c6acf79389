using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Calls that the tests of groups' messages share.</summary>
internal static class GroupMessageCalls
{
    /// <summary>Begins above the numbers that tests choose themselves: an equal one soon after is the same message once more.</summary>
    private static int _random = 1_000_000;

    /// <summary>Sends a text as its sender itself, again while the group takes no more; gives its number.</summary>
    public static async Task<long> SayAsync(this LocalEnvironment environment, string group, string from, string text, params (string Name, JsonNode? Value)[] more)
    {
        var (body, number) = (GroupCalls.GroupText(group, null, text, NewRandom(), more), 0L);
        await Eventually.HoldsAsync(async () => (number = (await environment.GroupAsync("send_group_msg", body, from)).GetProperty("MsgSeq").GetInt64()) > 0);
        return number;
    }

    public static uint NewRandom() => (uint)Interlocked.Increment(ref _random);

    /// <summary>Adds a member without a tip.</summary>
    public static Task JoinAsync(this LocalEnvironment environment, string group, string account) =>
        environment.GroupAsync("add_group_member", new { GroupId = group, Silence = 1, MemberList = new[] { new { Member_Account = account } } });

    /// <summary>The messages that group_msg_get_simple lists, newest first.</summary>
    public static async Task<IReadOnlyList<JsonElement>> HistoryOfAsync(this LocalEnvironment environment, string group, string? identifier = null, int withRecalled = 0) =>
        [
            .. (await environment.GroupAsync("group_msg_get_simple", new { GroupId = group, ReqMsgNumber = 20, WithRecalledMsg = withRecalled }, identifier))
                .GetProperty("RspMsgList").EnumerateArray(),
        ];

    /// <summary>All of a log from a number on, read in pages.</summary>
    public static async Task<IReadOnlyList<JsonElement>> LogOfAsync(this LocalEnvironment environment, string group, string reader, bool isOfChanges = false, int pageSize = 100)
    {
        var log = new List<JsonElement>();
        var timeline = (isOfChanges ? "groupchange:" : "group:") + group;
        for (var after = 0L; ;)
        {
            var page = await environment.GroupAsync("get_group_log", new { GroupId = group, Timeline = timeline, AfterSeq = after, MaxCnt = pageSize }, reader);
            log.AddRange(page.GetProperty("Entries").EnumerateArray());
            after = Math.Max(after, page.GetProperty("UpToSeq").GetInt64());
            if (after >= page.GetProperty("LastSeq").GetInt64())
            {
                return log;
            }
        }
    }

    /// <summary>How a group stands to one of its members; fails the test where it is not listed.</summary>
    public static async Task<JsonElement> StateOfAsync(this LocalEnvironment environment, string group, string account) =>
        (await environment.GroupAsync("sync_groups", new { }, account)).GetProperty("Groups").EnumerateArray().Single(state => state.GetProperty("GroupId").GetString() == group);

    public static async Task<long> UnreadOfAsync(this LocalEnvironment environment, string group, string account) =>
        (await environment.StateOfAsync(group, account)).GetProperty("UnreadMsgNum").GetInt64();

    public static Task<JsonElement> ReadUpToAsync(this LocalEnvironment environment, string group, string account, long upTo) =>
        environment.GroupAsync("group_msg_read", new { GroupId = group, MsgSeq = upTo }, account);

    public static async Task<IReadOnlyList<int>> RecallAsync(this LocalEnvironment environment, string group, string? identifier, params long[] numbers) =>
        [
            .. (await environment.GroupAsync("group_msg_recall", new { GroupId = group, MsgSeqList = Numbers(numbers) }, identifier))
                .GetProperty("RecallRetList").EnumerateArray().Select(item => item.GetProperty("RetCode").GetInt32()),
        ];

    public static object[] Numbers(params long[] numbers) => [.. numbers.Select(number => new { MsgSeq = number })];

    public static bool IsOf(this JsonElement heard, string type, string group) => Messages.TypeOf(heard) == type && heard.GetProperty("GroupId").GetString() == group;

    public static long[] NumbersOf(this JsonElement change) => [.. change.GetProperty("MsgSeqList").EnumerateArray().Select(number => number.GetInt64())];

    public static int PlaceOf(this JsonElement message) => message.TryGetProperty("IsPlaceMsg", out var place) ? place.GetInt32() : 0;

    /// <summary>Three accounts: an owner and two members of a new group.</summary>
    public static async Task<(string Group, string Anna, string Ben, string Cleo)> HikingAsync(this LocalEnvironment environment, string type = "Public")
    {
        var (anna, ben, cleo) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("cleo"));
        return (await environment.CreateGroupAsync(type, anna, ben, cleo), anna, ben, cleo);
    }
}
