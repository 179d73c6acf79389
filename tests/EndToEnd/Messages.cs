using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Bodies and calls that the message tests share.</summary>
internal static class Messages
{
    /// <summary>A text message as sendmsg takes it; more fields may be given, which replace these.</summary>
    public static JsonObject Text(string from, string to, string text, uint? seq = null, uint random = 7, params (string Name, JsonNode? Value)[] more)
    {
        var body = new JsonObject
        {
            ["From_Account"] = from,
            ["To_Account"] = to,
            ["MsgRandom"] = random,
            ["MsgBody"] = new JsonArray(new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } }),
        };
        if (seq is not null)
        {
            body["MsgSeq"] = seq;
        }

        foreach (var (name, value) in more)
        {
            body[name] = value;
        }

        return body;
    }

    public static Task<JsonElement> SendAsync(this LocalEnvironment environment, JsonObject body, string? identifier = null) =>
        environment.Api.CallOkAsync("openim", "sendmsg", body.ToJsonString(), identifier);

    public static async Task<int> SendForCodeAsync(this LocalEnvironment environment, JsonNode body, string? identifier = null) =>
        (await environment.Api.CallAsync("openim", "sendmsg", body.ToJsonString(), identifier)).GetProperty("ErrorCode").GetInt32();

    /// <summary>Sends a text message from one account to another; gives its key.</summary>
    public static async Task<string> SendTextAsync(this LocalEnvironment environment, string from, string to, string text, uint random = 7) =>
        (await environment.SendAsync(Text(from, to, text, random: random))).GetProperty("MsgKey").GetString()!;

    /// <summary>Calls a command of the message service for its error code.</summary>
    public static async Task<int> CodeAsync(this LocalEnvironment environment, string command, object body, string? identifier = null) =>
        (await environment.Api.CallAsync("openim", command, body, identifier)).GetProperty("ErrorCode").GetInt32();

    /// <summary>The whole log of one side's copy, pulled page by page as a client does.</summary>
    public static async Task<IReadOnlyList<JsonElement>> LogAsync(this LocalEnvironment environment, string owner, string peer, int pageSize = 100)
    {
        var log = new List<JsonElement>();
        var after = 0L;
        while (true)
        {
            var page = await environment.Api.CallOkAsync(
                "openim", "get_c2c_log", new { Owner_Account = owner, Peer_Account = peer, AfterSeq = after, MaxCnt = pageSize }, owner);
            log.AddRange(page.GetProperty("Entries").EnumerateArray());
            after = Math.Max(after, page.GetProperty("UpToSeq").GetInt64());
            if (after >= page.GetProperty("LastSeq").GetInt64())
            {
                return log;
            }
        }
    }

    /// <summary>How many messages of a conversation its owner has not read.</summary>
    public static async Task<long> UnreadAsync(this LocalEnvironment environment, string owner, string peer) =>
        (await environment.Api.CallOkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = owner, Peer_Account = new[] { peer } }))
            .GetProperty("C2CUnreadMsgNumList")[0].GetProperty("C2CUnreadMsgNum").GetInt64();

    public static string TypeOf(JsonElement entry) => entry.GetProperty("Type").GetString()!;

    /// <summary>All of one side's history, oldest first, read in pages.</summary>
    public static async Task<IReadOnlyList<JsonElement>> HistoryAsync(this LocalEnvironment environment, string owner, string peer, int pageSize = 100)
    {
        var history = new List<JsonElement>();
        var (maxTime, lastKey) = (9_999_999_999L, (string?)null);
        while (true)
        {
            var page = await environment.Api.CallOkAsync("openim", "admin_getroammsg", new
            {
                Operator_Account = owner,
                Peer_Account = peer,
                MaxCnt = pageSize,
                MinTime = 0,
                MaxTime = maxTime,
                LastMsgKey = lastKey,
            });
            history.InsertRange(0, page.GetProperty("MsgList").EnumerateArray());
            if (page.GetProperty("Complete").GetInt32() == 1)
            {
                return history;
            }

            maxTime = page.GetProperty("LastMsgTime").GetInt64();
            lastKey = page.GetProperty("LastMsgKey").GetString();
        }
    }

    public static string TextOf(JsonElement message) => message.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Text").GetString()!;

    public static IEnumerable<string> TextsOf(IEnumerable<JsonElement> messages) => messages.Select(TextOf);
}
