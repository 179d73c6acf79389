using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Calls that the tests of topics share.</summary>
internal static class TopicCalls
{
    public const string Service = "million_group_open_http_svc";

    /// <summary>Creates a community that may have topics; gives its name.</summary>
    public static async Task<string> CreateCommunityAsync(this LocalEnvironment environment, string owner, params string[] members)
    {
        var body = new
        {
            Type = "Community",
            Name = "City",
            Owner_Account = owner,
            SupportTopic = 1,
            MemberList = members.Select(member => new { Member_Account = member }).ToArray(),
        };
        return (await environment.GroupAsync("create_group", body)).GetProperty("GroupId").GetString()!;
    }

    /// <summary>Creates a topic; gives its whole name.</summary>
    public static async Task<string> CreateTopicAsync(this LocalEnvironment environment, string community, string name, string? by = null) =>
        (await environment.TopicAsync("create_topic", new { GroupId = community, TopicId = $"{community}@TOPIC#_{name}", TopicName = name }, by)).GetProperty("TopicId").GetString()!;

    public static Task<JsonElement> TopicAsync(this LocalEnvironment environment, string command, object body, string? identifier = null) =>
        environment.GroupAsync(command, body, identifier, Service);

    public static Task<int> TopicCodeAsync(this LocalEnvironment environment, string command, object body, string? identifier = null) =>
        environment.GroupCodeAsync(command, body, identifier, Service);

    /// <summary>The community of a topic.</summary>
    public static string CommunityOf(string topic) => topic[..topic.IndexOf("@TOPIC#_", StringComparison.Ordinal)];

    /// <summary>Says something in a topic; gives its number.</summary>
    public static Task<long> SayInTopicAsync(this LocalEnvironment environment, string topic, string from, string text, params (string Name, JsonNode? Value)[] more) =>
        environment.SayAsync(CommunityOf(topic), from, text, [("TopicId", topic), .. more]);

    /// <summary>What a member sees of a topic.</summary>
    public static async Task<(JsonElement Info, JsonElement Self)> LookAtTopicAsync(this LocalEnvironment environment, string topic, string account)
    {
        var answer = await environment.TopicAsync("get_topic", new { GroupId = CommunityOf(topic), TopicIdList = new[] { topic } }, account);
        var found = answer.GetProperty("TopicAndSelfInfo")[0];
        Assert.Equal(0, found.GetProperty("ErrorCode").GetInt32());
        return (found.GetProperty("TopicInfo"), found.GetProperty("SelfInfo"));
    }

    public static async Task<long> UnreadInTopicAsync(this LocalEnvironment environment, string topic, string account) =>
        (await environment.LookAtTopicAsync(topic, account)).Self.GetProperty("UnreadMsgNum").GetInt64();

    /// <summary>The texts of a topic, or of its community, newest first.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(this LocalEnvironment environment, string community, string? topic = null, string? identifier = null)
    {
        var answer = await environment.GroupAsync("group_msg_get_simple", new { GroupId = community, TopicId = topic ?? "", ReqMsgNumber = 20 }, identifier);
        Assert.Equal(community, answer.GetProperty("GroupId").GetString());
        return [.. answer.GetProperty("RspMsgList").EnumerateArray().Where(message => message.PlaceOf() == 0).Select(message => Messages.TextOf(message))];
    }

    public static bool IsOfTopic(this JsonElement heard, string type, string topic) =>
        heard.IsOf(type, CommunityOf(topic)) && heard.TryGetProperty("TopicId", out var id) && id.GetString() == topic;
}
