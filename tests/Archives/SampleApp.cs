using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Archives;
using Parley.Connections;
using Parley.Statistics;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Archives;

/// <summary>An app with something of everything that is stored, made by the commands themselves.</summary>
internal sealed class SampleApp(AppInstance instance, App app, uint firstRandom = 0)
{
    public const string Group = "hiking";

    public const string Community = "@TGS#_city";

    public const string Topic = "@TGS#_city@TOPIC#_food";
    public const string Room = "stage";

    /// <summary>A name that keys must escape.</summary>
    public const string Odd = "li/ü |1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private uint _random = firstRandom;

    public App App => app;

    /// <summary>Stores an app and fills it.</summary>
    public static async Task<SampleApp> CreateAsync(AppInstance instance)
    {
        var sample = new SampleApp(instance, await instance.AddAppAsync());
        await sample.FillAsync();
        return sample;
    }

    /// <summary>Calls a command as an administrator, or as somebody else, and fails the test when it fails.</summary>
    public async Task<JsonElement> OkAsync(string service, string command, object body, string identifier = "administrator")
    {
        var answer = await instance.CallAsync(app, service, command, body as string ?? JsonSerializer.Serialize(body), identifier);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, $"{command}: {answer.GetRawText()}");
        return answer;
    }

    /// <summary>Sends a text message; gives its key.</summary>
    public async Task<string> SayAsync(string from, string to, string text) => (await OkAsync("openim", "sendmsg", new
    {
        From_Account = from,
        To_Account = to,
        MsgSeq = ++_random,
        MsgRandom = _random,
        SupportMessageExtension = 1,
        IsNeedReadReceipt = 1,
        CloudCustomData = $"data of {text}",
        MsgBody = Text(text),
    })).GetProperty("MsgKey").GetString()!;

    /// <summary>Sends a text message to a group; gives its number.</summary>
    public async Task<long> SayInGroupAsync(string group, string from, string text, object? mentions = null, string? topic = null) => (await OkAsync("group_open_http_svc", "send_group_msg", new
    {
        GroupId = group,
        TopicId = topic ?? "",
        From_Account = from,
        Random = ++_random,
        SupportMessageExtension = 1,
        NeedReadReceipt = 1,
        GroupAtInfo = mentions,
        MsgBody = Text(text),
    })).GetProperty("MsgSeq").GetInt64();

    /// <summary>Every row of the app, by table and keys.</summary>
    public static async Task<List<(string Table, TableEntity Row)>> RowsAsync(AppInstance instance, uint sdkAppId)
    {
        var found = new List<(string, TableEntity)>();
        foreach (var range in AppRows.Of(sdkAppId))
        {
            await foreach (var row in instance.Get<TableStore>().WalkOf(range.Table).QueryAsync(range.Filter, cancellationToken: Stop))
            {
                found.Add((range.Table, row));
            }
        }

        return found;
    }

    private static JsonArray Text(string text) => [new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } }];

    private async Task FillAsync()
    {
        await instance.Get<AppDirectory>().ChangeAsync(app.SdkAppId, settings => settings with
        {
            MaxAccounts = 100,
            RoamingDays = 3650,
            LoginProviders = [new LoginProvider { Name = "corp", Kind = LoginProviderKind.OpenIdConnect, ClientId = "parley", Issuer = "https://login.example.org", AccountPrefix = "corp-" }],
            ProfileCustomFields = [new CustomField("Team", CustomFieldType.String, CustomFieldAccess.App, CustomFieldAccess.App)],
        }, Stop);
        await OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = new[] { "mia", "jonas", Odd, "eve", "gone" } });
        await FillAccountsAsync();
        await FillConversationsAsync();
        await FillGroupsAsync();
        await OkAsync("im_open_login_svc", "account_delete", new { DeleteItem = new[] { new { UserID = "gone" } } });
        await instance.Get<StatisticsWriter>().WriteAsync(app.SdkAppId, Stop);
        await instance.FlushAsync();
    }

    private async Task FillAccountsAsync()
    {
        await OkAsync("profile", "portrait_set", new
        {
            From_Account = "mia",
            ProfileItem = new object[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Mia" }, new { Tag = "Tag_Profile_IM_Gender", Value = "Gender_Type_Female" }, new { Tag = "Tag_Profile_Custom_Team", Value = "red" } },
        });
        await OkAsync("openconfigsvr", "setnospeaking", new { Set_Account = "eve", C2CmsgNospeakingTime = 3600 });
        await OkAsync("im_open_login_svc", "bind_identity", new { UserID = "mia", Provider = "corp", Subject = "248289761001" });
        await OkAsync("sns", "friend_add", new
        {
            From_Account = "mia",
            AddType = "Add_Type_Both",
            ForceAddFlags = 1,
            AddFriendItem = new[] { new { To_Account = "jonas", AddSource = "AddSource_Type_Web", Remark = "J.", GroupName = "hikers", AddWording = "hello" } },
        });
        await OkAsync("profile", "portrait_set", new { From_Account = Odd, ProfileItem = new[] { new { Tag = "Tag_Profile_IM_AllowType", Value = "AllowType_Type_NeedConfirm" } } });
        await instance.CallAsync(app, "sns", "friend_add", JsonSerializer.Serialize(new
        {
            From_Account = "mia",
            AddType = "Add_Type_Both",
            AddFriendItem = new[] { new { To_Account = Odd, AddSource = "AddSource_Type_Web", AddWording = "please" } },
        }));
        await OkAsync("sns", "black_list_add", new { From_Account = "mia", To_Account = new[] { "eve" } });
        await instance.Get<ConnectionTable>().AddAsync(new AccountKey(app.SdkAppId, "mia"), NewConnection(), Stop);
        await OkAsync("openim_dirty_words", "add", new { DirtyWordsList = new[] { "darn" } });
    }

    private NewConnection NewConnection()
    {
        var now = instance.Get<TimeProvider>().GetUtcNow();
        return new NewConnection(new ConnectionRow("connection-1", Platform.Web, now, now, null) { Address = "203.0.113.7" }, now.ToUnixTimeSeconds(), []);
    }

    private async Task FillConversationsAsync()
    {
        var first = await SayAsync("mia", "jonas", "one");
        var second = await SayAsync("jonas", "mia", "two");
        var third = await SayAsync("mia", "jonas", "three");
        await SayAsync("mia", Odd, "four");
        var fifth = await SayAsync("mia", "jonas", "five");
        await OkAsync("openim", "admin_msgwithdraw", new { From_Account = "mia", To_Account = "jonas", MsgKey = third });
        await OkAsync("openim", "modify_c2c_msg", new { From_Account = "mia", To_Account = "jonas", MsgKey = first, MsgBody = Text("one, modified") });
        await OkAsync("openim", "delete_c2c_msg_ramble", new { Operator_Account = "mia", Peer_Account = "jonas", MsgKeyList = new[] { second } });
        await OkAsync("openim", "admin_set_msg_read", new { Report_Account = "mia", Peer_Account = "jonas" });
        await OkAsync("openim_msg_ext_http_svc", "set_key_values", new
        {
            From_Account = "mia",
            To_Account = "jonas",
            MsgKey = fifth,
            OperateType = 1,
            ExtensionList = new[] { new { Key = "like", Value = "yes", Seq = 0 } },
        });
        var old = instance.Get<TimeProvider>().GetUtcNow().ToUnixTimeSeconds() - 86400;
        await OkAsync("openim", "importmsg", new
        {
            SyncFromOldSystem = 2,
            From_Account = "jonas",
            To_Account = "mia",
            MsgSeq = 900,
            MsgRandom = 901,
            MsgTimeStamp = old,
            MsgBody = Text("from long ago"),
        });
        await OkAsync("recentcontact", "set_top", new { From_Account = "mia", ContactItem = new { Type = 1, To_Account = "jonas" }, TopFlag = 1 });
        await OkAsync("recentcontact", "create_contact_group", new
        {
            From_Account = "mia",
            GroupContactItem = new[] { new { GroupName = "work", ContactItem = new[] { new { Type = 1, To_Account = "jonas" } } } },
        });
    }

    private async Task FillGroupsAsync()
    {
        await OkAsync("group_open_http_svc", "create_group", new
        {
            Type = "Public",
            GroupId = Group,
            Name = "Hiking",
            Introduction = "On foot",
            Owner_Account = "mia",
            ApplyJoinOption = "NeedPermission",
            MemberList = new[] { new { Member_Account = "jonas" }, new { Member_Account = Odd } },
        });
        var first = await SayInGroupAsync(Group, "mia", "up the hill");
        await SayInGroupAsync(Group, "jonas", "down the hill", new[] { new { GroupAtAllFlag = 0, GroupAt_Account = "mia" } });
        var third = await SayInGroupAsync(Group, "mia", "a mistake");
        await OkAsync("group_open_http_svc", "group_msg_recall", new { GroupId = Group, MsgSeqList = new[] { new { MsgSeq = third } } });
        await OkAsync("openim", "modify_group_msg", new { GroupId = Group, MsgSeq = first, From_Account = "mia", MsgBody = Text("up the high hill") });
        await OkAsync("group_open_http_svc", "group_msg_receipt", new { GroupId = Group, MsgSeqList = new[] { new { MsgSeq = first } } }, "jonas");
        await OkAsync("group_open_http_svc", "group_msg_read", new { GroupId = Group, MsgSeq = first }, "jonas");
        await OkAsync("openim_msg_ext_http_svc", "group_set_key_values", new
        {
            GroupId = Group,
            MsgSeq = first,
            OperateType = 1,
            ExtensionList = new[] { new { Key = "vote", Value = "1", Seq = 0 } },
        });
        await OkAsync("group_open_http_svc", "set_group_attr", """{"GroupId":"hiking","GroupAttr":[{"key":"place","value":"north"}]}""");
        await OkAsync("group_open_http_svc", "update_group_counter", new { GroupId = Group, GroupCounter = new[] { new { Key = "likes", Value = 3 } }, Mode = "Set" });
        await OkAsync("group_open_http_svc", "forbid_send_msg", new { GroupId = Group, Members_Account = new[] { Odd }, MuteTime = 3600 });
        await OkAsync("group_open_http_svc", "apply_join_group", new { GroupId = Group, ApplyMsg = "let me in" }, "eve");
        await OkAsync("recentcontact", "set_top", new { From_Account = "mia", ContactItem = new { Type = 2, ToGroupId = Group }, TopFlag = 1 });
        await OkAsync("group_open_http_svc", "create_group", new { Type = "AVChatRoom", GroupId = Room, Name = "Stage", Owner_Account = "mia" });
        await OkAsync("group_open_avchatroom_http_svc", "modify_admin", new { GroupId = Room, CommandType = 1, Admin_Account = new[] { "jonas" } });
        await OkAsync("group_open_http_svc", "apply_join_group", new { GroupId = Room }, "jonas");
        await FillTopicAsync();
        await OkAsync("group_open_http_svc", "ban_group_member", new { GroupId = Room, Members_Account = new[] { "eve" }, Duration = 3600, Description = "noise" });
    }

    private async Task FillTopicAsync()
    {
        await OkAsync("group_open_http_svc", "create_group", new
        {
            Type = "Community",
            GroupId = Community,
            Name = "City",
            Owner_Account = "mia",
            SupportTopic = 1,
            MemberList = new[] { new { Member_Account = "jonas" }, new { Member_Account = Odd } },
        });
        await OkAsync("million_group_open_http_svc", "create_topic", new { GroupId = Community, TopicId = Topic, TopicName = "Food", CustomString = "icon" });
        var first = await SayInGroupAsync(Community, "mia", "soup", topic: Topic);
        await SayInGroupAsync(Community, "jonas", "bread", topic: Topic);
        await OkAsync("group_open_http_svc", "group_msg_recall", new { GroupId = Community, TopicId = Topic, MsgSeqList = new[] { new { MsgSeq = first } } });
        await OkAsync("group_open_http_svc", "group_msg_read", new { GroupId = Community, TopicId = Topic, MsgSeq = first }, "jonas");
        await OkAsync("group_open_http_svc", "forbid_send_msg", new { GroupId = Community, TopicId = Topic, Members_Account = new[] { Odd }, MuteTime = 3600 });
    }
}
