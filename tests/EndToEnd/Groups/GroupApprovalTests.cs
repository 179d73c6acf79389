using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Applications and invitations that somebody must agree to.</summary>
public sealed class GroupApprovalTests(LocalEnvironmentFixture fixture)
{
    private const int Application = 1;
    private const int Accepted = 2;
    private const int InvitationRefused = 13;

    [Fact]
    public async Task A_yes_that_finds_the_group_full_leaves_the_application_waiting()
    {
        var environment = await fixture.StartedAsync();
        var (anna, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("dan"));
        var group = (await environment.GroupAsync("create_group", new { Type = "Public", Name = "x", Owner_Account = anna, MaxMemberCount = 1 })).GetProperty("GroupId").GetString()!;
        await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);

        Assert.Equal(10014, await AnswerAsync(environment, group, dan, anna));
        Assert.Equal([dan], await WaitingAsync(environment, group, anna));
        await environment.GroupAsync("modify_group_base_info", new { GroupId = group, MaxMemberNum = 2 });

        Assert.Equal(0, await AnswerAsync(environment, group, dan, anna));
        Assert.Equal("Member", (await GroupCast.FieldOfAsync(environment, group, dan, "Role"))!.Value.GetString());
        Assert.Empty(await WaitingAsync(environment, group, anna));
        Assert.Equal(10024, await AnswerAsync(environment, group, dan, anna));
    }

    [Fact]
    public async Task An_application_of_one_who_was_added_meanwhile_is_answered_all_the_same()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        var dan = cast["stranger"];
        await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);
        await environment.JoinAsync(group, dan);

        Assert.Equal(0, await AnswerAsync(environment, group, dan, cast["admin"]));
        Assert.Equal(10024, await AnswerAsync(environment, group, dan, cast["owner"]));
        Assert.Empty(await WaitingAsync(environment, group, cast["owner"]));
    }

    [Theory]
    [InlineData("Private", "owner")]
    [InlineData("Public", "admin")]
    [InlineData("ChatRoom", "administrator")]
    [InlineData("Community", "admin")]
    public async Task Where_invitations_need_permission_an_officer_agrees(string type, string officer)
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, type);
        var (member, dan) = (cast["member"], cast["stranger"]);
        await environment.GroupAsync("modify_group_base_info", new { GroupId = group, InviteJoinOption = "NeedPermission" }, cast["owner"]);
        await using var owners = await environment.ConnectAsync(cast["owner"]);
        await using var members = await environment.ConnectAsync(member);

        var invited = await environment.GroupAsync("add_group_member", Add(group, dan, cast["owner"], dan), member);
        var asked = await owners.WaitForAsync(told => IsNotice(told, Application, group));
        Assert.Equal(10007, await AnswerAsync(environment, group, dan, member));
        Assert.Equal(0, await AnswerAsync(environment, group, dan, cast[officer]));
        await members.WaitForAsync(told => IsNotice(told, Accepted, group));

        Assert.Equal([3, 2, 3], invited.GetProperty("MemberList").EnumerateArray().Select(item => item.GetProperty("Result").GetInt32()));
        Assert.Equal((member, dan), (asked.GetProperty("Content").GetProperty("Operator_Account").GetString(), asked.GetProperty("Content").GetProperty("Member_Account").GetString()));
        Assert.Equal("Member", (await GroupCast.FieldOfAsync(environment, group, dan, "Role"))!.Value.GetString());
        await environment.GroupAsync("modify_group_base_info", new { GroupId = group, InviteJoinOption = "DisableInvite" });
        Assert.Equal(10007, await environment.GroupCodeAsync("add_group_member", Add(group, await environment.ImportAsync("eve")), member));
    }

    [Fact]
    public async Task Many_are_invited_in_one_call_and_those_that_wait_are_listed_in_pages()
    {
        var environment = await fixture.StartedAsync();
        var (group, cast) = await GroupCast.CreateAsync(environment, "Public");
        await environment.GroupAsync("modify_group_base_info", new { GroupId = group, InviteJoinOption = "NeedPermission" });
        var crowd = Enumerable.Range(0, 100).Select(_ => environment.NewAccount("guest/")).ToArray();
        await environment.Api.ImportAsync(crowd);

        var invited = await environment.GroupAsync("add_group_member", Add(group, crowd), cast["member"]);
        var (found, next) = (new List<string>(), "");
        do
        {
            var page = await environment.GroupAsync("get_pendency", new { GroupId = group, Limit = 30, Next = next }, cast["admin"]);
            found.AddRange(page.GetProperty("PendencyList").EnumerateArray().Select(item => item.GetProperty("Applicant_Account").GetString()!));
            next = page.GetProperty("Next").GetString()!;
        }
        while (next.Length > 0);

        Assert.All(invited.GetProperty("MemberList").EnumerateArray(), item => Assert.Equal(3, item.GetProperty("Result").GetInt32()));
        Assert.Equal(crowd.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_pendency", new { GroupId = group, Limit = 201 }));
        Assert.Equal(10004, await environment.GroupCodeAsync("get_pendency", new { GroupId = group, Next = 7 }));
        Assert.Equal(10010, await environment.GroupCodeAsync("get_pendency", new { GroupId = "no-such-group" }));
    }

    [Fact]
    public async Task One_who_refuses_an_invitation_is_not_in_and_the_inviter_hears_of_it()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { InvitationsNeedConsent = true });
        await app.ImportAsync("anna", "dan");
        var group = await app.CreateGroupAsync("Private", "anna");
        await app.CallOkAsync(GroupCalls.Service, "add_group_member", Add(group, "dan"), "anna");

        await app.CallOkAsync(GroupCalls.Service, "handle_invite_join_group", new { GroupId = group, HandleMsg = "Reject", Text = "no time" }, "dan");
        var events = (await app.CallOkAsync("openim", "get_events", new { AfterSeq = 0 }, "anna")).GetProperty("Events").EnumerateArray();

        Assert.Equal("no time", Assert.Single(events, told => IsNotice(told, InvitationRefused, group)).GetProperty("Content").GetProperty("Text").GetString());
        Assert.Equal(10024, await app.GroupCodeAsync("handle_invite_join_group", new { GroupId = group, HandleMsg = "Agree" }, "dan"));
        Assert.Equal(1, (await app.CallOkAsync(GroupCalls.Service, "get_group_member_info", new { GroupId = group })).GetProperty("MemberNum").GetInt32());
    }

    [Theory]
    [InlineData("Private", "FreeAccess", 10007)]
    [InlineData("Private", "NeedPermission", 10007)]
    [InlineData("Public", "DisableApply", 10007)]
    [InlineData("ChatRoom", "DisableApply", 10007)]
    [InlineData("AVChatRoom", "DisableApply", 10007)]
    [InlineData("Public", "FreeAccess", 0)]
    [InlineData("ChatRoom", "NeedPermission", 0)]
    [InlineData("AVChatRoom", "NeedPermission", 0)]
    [InlineData("AVChatRoom", "FreeAccess", 0)]
    public async Task An_application_fares_as_the_group_says(string type, string option, int code)
    {
        var environment = await fixture.StartedAsync();
        var (anna, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("dan"));
        var group = (await environment.GroupAsync("create_group", new { Type = type, Name = "x", Owner_Account = anna, ApplyJoinOption = option })).GetProperty("GroupId").GetString()!;

        var answer = await environment.Api.CallAsync(GroupCalls.Service, "apply_join_group", new { GroupId = group }, dan);

        Assert.Equal(code, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(code != 0 ? null : option == "FreeAccess" ? "JoinedSuccess" : "WaitAdminApproval", answer.TryGetProperty("JoinedStatus", out var status) ? status.GetString() : null);
        Assert.Equal(10019, await environment.GroupCodeAsync("apply_join_group", new { GroupId = group, Member_Account = "nobody at all" }));
    }

    [Fact]
    public async Task Where_an_AVChatRoom_wants_permission_nobody_is_in_before_the_owner_agrees()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { AllowsGuests = true });
        await app.ImportAsync("anna", "eve", "mod", "troll");
        var room = (await app.CallOkAsync(GroupCalls.Service, "create_group", new { Type = "AVChatRoom", Name = "x", Owner_Account = "anna", ApplyJoinOption = "NeedPermission" })).GetProperty("GroupId").GetString()!;
        await app.CallOkAsync(LiveRoomCalls.RoomService, "modify_admin", new { GroupId = room, CommandType = 1, Admin_Account = new[] { "mod" } });
        await app.CallOkAsync(GroupCalls.Service, "ban_group_member", new { GroupId = room, Members_Account = new[] { "troll" }, Duration = 600 });
        await using var mods = await ClientConnection.StartAsync(app, "mod");
        await using var eves = await ClientConnection.StartAsync(app, "eve");

        Assert.Equal("WaitAdminApproval", await ApplyAsync("eve"));
        await mods.WaitForAsync(told => IsNotice(told, Application, room));
        Assert.Equal((0L, 10007), (await app.OnlineAsync(room), await app.GroupCodeAsync("apply_join_group", new { GroupId = room }, "troll")));
        Assert.Equal(10007, await app.GroupCodeAsync("handle_apply_join_group", new { GroupId = room, Applicant_Account = "eve", HandleMsg = "Agree" }, "troll"));
        Assert.Equal("JoinedSuccess", await ApplyAsync("anna"));
        Assert.Equal(0, await app.GroupCodeAsync("handle_apply_join_group", new { GroupId = room, Applicant_Account = "eve", HandleMsg = "Agree" }, "mod"));
        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(room, "anna", "welcome"));
        await eves.WaitForAsync(told => told.IsGroupText(room));

        Assert.Equal(2, await app.OnlineAsync(room));
        await app.CallOkAsync(GroupCalls.Service, "quit_group", new { GroupId = room }, "eve");
        Assert.Equal("JoinedSuccess", await ApplyAsync("eve"));
        await using var guest = await ClientConnection.StartGuestAsync(app);
        var refused = await guest.Hub.InvokeAsync<JsonElement>("call", GroupCalls.Service, "apply_join_group", JsonSerializer.Serialize(new { GroupId = room }), TestContext.Current.CancellationToken);
        Assert.Equal(10007, refused.GetProperty("ErrorCode").GetInt32());

        async Task<string?> ApplyAsync(string account) =>
            (await app.CallOkAsync(GroupCalls.Service, "apply_join_group", new { GroupId = room }, account)).GetProperty("JoinedStatus").GetString();
    }

    private static object Add(string group, params string[] accounts) => new { GroupId = group, MemberList = accounts.Select(account => new { Member_Account = account }) };

    private static Task<int> AnswerAsync(LocalEnvironment environment, string group, string applicant, string by) =>
        environment.GroupCodeAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = applicant, HandleMsg = "Agree" }, by);

    private static async Task<IReadOnlyList<string>> WaitingAsync(LocalEnvironment environment, string group, string by) =>
        [.. (await environment.GroupAsync("get_pendency", new { GroupId = group }, by)).GetProperty("PendencyList").EnumerateArray().Select(item => item.GetProperty("Applicant_Account").GetString()!)];

    private static bool IsNotice(JsonElement told, int type, string group) =>
        Messages.TypeOf(told) == "GroupSystem" && told.GetProperty("Content").GetProperty("NoticeType").GetInt32() == type && told.GetProperty("Content").GetProperty("GroupId").GetString() == group;
}
