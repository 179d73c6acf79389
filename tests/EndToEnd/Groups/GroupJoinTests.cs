using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupJoinTests(LocalEnvironmentFixture fixture)
{
    private const int Application = 1;
    private const int Accepted = 2;
    private const int Refused = 3;
    private const int Kicked = 4;
    private const int Invited = 7;
    private const int Invitation = 12;

    [Fact]
    public async Task An_application_waits_for_the_owner_and_the_first_answer_wins()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("dan"));
        var group = await CreateAsync(environment, anna, ben);
        await using var annas = await environment.ConnectAsync(anna);
        await using var dans = await environment.ConnectAsync(dan);

        var applied = await environment.GroupAsync("apply_join_group", new { GroupId = group, ApplyMsg = "let me in" }, dan);
        var asked = await annas.WaitForAsync(told => IsNotice(told, Application, group));
        var waiting = await environment.GroupAsync("get_pendency", new { GroupId = group }, anna);
        var answer = new { GroupId = group, Applicant_Account = dan, HandleMsg = "Agree" };
        var byMember = await environment.GroupCodeAsync("handle_apply_join_group", answer, dan);
        var both = await Task.WhenAll(environment.GroupCodeAsync("handle_apply_join_group", answer, anna), environment.GroupCodeAsync("handle_apply_join_group", answer, ben));
        await dans.WaitForAsync(told => IsNotice(told, Accepted, group));
        await environment.SendGroupTextAsync(group, anna, "welcome");
        await dans.WaitForAsync(told => told.IsGroupText(group));

        Assert.Equal("WaitAdminApproval", applied.GetProperty("JoinedStatus").GetString());
        Assert.Equal("let me in", asked.GetProperty("Content").GetProperty("Text").GetString());
        Assert.Equal(dan, asked.GetProperty("Content").GetProperty("Member_Account").GetString());
        Assert.Equal(dan, Assert.Single(waiting.GetProperty("PendencyList").EnumerateArray()).GetProperty("Applicant_Account").GetString());
        Assert.Equal(10007, byMember);
        Assert.Equal([0, 10024], both.Order());
        Assert.Equal(10013, await environment.GroupCodeAsync("apply_join_group", new { GroupId = group }, dan));
    }

    [Fact]
    public async Task A_refused_applicant_hears_why_and_may_apply_again()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("dan"));
        var group = await CreateAsync(environment, anna, ben);
        await using var client = await environment.ConnectAsync(dan);

        await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);
        await environment.GroupAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = dan, HandleMsg = "Reject", Text = "full of hikers" }, anna);
        var refused = await client.WaitForAsync(told => IsNotice(told, Refused, group));
        var again = await environment.GroupCodeAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = dan, HandleMsg = "Agree" }, anna);
        await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);

        Assert.Equal("full of hikers", refused.GetProperty("Content").GetProperty("Text").GetString());
        Assert.Equal(10024, again);
        Assert.Equal(0, await environment.GroupCodeAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = dan, HandleMsg = "Agree" }, anna));
    }

    [Fact]
    public async Task Bad_answers_get_their_codes_and_change_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("dan"));
        var group = await CreateAsync(environment, anna, ben);

        Assert.Equal(10004, await environment.GroupCodeAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = dan, HandleMsg = "Agree" }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("handle_apply_join_group", new { GroupId = group, Applicant_Account = dan, HandleMsg = "Perhaps" }, anna));
        Assert.Equal(10004, await environment.GroupCodeAsync("handle_invite_join_group", new { GroupId = group, HandleMsg = "Agree" }, dan));
        Assert.Equal(60010, await environment.GroupCodeAsync("handle_invite_join_group", new { GroupId = group, Member_Account = ben, HandleMsg = "Agree" }, dan));
        Assert.Equal(60010, await environment.GroupCodeAsync("apply_join_group", new { GroupId = group, Member_Account = ben }, dan));
        Assert.Equal(10010, await environment.GroupCodeAsync("apply_join_group", new { GroupId = "no-such-group" }, dan));
        Assert.Equal(10015, await environment.GroupCodeAsync("apply_join_group", new { GroupId = new string('x', 49) }, dan));
        Assert.Equal(10004, await environment.GroupCodeAsync("apply_join_group", new { }, dan));
        Assert.Equal(10007, await environment.GroupCodeAsync("quit_group", new { GroupId = group }, dan));
        Assert.Equal(10007, await environment.GroupCodeAsync("get_pendency", new { GroupId = group }, dan));
        Assert.Equal(10007, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "not in"), dan));
    }

    [Fact]
    public async Task One_who_applies_to_an_open_group_is_in_and_one_who_quits_is_out()
    {
        var environment = await fixture.StartedAsync();
        var (anna, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("dan"));
        var group = await environment.CreateGroupAsync("ChatRoom", anna);
        await using var client = await environment.ConnectAsync(dan);

        var joined = await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);
        await environment.SendGroupTextAsync(group, anna, "hello");
        await client.WaitForAsync(told => told.IsGroupText(group));
        await environment.GroupAsync("quit_group", new { GroupId = group }, dan);
        await environment.SendGroupTextAsync(group, anna, "gone?", random: 8);
        await environment.GroupAsync("apply_join_group", new { GroupId = group }, dan);
        await environment.SendGroupTextAsync(group, anna, "back", random: 9);
        await client.WaitForCountAsync(2, told => told.IsGroupText(group));

        Assert.Equal("JoinedSuccess", joined.GetProperty("JoinedStatus").GetString());
        Assert.Equal(["hello", "back"], client.Events.Where(told => told.IsGroupText(group)).Select(Messages.TextOf));
        Assert.Equal(10009, await environment.GroupCodeAsync("quit_group", new { GroupId = group }, anna));
    }

    [Fact]
    public async Task Members_of_private_groups_invite_and_the_invited_and_the_kicked_hear_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben, dan) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"), await environment.ImportAsync("dan"));
        var group = await environment.CreateGroupAsync("Private", anna, ben);
        await environment.SendGroupTextAsync(group, anna, "active now");
        await using var client = await environment.ConnectAsync(dan);

        var invited = await environment.GroupAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = dan } } }, ben);
        var notice = await client.WaitForAsync(told => IsNotice(told, Invited, group));
        var tip = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupMessage" && told.TryGetProperty("IsSystemMsg", out _));
        Assert.Equal(10007, await environment.GroupCodeAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { dan } }, ben));
        await environment.GroupAsync("delete_group_member", new { GroupId = group, Reason = "inactive", MemberToDel_Account = new[] { dan } }, anna);
        var kicked = await client.WaitForAsync(told => IsNotice(told, Kicked, group));

        Assert.Equal(1, invited.GetProperty("MemberList")[0].GetProperty("Result").GetInt32());
        Assert.Equal(ben, notice.GetProperty("Content").GetProperty("Operator_Account").GetString());
        var content = tip.GetProperty("MsgBody")[0].GetProperty("MsgContent");
        Assert.Equal(1, content.GetProperty("OpType").GetInt32());
        Assert.Equal(ben, content.GetProperty("Operator_Account").GetString());
        Assert.Equal(dan, content.GetProperty("Member_Account")[0].GetString());
        Assert.Equal("inactive", kicked.GetProperty("Content").GetProperty("Text").GetString());
        Assert.Equal(10007, await environment.GroupCodeAsync("delete_group_member", new { GroupId = group, MemberToDel_Account = new[] { anna } }));
    }

    [Fact]
    public async Task An_owner_who_quits_a_private_group_leaves_it_without_one()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Private", anna, ben);

        await environment.GroupAsync("quit_group", new { GroupId = group }, anna);

        Assert.Equal(10007, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "me again"), anna));
        Assert.Equal(0, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, null, "alone", 8), ben));
    }

    [Fact]
    public async Task Where_the_app_wants_consent_the_invited_decides()
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { InvitationsNeedConsent = true });
        var (anna, dan) = (environment.NewAccount("anna"), environment.NewAccount("dan"));
        await app.ImportAsync(anna, dan);
        var group = (await app.CallOkAsync(GroupCalls.Service, "create_group", new { Type = "Private", Name = "Hiking", Owner_Account = anna })).GetProperty("GroupId").GetString()!;

        var invited = await app.CallOkAsync(GroupCalls.Service, "add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = dan } } }, anna);
        var before = await app.CallAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, null, "too early"), dan);
        await app.CallOkAsync(GroupCalls.Service, "handle_invite_join_group", new { GroupId = group, HandleMsg = "Agree" }, dan);
        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(group, null, "here I am", 8), dan);
        var events = await app.CallOkAsync("openim", "get_events", new { AfterSeq = 0 }, dan);

        Assert.Equal(3, invited.GetProperty("MemberList")[0].GetProperty("Result").GetInt32());
        Assert.Equal(10007, before.GetProperty("ErrorCode").GetInt32());
        Assert.Contains(events.GetProperty("Events").EnumerateArray(), told => IsNotice(told, Invitation, group));
    }

    [Fact]
    public async Task A_deleted_account_is_in_no_group_any_more()
    {
        var environment = await fixture.StartedAsync();
        var (anna, ben) = (await environment.ImportAsync("anna"), await environment.ImportAsync("ben"));
        var group = await environment.CreateGroupAsync("Public", anna, ben);
        await using var client = await environment.ConnectAsync(anna);

        await environment.Api.CallOkAsync("im_open_login_svc", "account_delete", new { DeleteItem = new[] { new { UserID = ben } } });
        var tip = await client.WaitForAsync(told => Messages.TypeOf(told) == "GroupMessage" && told.TryGetProperty("IsSystemMsg", out _));
        await environment.Api.ImportAsync(ben);

        Assert.Equal(2, tip.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("OpType").GetInt32());
        Assert.Equal(10019, await environment.GroupCodeAsync("send_group_msg", GroupCalls.GroupText(group, "nobody-at-all", "who?")));
        var result = await environment.GroupAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = ben } } });
        Assert.Equal(1, result.GetProperty("MemberList")[0].GetProperty("Result").GetInt32());
    }

    private static async Task<string> CreateAsync(LocalEnvironment environment, string owner, string admin)
    {
        var body = new { Type = "Public", Name = "Hiking", Owner_Account = owner, MemberList = new[] { new { Member_Account = admin, Role = "Admin" } } };
        return (await environment.GroupAsync("create_group", body)).GetProperty("GroupId").GetString()!;
    }

    private static bool IsNotice(JsonElement told, int type, string group) =>
        told.GetProperty("Type").GetString() == "GroupSystem"
        && told.GetProperty("Content").GetProperty("NoticeType").GetInt32() == type
        && told.GetProperty("Content").GetProperty("GroupId").GetString() == group;
}
