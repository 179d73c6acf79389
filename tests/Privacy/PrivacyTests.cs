using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Archives;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.Privacy;

/// <summary>What is stored of one account: handed out, and erased.</summary>
[Collection(SweepCollection.Name)]
public sealed class PrivacyTests(AzuriteFixture azurite)
{
    private const string Service = "im_open_login_svc";

    private readonly ShiftedTime _time = new(TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_of_an_account_has_every_row_of_its_own_and_what_it_said_in_groups_it_has_left()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        await app.SayInGroupAsync(SampleApp.Group, "jonas", "said before leaving");
        await app.OkAsync("group_open_http_svc", "delete_group_member", new { GroupId = SampleApp.Group, MemberToDel_Account = new[] { "jonas" } });
        var stored = await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), new AccountKey(app.App.SdkAppId, "jonas"));

        var documents = await ExportAsync(instance, app, "jonas");

        var account = documents["account.json"];
        Assert.Equal(("jonas", app.App.SdkAppId), (account.GetProperty("UserID").GetString(), account.GetProperty("SdkAppId").GetUInt32()));
        var rows = account.EnumerateObject().Where(section => section.Value.ValueKind == JsonValueKind.Array).SelectMany(section => section.Value.EnumerateArray()).Select(row => $"accounts/{row.GetProperty("Row").GetString()}");
        Assert.Equal(stored.Where(row => row.StartsWith("accounts/", StringComparison.Ordinal)).Order(), rows.Order());
        var message = account.GetProperty("Messages").EnumerateArray().Single(row => row.GetRawText().Contains("\"five\"", StringComparison.Ordinal));
        Assert.Equal(("mia", "five"), (message.GetProperty("With").GetString(), message.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Text").GetString()));
        var groups = documents["groups-1.json"].GetRawText();
        Assert.Contains("down the hill", groups, StringComparison.Ordinal);
        Assert.Contains("bread", groups, StringComparison.Ordinal);
        Assert.Contains("said before leaving", groups, StringComparison.Ordinal);
        Assert.DoesNotContain("up the high hill", groups, StringComparison.Ordinal);
        Assert.Equal(
            [SampleApp.Topic, SampleApp.Group],
            documents["groups-1.json"].EnumerateArray().Where(row => row.TryGetProperty("MsgBody", out _)).Select(row => row.GetProperty("GroupId").GetString()).Distinct());
    }

    [Fact]
    public async Task Nothing_that_an_erased_account_wrote_is_left_anywhere_and_what_others_wrote_is()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        await MarkAsync(instance, app);
        Assert.NotEmpty(await FindAsync(app.App.SdkAppId, "SECRET"));

        var task = await EraseAsync(instance, app, "jonas");

        Assert.Empty(await FindAsync(app.App.SdkAppId, "SECRET"));
        Assert.Empty(await StoredRows.OfAsync(await azurite.ConnectionStringAsync(), new AccountKey(app.App.SdkAppId, "jonas")));
        Assert.NotEmpty(await FindAsync(app.App.SdkAppId, "kept by mia"));
        Assert.DoesNotContain(await SampleApp.RowsAsync(instance, app.App.SdkAppId), found => found.Table == TableNames.Groups && found.Row.GetString("Account") == "jonas");
        Assert.Equal(1, task.Counts["Accounts"]);
        Assert.Equal(1, task.Counts["AccountExports"]);
        Assert.Equal(2, task.Counts["DeadLetters"]);
        Assert.True(task.Counts["Messages"] >= 3 && task.Counts["GroupMessages"] >= 2, JsonSerializer.Serialize(task.Counts));
        Assert.Equal(0, (await app.OkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = "mia", Peer_Account = new[] { "jonas" } })).GetProperty("C2CUnreadMsgNumList")[0].GetProperty("C2CUnreadMsgNum").GetInt32());
        Assert.Equal(0, await UnreadInGroupAsync(app, "mia"));
        Assert.Equal("Done", (await instance.GetTaskAsync(app.App, task.Id)).GetProperty("Task").GetProperty("State").GetString());
    }

    [Fact]
    public async Task Devices_of_the_others_hear_that_the_messages_are_gone()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        await app.SayAsync("jonas", "mia", "to be erased");
        var before = await LogAsync(app);

        await EraseAsync(instance, app, "jonas");

        var (last, gone) = (before[^1].GetProperty("Seq").GetInt64(), before.Single(entry => entry.GetRawText().Contains("to be erased", StringComparison.Ordinal)));
        var told = Assert.Single(await LogAsync(app), entry => entry.GetProperty("Seq").GetInt64() > last);
        Assert.Equal("C2CDelete", told.GetProperty("Type").GetString());
        Assert.Contains(told.GetProperty("Targets").EnumerateArray(), target => target.GetProperty("MsgKey").GetString() == gone.GetProperty("MsgKey").GetString());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task An_erasure_that_breaks_off_goes_on(int stride)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time, ("Storage:RetryMilliseconds", "0"));
        var app = await SampleApp.CreateAsync(instance);
        await MarkAsync(instance, app);
        var id = await instance.StartTaskAsync(app.App, Service, "erase_account", new { UserID = "jonas" });

        for (var allowed = stride; allowed < stride * 12; allowed += stride)
        {
            var (count, most) = (0, allowed);
            instance.Storage.Plan = request => request.IsWrite && !request.Target.Contains("/tasks", StringComparison.Ordinal) && Interlocked.Increment(ref count) > most ? Fault.Answer(500) : Fault.None;
            var broken = await instance.Get<TaskRunner>().RunAsync(app.App.SdkAppId, id, Stop);
            instance.Storage.Plan = FaultPlans.None;
            _time.Advance(TimeSpan.FromMinutes(2));
            if (broken!.State == TaskState.Failed)
            {
                await instance.StartTaskAsync(app.App, Service, "erase_account", new { UserID = "jonas" });
            }
        }

        await instance.FinishOkAsync(app.App.SdkAppId, id);

        Assert.True(instance.Storage.FaultCount > 0);
        Assert.Empty(await FindAsync(app.App.SdkAppId, "SECRET"));
        Assert.NotEmpty(await FindAsync(app.App.SdkAppId, "kept by mia"));
    }

    [Fact]
    public async Task An_account_of_the_same_name_that_comes_later_is_not_touched_by_what_is_left_of_the_erasure()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        var id = await instance.StartTaskAsync(app.App, Service, "erase_account", new { UserID = "jonas" });
        var reads = 0;
        instance.Storage.Plan = request => request.Kind == RequestKind.Query && request.Target.Contains("m%7Cjonas", StringComparison.Ordinal) && Interlocked.Increment(ref reads) <= 4 ? Fault.Answer(500) : Fault.None;
        var halted = await instance.Get<TaskRunner>().RunAsync(app.App.SdkAppId, id, Stop);
        Assert.Equal((TaskState.Running, 1), (halted!.State, halted.Failures));
        instance.Storage.Plan = FaultPlans.None;
        _time.Advance(TimeSpan.FromMinutes(1));
        await app.OkAsync(Service, "account_import", new { UserID = "jonas" });
        await app.SayAsync("jonas", "mia", "of another jonas");
        await app.OkAsync("group_open_http_svc", "add_group_member", new { GroupId = SampleApp.Group, MemberList = new[] { new { Member_Account = "jonas" } } });
        await app.SayInGroupAsync(SampleApp.Group, "jonas", "of another jonas too");

        await instance.FinishOkAsync(app.App.SdkAppId, id);

        Assert.Equal(3, (await FindAsync(app.App.SdkAppId, "of another jonas")).Count);
        Assert.Empty(await FindAsync(app.App.SdkAppId, "down the hill"));
    }

    [Fact]
    public async Task What_account_delete_has_left_can_be_erased_later()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        await MarkAsync(instance, app);
        await app.OkAsync(Service, "account_delete", new { DeleteItem = new[] { new { UserID = "jonas" } } });
        Assert.NotEmpty(await FindAsync(app.App.SdkAppId, "SECRET"));

        var task = await EraseAsync(instance, app, "jonas");

        Assert.Empty(await FindAsync(app.App.SdkAppId, "SECRET"));
        Assert.DoesNotContain("Accounts", task.Counts.Keys);
    }

    [Fact]
    public async Task An_export_of_an_account_names_every_kind_of_row_and_tells_addresses_created_groups_and_callbacks_that_wait()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        await app.OkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = "https://callbacks.example.org/", CallbackCommands = new[] { "Profile.CallbackPortraitSet" } });
        await app.OkAsync("profile", "portrait_set", new { From_Account = "mia", ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "Mia K." } } });

        var account = (await ExportAsync(instance, app, "mia"))["account.json"];

        Assert.DoesNotContain(account.EnumerateObject(), section => section.Name.StartsWith("Rows-", StringComparison.Ordinal));
        Assert.Equal("203.0.113.7", account.GetProperty("Connections")[0].GetProperty("Address").GetString());
        Assert.Equal(1, account.GetProperty("CreatedGroups")[0].GetProperty("Public").GetInt32());
        Assert.Contains("Mia K.", account.GetProperty("WaitingCallbacks").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("export_account", """{"UserID":"nobody"}""", "administrator", 70107)]
    [InlineData("export_account", """{}""", "administrator", 70402)]
    [InlineData("export_account", """{"UserID":7}""", "administrator", 70402)]
    [InlineData("export_account", """{"UserID":"mia"}""", "mia", 60010)]
    [InlineData("export_account", "no json", "administrator", 70402)]
    [InlineData("erase_account", """{}""", "administrator", 70402)]
    [InlineData("erase_account", """{"UserID":"administrator"}""", "administrator", 70402)]
    [InlineData("erase_account", """{"UserID":"mia"}""", "mia", 60010)]
    public async Task Bad_requests_have_their_codes(string command, string body, string identifier, int code)
    {
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();
        await instance.CodeAsync(app, Service, "account_import", """{"UserID":"mia"}""");

        Assert.Equal(code, await instance.CodeAsync(app, Service, command, body, identifier));
    }

    [Fact]
    public async Task An_app_that_does_not_allow_deletion_does_not_allow_erasure()
    {
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();
        await instance.Get<Parley.Apps.AppDirectory>().ChangeAsync(app.SdkAppId, settings => settings with { AllowsAccountDeletion = false }, Stop);

        Assert.Equal(71000, await instance.CodeAsync(app, Service, "erase_account", """{"UserID":"mia"}"""));
    }

    /// <summary>Writes a word that can be found again wherever the account can write something.</summary>
    private async Task MarkAsync(AppInstance instance, SampleApp app)
    {
        await app.OkAsync("profile", "portrait_set", new { From_Account = "jonas", ProfileItem = new[] { new { Tag = "Tag_Profile_IM_Nick", Value = "SECRET nick" } } });
        var sent = await app.SayAsync("jonas", "mia", "SECRET text");
        var modified = await app.SayAsync("jonas", "mia", "to be modified");
        await app.OkAsync("openim", "modify_c2c_msg", new { From_Account = "jonas", To_Account = "mia", MsgKey = modified, MsgBody = Body("SECRET modification") });
        await app.SayAsync("mia", "jonas", "kept by mia");
        await app.OkAsync("openim_msg_ext_http_svc", "set_key_values", new
        {
            From_Account = "jonas",
            To_Account = "mia",
            MsgKey = sent,
            OperateType = 1,
            ExtensionList = new[] { new { Key = "SECRETKEY", Value = "SECRET extension", Seq = 0 } },
        });
        await app.OkAsync("openim", "importmsg", new
        {
            SyncFromOldSystem = 2,
            From_Account = "jonas",
            To_Account = "mia",
            MsgSeq = 70,
            MsgRandom = 71,
            MsgTimeStamp = _time.GetUtcNow().ToUnixTimeSeconds() - 5000,
            MsgBody = Body("SECRET past"),
        });
        var number = await app.SayInGroupAsync(SampleApp.Group, "jonas", "SECRET in the group");
        await app.OkAsync("openim", "modify_group_msg", new { GroupId = SampleApp.Group, MsgSeq = number, From_Account = "jonas", MsgBody = Body("SECRET group modification") });
        await app.SayInGroupAsync(SampleApp.Group, "mia", "kept by mia in the group");
        var inTopic = await app.SayInGroupAsync(SampleApp.Community, "jonas", "SECRET in the topic", topic: SampleApp.Topic);
        await app.OkAsync("openim", "modify_group_msg", new { GroupId = SampleApp.Community, TopicId = SampleApp.Topic, MsgSeq = inTopic, From_Account = "jonas", MsgBody = Body("SECRET topic modification") });
        await app.OkAsync("group_open_http_svc", "group_msg_read", new { GroupId = SampleApp.Group, MsgSeq = number + 1 }, "mia");
        await app.OkAsync("group_open_http_svc", "create_group", new { Type = "Public", GroupId = "closed", Name = "Closed", Owner_Account = "mia", ApplyJoinOption = "NeedPermission" });
        await app.OkAsync("group_open_http_svc", "apply_join_group", new { GroupId = "closed", ApplyMsg = "SECRET application" }, "jonas");
        await instance.CallAsync(app.App, "sns", "friend_add", JsonSerializer.Serialize(new
        {
            From_Account = "jonas",
            AddType = "Add_Type_Both",
            AddFriendItem = new[] { new { To_Account = SampleApp.Odd, AddSource = "AddSource_Type_Web", AddWording = "SECRET wording" } },
        }));
        var key = new AccountKey(app.App.SdkAppId, "jonas");
        var job = DeliverJob.Create(DeliveryTarget.Account(key), ["""{"Text":"SECRET letter"}"""u8.ToArray()]);
        await instance.Get<DeadLetterTable>().AddAsync("deliver", key.SdkAppId, job.ToJson(), 5, "gave up", Stop);
        var callback = new StoredCallback(
            key.SdkAppId, "c1", "C2C.CallbackAfterSendMsg", _time.GetUtcNow(), new CallOrigin("127.0.0.1", "RESTAPI"), """{"From_Account":"jonas","MsgBody":"SECRET callback"}"""u8.ToArray(), null);
        await instance.Get<DeadCallbacks>().AddAsync(CallbackStream.Of(new AccountKey(app.App.SdkAppId, "mia")), callback, 10, "gave up", Stop);
        await instance.FinishOkAsync(app.App.SdkAppId, await instance.StartTaskAsync(app.App, Service, "export_account", new { UserID = "jonas" }));
    }

    [Fact]
    public async Task A_dead_letter_is_found_by_a_name_that_is_cut_between_two_columns()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = new SampleApp(instance, await instance.AddAppAsync());
        await app.OkAsync("im_open_login_svc", "account_import", new { UserID = "jonas" });
        await instance.Get<DeadLetterTable>().AddAsync("deliver", app.App.SdkAppId, Padded(Job, 30_000), 5, "gave up", Stop);
        var body = System.Text.Encoding.UTF8.GetBytes(Padded(Event, 64 * 1024));
        var callback = new StoredCallback(app.App.SdkAppId, "c2", "C2C.CallbackAfterSendMsg", _time.GetUtcNow(), new CallOrigin("127.0.0.1", "RESTAPI"), body, null);
        await instance.Get<DeadCallbacks>().AddAsync(CallbackStream.Of(new AccountKey(app.App.SdkAppId, "mia")), callback, 10, "gave up", Stop);

        Assert.Equal(2, (await EraseAsync(instance, app, "jonas")).Counts["DeadLetters"]);

        string Job(string padding) => new DeliverJob(app.App.SdkAppId, "", [new RawJson(Event(padding))]).ToJson();

        static string Event(string padding) => $$"""{"Text":"{{padding}}","From_Account":"jonas"}""";

        // The name begins two characters before the end of the column.
        static string Padded(Func<string, string> write, int column) => write(new string('x', column - 2 - write("").IndexOf("jonas", StringComparison.Ordinal)));
    }

    private static JsonArray Body(string text) => [new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } }];

    private static async Task<StoredTask> EraseAsync(AppInstance instance, SampleApp app, string account) =>
        await instance.FinishOkAsync(app.App.SdkAppId, await instance.StartTaskAsync(app.App, Service, "erase_account", new { UserID = account }));

    private static async Task<Dictionary<string, JsonElement>> ExportAsync(AppInstance instance, SampleApp app, string account)
    {
        var id = await instance.StartTaskAsync(app.App, Service, "export_account", new { UserID = account });
        await instance.FinishOkAsync(app.App.SdkAppId, id);
        using var http = new HttpClient();
        var documents = new Dictionary<string, JsonElement>();
        foreach (var file in (await instance.GetTaskAsync(app.App, id)).GetProperty("File").EnumerateArray())
        {
            documents[file.GetProperty("Name").GetString()!.Split('/')[^1]] = JsonElement.Parse(await http.GetStringAsync(new Uri(file.GetProperty("URL").GetString()!), Stop));
        }

        return documents;
    }

    /// <summary>Where a text stands, in any table or file.</summary>
    private async Task<List<string>> FindAsync(uint app, string text)
    {
        var (found, connection) = (new List<string>(), await azurite.ConnectionStringAsync());
        foreach (var table in TableNames.Tables)
        {
            await foreach (var row in new TableClient(connection, table).QueryAsync<TableEntity>(cancellationToken: Stop))
            {
                var isOfApp = $"{row.PartitionKey}|".Contains($"{app}|", StringComparison.Ordinal);
                if (isOfApp && row.Any(column => TextOf(column.Value).Contains(text, StringComparison.Ordinal)))
                {
                    found.Add($"{table}/{row.PartitionKey}/{row.RowKey}");
                }
            }
        }

        var exports = new BlobServiceClient(connection).GetBlobContainerClient(TableNames.ExportContainer);
        await foreach (var blob in exports.GetBlobsAsync(BlobTraits, BlobStates, $"{app}/", Stop))
        {
            var content = (await exports.GetBlobClient(blob.Name).DownloadContentAsync(Stop)).Value.Content.ToString();
            if (content.Contains(text, StringComparison.Ordinal))
            {
                found.Add($"exports/{blob.Name}");
            }
        }

        return found;
    }

    private static string TextOf(object? value) => value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : value as string ?? "";

    private const Azure.Storage.Blobs.Models.BlobTraits BlobTraits = Azure.Storage.Blobs.Models.BlobTraits.None;
    private const Azure.Storage.Blobs.Models.BlobStates BlobStates = Azure.Storage.Blobs.Models.BlobStates.None;

    private static async Task<long> UnreadInGroupAsync(SampleApp app, string account) =>
        (await app.OkAsync("group_open_http_svc", "sync_groups", new { }, account)).GetProperty("Groups").EnumerateArray()
            .Single(group => group.GetProperty("GroupId").GetString() == SampleApp.Group).GetProperty("UnreadMsgNum").GetInt64();

    private static async Task<List<JsonElement>> LogAsync(SampleApp app) =>
        [.. (await app.OkAsync("openim", "get_c2c_log", new { Owner_Account = "mia", Peer_Account = "jonas", AfterSeq = 0, MaxCnt = 100 }, "mia")).GetProperty("Entries").EnumerateArray()];
}
