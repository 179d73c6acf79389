using Parley.Apps;
using Parley.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Every cell of the table of what types of groups are like, asked of the commands.</summary>
public sealed class GroupTraitsTests(LocalEnvironmentFixture fixture)
{
    public static TheoryData<GroupType> Types => [.. Enum.GetValues<GroupType>()];

    public static TheoryData<GroupType> StoredTypes => [.. Enum.GetValues<GroupType>().Where(type => !GroupTraits.Of(type).IsLive)];

    public static TheoryData<GroupType> LiveTypes => [.. Enum.GetValues<GroupType>().Where(type => GroupTraits.Of(type).IsLive)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_type_has_two_names_its_own_default_settings_and_its_own_kind_of_name(GroupType type)
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync();
        var traits = GroupTraits.Of(type);
        foreach (var name in new[] { type.ToString(), traits.Alias })
        {
            var group = await app.CreateGroupAsync(name);
            var shown = (await app.CallOkAsync(GroupCalls.Service, "get_group_info", new { GroupIdList = new[] { group } })).GetProperty("GroupInfo")[0];

            Assert.StartsWith(traits.IdPrefix, group, StringComparison.Ordinal);
            Assert.Equal((type.ToString(), traits.MaxMembers, traits.Applying.ToString()), (
                shown.GetProperty("Type").GetString(), shown.GetProperty("MaxMemberNum").GetInt32(), shown.GetProperty("ApplyJoinOption").GetString()));
            Assert.Equal(!traits.IsLive || traits.IsEntered, shown.TryGetProperty("MemberNum", out _));
            Assert.Equal(!traits.IsLive, shown.TryGetProperty("MemberList", out _));
            Assert.Equal(traits.HasApplyOption ? 0 : 10007, await app.GroupCodeAsync("modify_group_base_info", new { GroupId = group, ApplyJoinOption = "DisableApply" }));
            Assert.Equal(traits.HasHistoryOption ? 0 : 10007, await app.GroupCodeAsync("modify_group_base_info", new { GroupId = group, HistoryMsgBeforeJoin = "On" }));
            Assert.Equal(traits.IsLive ? 10007 : 0, await app.GroupCodeAsync("modify_group_base_info", new { GroupId = group, InviteJoinOption = "DisableInvite" }));
        }
    }

    [Theory]
    [MemberData(nameof(StoredTypes))]
    public async Task What_is_stored_counted_told_and_seen_is_as_the_table_says(GroupType type)
    {
        var environment = await fixture.StartedAsync();
        var traits = GroupTraits.Of(type);
        var (group, anna, ben, _) = await environment.HikingAsync(type.ToString());
        var late = await environment.ImportAsync("late");
        Assert.Equal(!traits.NeedsMessage, await IsListedAsync(environment, group, ben));

        var first = await environment.SayAsync(group, anna, "early");
        await environment.GroupAsync("add_group_member", new { GroupId = group, MemberList = new[] { new { Member_Account = late } } });
        var last = await environment.SayAsync(group, anna, "late");

        Assert.True(await IsListedAsync(environment, group, ben));
        Assert.Equal((1L, traits.Tips == TipKind.Stored ? 3L : 2L), (first, last));
        Assert.Equal(traits.CountsUnread ? 2 : 0, await environment.UnreadOfAsync(group, ben));
        Assert.Equal(traits.Receive.ToString(), (await GroupCast.FieldOfAsync(environment, group, late, "MsgFlag"))!.Value.GetString());
        Assert.Equal(traits.ShowsEarlierHistory, Messages.TextsOf((await environment.LogOfAsync(group, late)).Where(entry => !entry.TryGetProperty("IsSystemMsg", out _))).Contains("early"));
        Assert.Equal(2, Messages.TextsOf((await environment.LogOfAsync(group, ben)).Where(entry => !entry.TryGetProperty("IsSystemMsg", out _))).Count());
    }

    [Theory]
    [MemberData(nameof(LiveTypes))]
    public async Task Who_hears_a_live_room_is_as_the_table_says(GroupType type)
    {
        var environment = await fixture.StartedAsync();
        using var app = await environment.AddAppAsync(own => own with { AllowsGuests = true });
        var traits = GroupTraits.Of(type);
        await app.ImportAsync("ben", "eve");
        var room = await app.CreateGroupAsync(type.ToString());
        await using var bens = await ClientConnection.StartAsync(app, "ben");
        await using var eves = await ClientConnection.StartAsync(app, "eve");
        await using var guest = await ClientConnection.StartGuestAsync(app);
        await app.CallOkAsync(GroupCalls.Service, "apply_join_group", new { GroupId = room }, "eve");

        await app.CallOkAsync(GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(room, null, "one"));
        await eves.WaitForAsync(told => told.IsGroupText(room));
        await app.CallOkAsync("openim", "sendmsg", Messages.Text("eve", "ben", "done").ToJsonString());
        await bens.WaitForAsync(told => Messages.TypeOf(told) == "C2CMessage");
        if (traits.IsHeardByAll)
        {
            await Task.WhenAll(bens.WaitForAsync(told => told.IsGroupText(room)), guest.WaitForAsync(told => told.IsGroupText(room)));
        }

        Assert.Equal(traits.IsHeardByAll, bens.Events.Any(told => told.IsGroupText(room)));
        Assert.Equal(traits.IsHeardByAll, guest.Events.Any(told => told.IsGroupText(room)));
        Assert.Equal(traits.IsEntered ? 0 : 10007, await app.GroupCodeAsync("get_online_member_num", new { GroupId = room }));
        Assert.Equal(10044, await app.GroupCodeAsync("group_msg_get_simple", new { GroupId = room, ReqMsgNumber = 1 }));
    }

    private static async Task<bool> IsListedAsync(LocalEnvironment environment, string group, string account) =>
        (await environment.GroupAsync("get_joined_group_list", new { Member_Account = account })).GetProperty("GroupIdList").EnumerateArray().Any(item => item.GetProperty("GroupId").GetString() == group);
}
