using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Storage;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;
using static Parley.Tests.EndToEnd.Messages;

namespace Parley.Tests.Messages;

/// <summary>Whether messages that are pushed tell the sender's names, whichever instance sends them, and what that costs.</summary>
public sealed class DisplayNameTests(AzuriteFixture azurite)
{
    private const string Admin = "administrator";

    [Theory]
    [InlineData("mia")]
    [InlineData(Admin)]
    public async Task An_instance_that_knew_nothing_tells_the_names_with_its_first_message(string caller)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var first = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await PrepareAsync(first);
        await using var phone = await ClientConnection.StartAsync(first, new AccountKey(app.SdkAppId, "jonas"));

        var told = new List<string>();
        foreach (var kind in new[] { "c2c", "online", "group", "group online", "room" })
        {
            await using var fresh = await AppInstance.StartAsync(azurite, signalR.Endpoint);
            told.Add($"{kind}: {await SendAsync(fresh, app, phone, kind, kind, kind == "room" ? Admin : caller)}");
        }

        Assert.Equal(["c2c: Mia", "online: Mia", "group: Mia, Captain", "group online: Mia, Captain", "room: Mia"], told);
    }

    [Theory]
    [InlineData("mia", 31)]
    [InlineData(Admin, 301)]
    public async Task A_name_that_was_changed_elsewhere_is_told_after_half_a_minute_or_five_minutes(string caller, int seconds)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var app = await PrepareAsync(there);
        await using var phone = await ClientConnection.StartAsync(here, new AccountKey(app.SdkAppId, "jonas"));
        Assert.Equal("Mia", await SendAsync(here, app, phone, "c2c", "1", caller));

        await CallOkAsync(there, app, "profile", "portrait_set", new { From_Account = "mia", ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Mia K." } } });
        await CallOkAsync(there, app, GroupCalls.Service, "modify_group_member_info", new { GroupId = "hiking", Member_Account = "mia", NameCard = "Guide" });

        // The name card stands in the group, where the message is written: it is never an old one.
        Assert.EndsWith(", Guide", await SendAsync(here, app, phone, "group", "2", caller), StringComparison.Ordinal);
        Assert.Equal("Mia K.", await SendAsync(there, app, phone, "c2c", "3", caller));
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal("Mia K.", await SendAsync(here, app, phone, "c2c", "4", caller));
        Assert.Equal("Mia K., Guide", await SendAsync(here, app, phone, "group", "5", caller));
    }

    [Fact]
    public async Task Who_has_no_names_sends_without_them_and_pulled_logs_have_none()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await PrepareAsync(instance);
        await using var phone = await ClientConnection.StartAsync(instance, new AccountKey(app.SdkAppId, "mia"));

        Assert.Equal("", await SendAsync(instance, app, phone, "c2c", "1", "jonas"));
        Assert.Equal("", await SendAsync(instance, app, phone, "group", "2", "jonas"));

        await instance.CallAsync(app, GroupCalls.Service, "send_group_msg", GroupCalls.GroupText("hiking", "mia", "the third", 3));
        var log = await instance.CallAsync(app, GroupCalls.Service, "get_group_log", """{"GroupId":"hiking","AfterSeq":0}""", "jonas");
        Assert.Contains("the third", log.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("From_N", log.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_cost_no_request_of_their_own()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var app = await PrepareAsync(instance);
        await using var phone = await ClientConnection.StartAsync(instance, new AccountKey(app.SdkAppId, "jonas"));
        await SendAsync(instance, app, phone, "c2c", "0", "mia");
        await SendAsync(instance, app, phone, "group", "0", "mia");
        instance.Storage.ResetCounts();

        for (var n = 1; n <= 10; n++)
        {
            Assert.Equal("Mia", await SendAsync(instance, app, phone, "c2c", $"{n}", "mia"));
            Assert.Equal("Mia, Captain", await SendAsync(instance, app, phone, "group", $"{n}", "mia"));
        }

        // Two transactions of a one-to-one message, one of a group's.
        Assert.Equal((30, 30), (instance.Storage.Count(RequestKind.Batch), instance.Storage.Requests.Count));
    }

    // Mia, who is Captain in a group with Jonas, who has no names; and a room that everybody hears.
    private static async Task<App> PrepareAsync(AppInstance instance)
    {
        var app = await instance.AddAppAsync();
        await CallOkAsync(instance, app, "im_open_login_svc", "account_import", new { UserID = "mia", Nick = "Mia" });
        await CallOkAsync(instance, app, "im_open_login_svc", "account_import", new { UserID = "jonas" });
        await CallOkAsync(instance, app, GroupCalls.Service, "create_group", new
        {
            Type = "Public",
            Name = "Hiking",
            GroupId = "hiking",
            Owner_Account = "mia",
            MemberList = new[] { new { Member_Account = "jonas" } },
        });
        await CallOkAsync(instance, app, GroupCalls.Service, "create_group", new { Type = "BChatRoom", Name = "All", GroupId = "all" });
        await CallOkAsync(instance, app, GroupCalls.Service, "modify_group_member_info", new { GroupId = "hiking", Member_Account = "mia", NameCard = "Captain" });
        return app;
    }

    /// <summary>Sends a message in the name of the caller, or of Mia for an administrator; gives the names that the other one's phone heard.</summary>
    private static async Task<string> SendAsync(AppInstance instance, App app, ClientConnection phone, string kind, string text, string caller)
    {
        var (from, to) = caller == "jonas" ? ("jonas", "mia") : ("mia", "jonas");
        var random = (uint)Random.Shared.Next();
        var answer = kind switch
        {
            "c2c" => await instance.CallAsync(app, "openim", "sendmsg", Text(from, to, text, random: random).ToJsonString(), caller),
            "online" => await instance.CallAsync(app, "openim", "sendmsg", Text(from, to, text, random: random, more: [("OnlineOnlyFlag", 1)]).ToJsonString(), caller),
            "group" => await instance.CallAsync(app, GroupCalls.Service, "send_group_msg", GroupCalls.GroupText("hiking", from, text, random), caller),
            "group online" => await instance.CallAsync(app, GroupCalls.Service, "send_group_msg", GroupCalls.GroupText("hiking", from, text, random, ("OnlineOnlyFlag", 1)), caller),
            _ => await instance.CallAsync(app, GroupCalls.Service, "send_group_msg", GroupCalls.GroupText("all", from, text, random), caller),
        };
        Assert.Equal((kind, 0), (kind, answer.GetProperty("ErrorCode").GetInt32()));
        var heard = await phone.WaitForAsync(one => one.TryGetProperty("MsgRandom", out var heardRandom) && heardRandom.GetUInt32() == random);
        return string.Join(", ", new[] { "From_Nick", "From_NameCard" }.Select(name => heard.TryGetProperty(name, out var value) ? value.GetString() : null).OfType<string>());
    }

    private static async Task CallOkAsync(AppInstance instance, App app, string service, string command, object body) =>
        Assert.Equal((command, 0), (command, await instance.CodeAsync(app, service, command, JsonSerializer.Serialize(body))));
}
