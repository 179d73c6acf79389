using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>A group with somebody of each role: owner, admin, member, stranger, administrator.</summary>
internal static class GroupCast
{
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Creates a group and says which account has a role there.</summary>
    public static async Task<(string Group, string Account)> CreateAsync(LocalEnvironment environment, string type, string who)
    {
        var (group, cast) = await CreateAsync(environment, type);
        return (group, cast[who]);
    }

    public static async Task<(string Group, IReadOnlyDictionary<string, string> Cast)> CreateAsync(LocalEnvironment environment, string type)
    {
        var cast = new Dictionary<string, string> { ["administrator"] = "administrator" };
        foreach (var role in new[] { "owner", "admin", "member", "stranger" })
        {
            cast[role] = await environment.ImportAsync(role);
        }

        if (type == "BChatRoom")
        {
            return (await BroadcastRoomAsync(environment), cast);
        }

        var body = new JsonObject { ["Type"] = type, ["Name"] = "Hiking", ["Owner_Account"] = cast["owner"] };
        if (type != "AVChatRoom")
        {
            body["MemberList"] = new JsonArray(
                new JsonObject { ["Member_Account"] = cast["admin"], ["Role"] = type is "Private" ? "Member" : "Admin" }, new JsonObject { ["Member_Account"] = cast["member"] });
        }

        return ((await environment.GroupAsync("create_group", body.ToJsonString())).GetProperty("GroupId").GetString()!, cast);
    }

    /// <summary>The one BChatRoom that tests share which change nothing in it: an app may have but five.</summary>
    public static async Task<string> BroadcastRoomAsync(LocalEnvironment environment)
    {
        const string Name = $"{ClientConnection.SharedBroadcast}room";
        await OneAtATime.WaitAsync();
        try
        {
            Assert.Contains(await environment.GroupCodeAsync("create_group", new { Type = "BChatRoom", Name, GroupId = Name }), new[] { 0, 10021 });
            return Name;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>One field of a member; null when there is no such member.</summary>
    public static async Task<JsonElement?> FieldOfAsync(LocalEnvironment environment, string group, string account, string field)
    {
        var found = (await environment.GroupAsync(
            "get_specified_group_member_info", new { GroupId = group, Member_List_Account = new[] { account } })).GetProperty("MemberList");
        return found.GetArrayLength() == 0 ? null : found[0].GetProperty(field);
    }
}
