using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Calls of the sns service that the tests of relationships share.</summary>
internal static class Friends
{
    public const string Service = "sns";

    public static Task<JsonElement> SnsAsync(this ApiClient api, string command, object body, string? identifier = null) => api.CallOkAsync(Service, command, body, identifier);

    public static async Task<int> SnsCodeAsync(this ApiClient api, string command, object body, string? identifier = null) =>
        (await api.CallAsync(Service, command, body, identifier)).GetProperty("ErrorCode").GetInt32();

    /// <summary>Adds a friend; gives the code of the item.</summary>
    public static async Task<int> AddFriendAsync(
        this ApiClient api, string from, string to, string type = "Add_Type_Both", int force = 0, string? remark = null, string? group = null, string? wording = null, string? identifier = null)
    {
        var item = new { To_Account = to, AddSource = "AddSource_Type_Web", Remark = remark, GroupName = group, AddWording = wording };
        return Codes(await api.SnsAsync("friend_add", new { From_Account = from, AddType = type, ForceAddFlags = force, AddFriendItem = new[] { item } }, identifier)).Single();
    }

    public static async Task<int> DeleteFriendAsync(this ApiClient api, string from, string to, string? type = null) =>
        Codes(await api.SnsAsync("friend_delete", new { From_Account = from, To_Account = new[] { to }, DeleteType = type })).Single();

    public static async Task<int> AnswerAsync(this ApiClient api, string from, string to, string action, string? identifier = null) => Codes(await api.SnsAsync(
        "friend_response", new { From_Account = from, ResponseFriendItem = new[] { new { To_Account = to, ResponseAction = $"Response_Action_{action}" } } }, identifier)).Single();

    public static async Task<int> BlockAsync(this ApiClient api, string from, string to) =>
        Codes(await api.SnsAsync("black_list_add", new { From_Account = from, To_Account = new[] { to } })).Single();

    public static async Task<int> UnblockAsync(this ApiClient api, string from, string to) =>
        Codes(await api.SnsAsync("black_list_delete", new { From_Account = from, To_Account = new[] { to } })).Single();

    /// <summary>How an account stands to another one, by friend_check or black_list_check.</summary>
    public static async Task<string> RelationAsync(this ApiClient api, string from, string to, string command = "friend_check", string type = "CheckResult_Type_Both")
    {
        var answer = await api.SnsAsync(command, new { From_Account = from, To_Account = new[] { to }, CheckType = type });
        return answer.GetProperty(command == "friend_check" ? "InfoItem" : "BlackListCheckItem")[0].GetProperty("Relation").GetString()!.Split('_')[^1];
    }

    public static Task<string> BlockedAsync(this ApiClient api, string from, string to) => api.RelationAsync(from, to, "black_list_check", "BlackCheckResult_Type_Both");

    /// <summary>All friends with all that is kept of them: "tag=value" by account.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> FriendsAsync(this ApiClient api, string from)
    {
        var friends = new Dictionary<string, IReadOnlyList<string>>();
        for (var (start, isComplete) = (0, false); !isComplete;)
        {
            var page = await api.SnsAsync("friend_get", new { From_Account = from, StartIndex = start });
            foreach (var item in page.GetProperty("UserDataItem").EnumerateArray())
            {
                friends.Add(
                    item.GetProperty("To_Account").GetString()!,
                    [.. item.GetProperty("ValueItem").EnumerateArray().Select(value => $"{value.GetProperty("Tag").GetString()!["Tag_SNS_".Length..]}={value.GetProperty("Value")}")]);
            }

            isComplete = page.GetProperty("CompleteFlag").GetInt32() != 0;
            start = page.GetProperty("NextStartIndex").GetInt32();
        }

        return friends;
    }

    /// <summary>The accounts that open requests came from (&lt;) or went to (&gt;).</summary>
    public static async Task<IReadOnlyList<string>> RequestsAsync(this ApiClient api, string from)
    {
        var answer = await api.SnsAsync("pendency_get", new { From_Account = from, PendencyType = "Pendency_Type_Both" });
        return [.. answer.GetProperty("PendencyItem").EnumerateArray()
            .Select(item => $"{(item.GetProperty("PendencyType").GetString() == "Pendency_Type_ComeIn" ? '<' : '>')}{item.GetProperty("To_Account").GetString()}").Order()];
    }

    public static Task AllowAsync(this ApiClient api, string account, string type) => api.CallOkAsync(
        "profile", "portrait_set", new { From_Account = account, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_AllowType", Value = $"AllowType_Type_{type}" } } });

    public static IReadOnlyList<int> Codes(JsonElement answer)
    {
        var items = answer.GetProperty("ResultItem").EnumerateArray().Select(item => (Name: item.GetProperty("To_Account").GetString(), Code: item.GetProperty("ResultCode").GetInt32())).ToList();
        var failed = answer.TryGetProperty("Fail_Account", out var list) ? list.EnumerateArray().Select(name => name.GetString()) : [];
        Assert.Equal(items.Where(item => item.Code != 0).Select(item => item.Name), failed);
        return [.. items.Select(item => item.Code)];
    }
}
