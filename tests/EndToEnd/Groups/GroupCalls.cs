using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Calls that the group tests share.</summary>
internal static class GroupCalls
{
    public const string Service = "group_open_http_svc";

    /// <summary>Calls a group command for its error code.</summary>
    public static async Task<int> GroupCodeAsync(this LocalEnvironment environment, string command, object body, string? identifier = null, string service = Service) =>
        (await environment.Api.CallAsync(service, command, body, identifier)).GetProperty("ErrorCode").GetInt32();

    public static Task<JsonElement> GroupAsync(this LocalEnvironment environment, string command, object body, string? identifier = null, string service = Service) =>
        environment.Api.CallOkAsync(service, command, body, identifier);

    /// <summary>Creates a group with an owner and members; gives its name.</summary>
    public static async Task<string> CreateGroupAsync(this LocalEnvironment environment, string type, string? owner, params string[] members)
    {
        var body = new JsonObject { ["Type"] = type, ["Name"] = "Hiking" };
        if (owner is not null)
        {
            body["Owner_Account"] = owner;
        }

        if (members.Length > 0)
        {
            body["MemberList"] = new JsonArray([.. members.Select(member => new JsonObject { ["Member_Account"] = member })]);
        }

        return (await environment.GroupAsync("create_group", body.ToJsonString())).GetProperty("GroupId").GetString()!;
    }

    /// <summary>A text message as send_group_msg takes it; more fields may be given, which replace these.</summary>
    public static string GroupText(string group, string? from, string text, uint random = 7, params (string Name, JsonNode? Value)[] more)
    {
        var body = new JsonObject
        {
            ["GroupId"] = group,
            ["Random"] = random,
            ["MsgBody"] = new JsonArray(new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } }),
        };
        if (from is not null)
        {
            body["From_Account"] = from;
        }

        foreach (var (name, value) in more)
        {
            body[name] = value;
        }

        return body.ToJsonString();
    }

    /// <summary>Sends a text message; gives its number.</summary>
    public static async Task<long> SendGroupTextAsync(this LocalEnvironment environment, string group, string? from, string text, uint random = 7, string? identifier = null) =>
        (await environment.GroupAsync("send_group_msg", GroupText(group, from, text, random), identifier)).GetProperty("MsgSeq").GetInt64();

    /// <summary>Whether an event is a message of people, not a tip, of that group.</summary>
    public static bool IsGroupText(this JsonElement heard, string group) =>
        Messages.TypeOf(heard) == "GroupMessage" && heard.GetProperty("GroupId").GetString() == group && !heard.TryGetProperty("IsSystemMsg", out _);
}
