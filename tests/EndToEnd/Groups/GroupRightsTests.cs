using System.Text.Json.Nodes;
using Parley.Apps;
using Parley.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

/// <summary>Every cell of the table of rights, asked of the commands: the code that the table says, for each role.</summary>
public sealed class GroupRightsTests(LocalEnvironmentFixture fixture)
{
    private const string Live = "group_open_avchatroom_http_svc";
    private const string Extensions = "openim_msg_ext_http_svc";

    private static readonly GroupRole[] Roles = [GroupRole.NotMember, GroupRole.Member, GroupRole.Admin, GroupRole.Owner, GroupRole.AppAdmin];

    public static TheoryData<GroupType, GroupAction> Cells
    {
        get
        {
            var cells = new TheoryData<GroupType, GroupAction>();
            foreach (var type in Enum.GetValues<GroupType>())
            {
                foreach (var action in Enum.GetValues<GroupAction>())
                {
                    cells.Add(type, action);
                }
            }

            return cells;
        }
    }

    public static TheoryData<GroupType> Types => [.. Enum.GetValues<GroupType>()];

    /// <summary>The commands that ask for a right besides the one by which its cells are tried, and what an administrator or member gets that has it.</summary>
    private static readonly (GroupAction Action, string Service, string Command, string Body, int Allowed)[] Others =
    [
        (GroupAction.ReadMembers, GroupCalls.Service, "get_specified_group_member_info", """{"GroupId":"G","Member_List_Account":["V"]}""", 0),
        (GroupAction.ReadMembers, GroupCalls.Service, "get_role_in_group", """{"GroupId":"G","User_Account":["V"]}""", 0),
        (GroupAction.ReadMutes, GroupCalls.Service, "get_group_shutted_uin", """{"GroupId":"G"}""", 0),
        (GroupAction.Approve, GroupCalls.Service, "get_pendency", """{"GroupId":"G"}""", 0),
        (GroupAction.ReadHistory, GroupCalls.Service, "get_group_log", """{"GroupId":"G","AfterSeq":0}""", 0),
        (GroupAction.ReadReceipts, GroupCalls.Service, "get_group_msg_receipt_detail", """{"GroupId":"G","MsgSeq":1}""", 10062),
        (GroupAction.MessageExtensions, Extensions, "group_get_key_values", """{"GroupId":"G","MsgSeq":9}""", 23004),
        (GroupAction.ChangeAttributes, GroupCalls.Service, "set_group_attr", """{"GroupId":"G","GroupAttr":[{"key":"k","value":"v"}]}""", 0),
        (GroupAction.ChangeAttributes, GroupCalls.Service, "delete_group_attr", """{"GroupId":"G","GroupAttr":[{"key":"no"}]}""", 10050),
        (GroupAction.ChangeAttributes, "group_open_attr_http_svc", "get_group_attr", """{"GroupId":"G"}""", 0),
        (GroupAction.ManageTopics, TopicCalls.Service, "destroy_topic", """{"GroupId":"G","TopicIdList":["G"]}""", 0),
        (GroupAction.ChangeCounters, GroupCalls.Service, "get_group_counter", """{"GroupId":"G"}""", 0),
        (GroupAction.ChangeCounters, GroupCalls.Service, "delete_group_counter", """{"GroupId":"G"}""", 0),
        (GroupAction.CountOnline, Live, "get_members", """{"GroupId":"G","Timestamp":0}""", 0),
        (GroupAction.CountOnline, Live, "check_members", """{"GroupId":"G","Member_Account":["V"]}""", 0),
        (GroupAction.CountOnline, Live, "get_admin_list", """{"GroupId":"G"}""", 0),
        (GroupAction.Ban, GroupCalls.Service, "unban_group_member", """{"GroupId":"G","Members_Account":["V"]}""", 0),
        (GroupAction.Ban, GroupCalls.Service, "get_group_ban_member", """{"GroupId":"G","Limit":1,"Offset":0}""", 0),
        (GroupAction.SetLiveAdmin, Live, "modify_user_info", """{"GroupId":"G","CommandType":1,"MemberList":[{"Member_Account":"V","Marks":[1001]}]}""", 0),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Other_commands_that_need_the_same_right_follow_the_table_too(GroupType type)
    {
        var environment = await fixture.StartedAsync();
        foreach (var role in Roles.Where(role => Has(type, role)))
        {
            var scene = await Scene.CreateAsync(environment, type, role);
            foreach (var (action, service, command, body, allowed) in Others)
            {
                var refusal = GroupRights.Refuse(type, action, role)?.Code ?? allowed;
                var code = await environment.GroupCodeAsync(
                    command, body.Replace("\"G\"", $"\"{scene.Group}\"", StringComparison.Ordinal).Replace("\"V\"", $"\"{scene.Victim}\"", StringComparison.Ordinal), scene.Actor, service);
                Assert.True(refusal == code || code == 10049, $"{type}, {command}, {role}: {code} instead of {refusal}");
            }

            await scene.EndAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task The_commands_permit_what_the_table_permits(GroupType type, GroupAction action)
    {
        var environment = await fixture.StartedAsync();
        foreach (var role in Roles.Where(role => Has(type, role) && CanBeAsked(type, action, role)))
        {
            var scene = await Scene.CreateAsync(environment, type, role);

            var code = await scene.TryAsync(action);

            await scene.EndAsync();
            Assert.True(Expected(type, action, role) == code, $"{type}, {action}, {role}: {code} instead of {Expected(type, action, role)}");
        }
    }

    private static int Expected(GroupType type, GroupAction action, GroupRole role)
    {
        var refusal = GroupRights.Refuse(type, action, role)?.Code ?? 0;
        return action switch
        {
            // Commands that only administrators of the app may call at all.
            GroupAction.NotifySome or GroupAction.DeleteMessages when role != GroupRole.AppAdmin => 60010,
            // A service with codes of its own.
            GroupAction.ModifyMessage when refusal != 0 => GroupRights.Least(type, action) == GroupRole.Nobody ? 20001 : 60010,
            _ => refusal,
        };
    }

    // Which roles a type has; live rooms know no members.
    private static bool Has(GroupType type, GroupRole role) => (type, role) switch
    {
        (GroupType.Private, GroupRole.Admin) => false,
        (GroupType.AVChatRoom, GroupRole.Member) => false,
        (GroupType.BChatRoom, GroupRole.Member or GroupRole.Admin or GroupRole.Owner) => false,
        _ => true,
    };

    private static bool CanBeAsked(GroupType type, GroupAction action, GroupRole role) => action switch
    {
        GroupAction.Create => role is GroupRole.NotMember or GroupRole.AppAdmin,
        GroupAction.ApplyToJoin => role == GroupRole.NotMember,
        GroupAction.Quit => role is GroupRole.NotMember or GroupRole.Member or GroupRole.Admin,
        GroupAction.QuitAsOwner => role == GroupRole.Owner,
        _ => true,
    };

    /// <summary>A group with somebody of every role, and the account that tries.</summary>
    private sealed record Scene(LocalEnvironment Environment, GroupType Type, GroupRole Role, string Group, string Actor, string Victim, string Newcomer)
    {
        private bool IsLive => Type is GroupType.AVChatRoom or GroupType.BChatRoom;

        public static async Task<Scene> CreateAsync(LocalEnvironment environment, GroupType type, GroupRole role)
        {
            var accounts = await Task.WhenAll(new[] { "owner", "admin", "member", "stranger", "victim", "newcomer" }.Select(environment.ImportAsync));
            var body = new JsonObject { ["Type"] = type.ToString(), ["Name"] = "Hiking" };
            if (type == GroupType.BChatRoom)
            {
                body["GroupId"] = environment.NewAccount(ClientConnection.SharedBroadcast);
            }
            else
            {
                body["Owner_Account"] = accounts[0];
            }

            if (type == GroupType.Community)
            {
                body["SupportTopic"] = 1;
            }

            if (type is not (GroupType.AVChatRoom or GroupType.BChatRoom))
            {
                body["MemberList"] = new JsonArray(
                    new JsonObject { ["Member_Account"] = accounts[1], ["Role"] = type == GroupType.Private ? "Member" : "Admin" },
                    new JsonObject { ["Member_Account"] = accounts[2] },
                    new JsonObject { ["Member_Account"] = accounts[4] });
            }

            var group = (await environment.GroupAsync("create_group", body.ToJsonString())).GetProperty("GroupId").GetString()!;
            if (type == GroupType.AVChatRoom)
            {
                await environment.GroupAsync("modify_admin", new { GroupId = group, CommandType = 1, Admin_Account = new[] { accounts[1] } }, service: Live);
            }

            var actor = role switch
            {
                GroupRole.Owner => accounts[0],
                GroupRole.Admin => accounts[1],
                GroupRole.Member => accounts[2],
                GroupRole.NotMember => accounts[3],
                _ => environment.Settings.Admin,
            };
            return new Scene(environment, type, role, group, actor, accounts[4], accounts[5]);
        }

        public Task<int> TryAsync(GroupAction action) => action switch
        {
            GroupAction.Create => CreateAnotherAsync(),
            GroupAction.ApplyToJoin => AskAsync("apply_join_group", new { GroupId = Group }),
            GroupAction.Invite => AskAsync("add_group_member", new { GroupId = Group, MemberList = new[] { new { Member_Account = Newcomer } } }),
            GroupAction.Approve => ApproveAsync(),
            GroupAction.Quit or GroupAction.QuitAsOwner => AskAsync("quit_group", new { GroupId = Group }),
            GroupAction.Kick => AskAsync("delete_group_member", new { GroupId = Group, MemberToDel_Account = new[] { Victim } }),
            GroupAction.ChangeProfile => AskAsync("modify_group_base_info", new { GroupId = Group, Introduction = "new" }),
            GroupAction.ChangeSettings => AskAsync("modify_group_base_info", new { GroupId = Group, ShutUpAllMember = "On" }),
            GroupAction.ReadProfile => ReadProfileAsync(),
            GroupAction.ReadMembers => AskAsync("get_group_member_info", new { GroupId = Group }),
            GroupAction.ReadMutes => AskAsync("get_group_muted_account", new { GroupId = Group }),
            GroupAction.ModifyMember => AskAsync(
                "modify_group_member_info", new { GroupId = Group, Member_Account = Role is GroupRole.AppAdmin or GroupRole.NotMember ? Victim : Actor, NameCard = "me" }),
            GroupAction.MuteMember => AskAsync("forbid_send_msg", new { GroupId = Group, Members_Account = new[] { Victim }, ShutUpTime = 60 }),
            GroupAction.SetAdmin => AskAsync("modify_group_member_info", new { GroupId = Group, Member_Account = Victim, Role = "Admin" }),
            GroupAction.Transfer => AskAsync("change_group_owner", new { GroupId = Group, NewOwner_Account = Victim }),
            GroupAction.Dismiss => AskAsync("destroy_group", new { GroupId = Group }),
            GroupAction.Send => AskAsync("send_group_msg", GroupCalls.GroupText(Group, null, "hello")),
            GroupAction.SendOnlineOnly => AskAsync("send_group_msg", GroupCalls.GroupText(Group, null, "hello", 7, ("OnlineOnlyFlag", 1))),
            GroupAction.SendTargeted => AskAsync("send_group_msg", GroupCalls.GroupText(Group, null, "hello", 7, ("To_Account", new JsonArray(Victim)))),
            GroupAction.NotifySome => AskAsync("send_group_system_notification", new { GroupId = Group, Content = "hello", ToMembers_Account = new[] { Victim } }),
            GroupAction.ReadHistory => AskAsync("group_msg_get_simple", new { GroupId = Group, ReqMsgNumber = 5 }),
            GroupAction.Recall => RecallAsync(Actor),
            GroupAction.RecallOthers => RecallAsync(Victim),
            GroupAction.DeleteMessages => AskAsync("clear_group_msg", new { GroupId = Group }),
            GroupAction.ModifyMessage => ModifyAsync(),
            GroupAction.ReadReceipts => AskAsync("get_group_msg_receipt", new { GroupId = Group, MsgSeqList = new[] { new { MsgSeq = 1 } } }),
            GroupAction.MessageExtensions => ExtendAsync(),
            GroupAction.Import => AskAsync("import_group_member", new { GroupId = Group, MemberList = new[] { new { Member_Account = Newcomer } } }),
            GroupAction.SetUnread => AskAsync("set_unread_msg_num", new { GroupId = Group, Member_Account = Victim, UnreadMsgNum = 0 }),
            GroupAction.ManageTopics => AskAsync("create_topic", new { GroupId = Group, TopicName = "food" }, TopicCalls.Service),
            GroupAction.ChangeAttributes => AskAsync("modify_group_attr", new { GroupId = Group, GroupAttr = new[] { new { key = "mic", value = "on" } } }),
            GroupAction.ClearAttributes => AskAsync("clear_group_attr", new { GroupId = Group }),
            GroupAction.ChangeCounters => AskAsync("update_group_counter", new { GroupId = Group, GroupCounter = new[] { new { Key = "like", Value = 1 } }, Mode = "Increase" }),
            GroupAction.CountOnline => AskAsync("get_online_member_num", new { GroupId = Group }),
            GroupAction.Ban => AskAsync("ban_group_member", new { GroupId = Group, Members_Account = new[] { Victim }, Duration = 60 }),
            GroupAction.SetLiveAdmin => AskAsync("modify_admin", new { GroupId = Group, CommandType = 1, Admin_Account = new[] { Victim } }, Live),
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Say how this is tried."),
        };

        /// <summary>An app has few BChatRooms.</summary>
        public Task EndAsync() => Type == GroupType.BChatRoom ? Environment.GroupCodeAsync("destroy_group", new { GroupId = Group }) : Task.CompletedTask;

        private async Task<int> CreateAnotherAsync()
        {
            var answer = await Environment.Api.CallAsync(GroupCalls.Service, "create_group", new { Type = Type.ToString(), Name = "Another" }, Actor);
            if (answer.TryGetProperty("GroupId", out var created))
            {
                await Environment.GroupAsync("destroy_group", new { GroupId = created.GetString() });
            }

            return answer.GetProperty("ErrorCode").GetInt32();
        }

        private Task<int> AskAsync(string command, object body, string service = GroupCalls.Service) => Environment.GroupCodeAsync(command, body, Actor, service);

        private async Task<int> ApproveAsync()
        {
            if (Type is GroupType.Private or GroupType.Community)
            {
                // Nobody applies there; what waits are invitations.
                await Environment.GroupAsync("modify_group_base_info", new { GroupId = Group, InviteJoinOption = "NeedPermission" });
                await Environment.GroupAsync("add_group_member", new { GroupId = Group, MemberList = new[] { new { Member_Account = Newcomer } } }, Victim);
            }
            else
            {
                await Environment.GroupAsync("modify_group_base_info", new { GroupId = Group, ApplyJoinOption = "NeedPermission" });
                await Environment.GroupAsync("apply_join_group", new { GroupId = Group }, Newcomer);
            }

            return await AskAsync("handle_apply_join_group", new { GroupId = Group, Applicant_Account = Newcomer, HandleMsg = "Agree" });
        }

        private async Task<int> ReadProfileAsync() =>
            (await Environment.GroupAsync("get_group_info", new { GroupIdList = new[] { Group } }, Actor)).GetProperty("GroupInfo")[0].GetProperty("ErrorCode").GetInt32();

        private async Task<int> RecallAsync(string sender)
        {
            var seq = await SayAsync(sender);
            var answer = await Environment.Api.CallAsync(GroupCalls.Service, "group_msg_recall", new { GroupId = Group, MsgSeqList = new[] { new { MsgSeq = seq } } }, Actor);
            var code = answer.GetProperty("ErrorCode").GetInt32();
            return code != 0 ? code : answer.GetProperty("RecallRetList")[0].GetProperty("RetCode").GetInt32();
        }

        private async Task<int> ModifyAsync()
        {
            var seq = await SayAsync(Actor);
            return await AskAsync("modify_group_msg", new { GroupId = Group, MsgSeq = seq, CloudCustomData = "edited" }, "openim");
        }

        private async Task<int> ExtendAsync()
        {
            var seq = await SayAsync(Victim, ("SupportMessageExtension", 1));
            var pair = new[] { new { Key = "vote", Value = "yes", Seq = 0 } };
            return await AskAsync("group_set_key_values", new { GroupId = Group, MsgSeq = seq, OperateType = 1, ExtensionList = pair }, Extensions);
        }

        // In the sender's name, by an administrator; a live room keeps nothing, so any number will do there.
        private async Task<long> SayAsync(string sender, params (string Name, JsonNode? Value)[] more)
        {
            var body = GroupCalls.GroupText(Group, sender == Environment.Settings.Admin ? null : sender, "said", 7, more);
            return IsLive ? 1 : (await Environment.GroupAsync("send_group_msg", body)).GetProperty("MsgSeq").GetInt64();
        }
    }
}
