using System.Text.Json;
using Parley.Apps;
using Parley.Archives;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tasks;
using Parley.Tests.Storage.Shards;
using Parley.Tests.Support;
using Parley.Tests.Tasks;
using static Parley.Tests.Archives.ArchiveLab;

namespace Parley.Tests.Archives;

/// <summary>Exports of apps and their restoration, while nobody writes.</summary>
[Collection(SweepCollection.Name)]
public sealed class AppArchiveTests(AzuriteFixture azurite)
{
    private readonly ShiftedTime _time = new(TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_that_is_restored_into_another_one_has_every_row_and_works_on()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = new SampleApp(instance, await instance.AddAppAsync(), firstRandom: 5_000);
        Shrink(instance);

        var export = await ExportAsync(instance, source.App);
        var task = await RestoreAsync(instance, source.App, target.App, export);

        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.App.SdkAppId));
        Assert.Equal(task.Counts["Rows"], (await SampleApp.RowsAsync(instance, target.App.SdkAppId)).Count(row => row.Row.RowKey != "app"));
        await AssertServesAsync(target);
    }

    [Fact]
    public async Task An_app_whose_partitions_are_in_several_storage_accounts_is_restored_whole()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1, 2]);
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time, more: await stores.AppSettingsAsync());
        var source = await SampleApp.CreateAsync(instance);
        var target = new SampleApp(instance, await instance.AddAppAsync(), firstRandom: 5_000);
        Shrink(instance);

        await RestoreAsync(instance, source.App, target.App, await ExportAsync(instance, source.App));

        Assert.True((await ShardedStores.AccountsInAsync(instance.Get<TableStore>())).Count(count => count > 0) > 1);
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.App.SdkAppId));
        await AssertServesAsync(target);
    }

    [Fact]
    public async Task The_same_app_comes_back_as_it_was_when_it_was_exported_and_its_devices_are_told_to_begin_anew()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        var before = await RestoredApp.RowsAsync(instance, app.App.SdkAppId);
        var epoch = await EpochAsync(app);
        var export = await ExportAsync(instance, app.App);
        await app.SayAsync("mia", "jonas", "said after the export");
        await app.OkAsync("im_open_login_svc", "account_delete", new { DeleteItem = new[] { new { UserID = "eve" } } });

        Assert.Equal(70402, await instance.CodeAsync(app.App, "openconfigsvr", "restore_app", Body(app.App, export, force: 0)));
        await RestoreAsync(instance, app.App, app.App, export, force: 1);

        Assert.Equal(before, await RestoredApp.RowsAsync(instance, app.App.SdkAppId));
        Assert.NotEqual(epoch, await EpochAsync(app));
        await AssertServesAsync(app);
    }

    [Fact]
    public async Task While_it_is_restored_an_app_takes_only_what_is_needed_for_that_and_then_everything_again()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, export));

        await instance.Get<TaskRunner>().RunAsync(target.SdkAppId, id, Stop);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(60016, await instance.CodeAsync(target, "im_open_login_svc", "account_check", """{"CheckItem":[{"UserID":"mia"}]}"""));
        Assert.Equal("Running", (await instance.GetTaskAsync(target, id)).GetProperty("Task").GetProperty("State").GetString());
        await instance.FinishOkAsync(target.SdkAppId, id);
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(0, await instance.CodeAsync(target, "im_open_login_svc", "account_check", """{"CheckItem":[{"UserID":"mia"}]}"""));
        var settings = await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop);
        Assert.Equal((3650, target.Secrets.Single(), target.SdkAppId, false), (settings!.RoamingDays, settings.Secrets.Single(), settings.SdkAppId, settings.IsRestoring));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Whatever_breaks_off_in_the_middle_goes_on_and_the_result_is_the_same(int stride)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time, ("Storage:RetryMilliseconds", "0"));
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        Shrink(instance);

        var export = await instance.StartTaskAsync(source.App, "openconfigsvr", "export_app", new { });
        await BreakOffAsync(instance, source.App.SdkAppId, export, stride);
        await instance.FinishOkAsync(source.App.SdkAppId, export);
        var restore = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, await FinishedAsync(instance, source.App, export)));
        await BreakOffAsync(instance, target.SdkAppId, restore, stride);
        await instance.FinishOkAsync(target.SdkAppId, restore);

        Assert.True(instance.Storage.FaultCount > 0);
        Assert.Equal(await RestoredApp.RowsAsync(instance, source.App.SdkAppId), await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task A_file_that_was_tampered_with_is_found_before_anything_is_written_and_the_app_goes_on()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        var part = export.Files.First(file => file.Name.Contains("accounts-", StringComparison.Ordinal));
        await azurite.ReplaceAsync(part.Name, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);

        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, export));
        var task = await instance.FinishAsync(target.SdkAppId, id);

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains(part.Name.Split('/')[^1], task.Error, StringComparison.Ordinal);
        Assert.Empty(await RestoredApp.RowsAsync(instance, target.SdkAppId));
        Assert.False((await instance.Get<AppTable>().FindAsync(target.SdkAppId, Stop))!.IsRestoring);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_found_likewise()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        await instance.Get<BlobStore>().DeleteAsync(TableNames.ExportContainer, export.Files.First(file => file.Name.Contains("groups-", StringComparison.Ordinal)).Name, Stop);

        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, export));

        Assert.Equal(TaskState.Failed, (await instance.FinishAsync(target.SdkAppId, id)).State);
        Assert.Empty(await RestoredApp.RowsAsync(instance, target.SdkAppId));
    }

    [Fact]
    public async Task A_manifest_that_was_tampered_with_or_that_the_caller_does_not_know_is_refused_at_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var export = await ExportAsync(instance, source.App);
        var good = Body(source.App, export, 0);

        Assert.Equal(70402, await CodeAsync(good.Replace(export.Files[0].Sha256, new string('0', 64), StringComparison.Ordinal)));
        Assert.Equal(70402, await CodeAsync("""{"ExportId":"none","Checksum":"9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de"}"""));
        Assert.Equal(70402, await CodeAsync("""{"ExportId":"../x","Checksum":"9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de"}"""));
        Assert.Equal(70402, await CodeAsync("""{"ExportId":"x","Checksum":"9b74"}"""));
        Assert.Equal(60010, await instance.CodeAsync(target, "openconfigsvr", "restore_app", good, "mia"));
        Assert.Equal(60010, await instance.CodeAsync(source.App, "openconfigsvr", "export_app", "{}", "mia"));
        await azurite.ReplaceAsync(export.Files[0].Name, bytes => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes).Replace("\"Format\":1", "\"Format\": 1", StringComparison.Ordinal)));
        Assert.Equal(70402, await CodeAsync(good));
        Assert.Empty(await RestoredApp.RowsAsync(instance, target.SdkAppId));

        Task<int> CodeAsync(string body) => instance.CodeAsync(target, "openconfigsvr", "restore_app", body);
    }

    [Fact]
    public async Task An_export_that_lies_in_the_folder_of_another_app_is_refused_and_nothing_is_deleted_for_it()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await SampleApp.CreateAsync(instance);
        var export = await ExportAsync(instance, source.App);
        foreach (var file in export.Files)
        {
            await using var content = await instance.Get<BlobStore>().OpenReadAsync(file.Container, file.Name, Stop);
            await instance.Get<BlobStore>().WriteAsync(file.Container, $"{target.App.SdkAppId}/{file.Name[(file.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}", content, "application/gzip", Stop);
        }

        var before = await RestoredApp.RowsAsync(instance, target.App.SdkAppId);
        Assert.Equal(70402, await instance.CodeAsync(target.App, "openconfigsvr", "restore_app", Body(target.App, export, force: 1)));
        Assert.Equal(before, await RestoredApp.RowsAsync(instance, target.App.SdkAppId));
    }

    [Fact]
    public async Task One_export_at_a_time_is_restored_into_an_app()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var (first, second) = (await ExportAsync(instance, source.App), await ExportAsync(instance, source.App));
        var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, first));

        Assert.Equal(70402, await instance.CodeAsync(target, "openconfigsvr", "restore_app", Body(source.App, second, force: 1)));
        Assert.Equal(id, await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", Request(source.App, first)));
        await instance.FinishOkAsync(target.SdkAppId, id);
        await RestoreAsync(instance, source.App, target, second, force: 1);
    }

    [Fact]
    public async Task Files_of_the_app_are_in_the_export_and_come_back()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var target = await instance.AddAppAsync();
        var blobs = instance.Get<BlobStore>();
        foreach (var name in new[] { "C2C/2023111421/a.gz", "C2C/2023111421/b.gz" })
        {
            await blobs.WriteAsync(TableNames.HistoryContainer, $"{source.App.SdkAppId}/{name}", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(name)), "application/gzip", Stop);
        }

        var export = await ExportAsync(instance, source.App);
        await RestoreAsync(instance, source.App, target, export);

        Assert.Equal(2, export.Counts["Blobs"]);
        foreach (var name in new[] { "C2C/2023111421/a.gz", "C2C/2023111421/b.gz" })
        {
            using var content = new StreamReader(await blobs.OpenReadAsync(TableNames.HistoryContainer, $"{target.SdkAppId}/{name}", Stop));
            Assert.Equal(name, await content.ReadToEndAsync(Stop));
        }
    }

    [Fact]
    public async Task Links_to_the_files_are_good_without_any_key_and_say_what_is_behind_them()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var export = await ExportAsync(instance, source.App);

        var files = (await instance.GetTaskAsync(source.App, export.Id)).GetProperty("File").EnumerateArray().ToList();

        using var http = new HttpClient();
        foreach (var file in files)
        {
            var bytes = await http.GetByteArrayAsync(new Uri(file.GetProperty("URL").GetString()!), Stop);
            Assert.Equal(
                (file.GetProperty("FileSize").GetInt64(), file.GetProperty("FileSHA256").GetString()), (bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))));
        }

        Assert.EndsWith("/manifest.json", files[0].GetProperty("Name").GetString(), StringComparison.Ordinal);
    }

    // Pages and files of a few rows, so that partitions are cut in the middle.
    private static void Shrink(AppInstance instance) => (instance.Get<AppExport>().PageRows, instance.Get<AppExport>().PartBytes) = (7, 3_000);

    // Lets a few more requests through each time, then none; those about the task itself always, as another instance's would be.
    private async Task BreakOffAsync(AppInstance instance, uint sdkAppId, string id, int stride)
    {
        for (var allowed = stride; allowed < stride * 12; allowed += stride)
        {
            var (count, most) = (0, allowed);
            instance.Storage.Plan = request =>
                !request.Target.Contains("/tasks", StringComparison.Ordinal) && !request.Target.Contains("schema", StringComparison.Ordinal) && Interlocked.Increment(ref count) > most
                    ? Fault.Answer(500) : Fault.None;
            var broken = await instance.Get<TaskRunner>().RunAsync(sdkAppId, id, Stop);
            instance.Storage.Plan = FaultPlans.None;
            _time.Advance(TimeSpan.FromMinutes(2));
            if (broken!.State == TaskState.Done)
            {
                return;
            }

            if (broken.State == TaskState.Failed)
            {
                await instance.Get<TaskTable>().StartAsync(broken, Stop);
            }
        }
    }

    private static async Task<string> EpochAsync(SampleApp app) => (await app.OkAsync("openim", "get_c2c_log", new { Owner_Account = "mia", Peer_Account = "jonas", AfterSeq = 0 }, "mia")).GetProperty("Epoch").GetRawText();

    /// <summary>What was in the sample is answered by the commands, and more of it can be said.</summary>
    internal static async Task AssertServesAsync(SampleApp app)
    {
        var history = await app.OkAsync("openim", "admin_getroammsg", new { Operator_Account = "jonas", Peer_Account = "mia", MaxCnt = 100, MinTime = 0, MaxTime = 9_999_999_999 });
        Assert.Equal(["from long ago", "one, modified", "two", "five"], history.GetProperty("MsgList").EnumerateArray()
            .Where(message => message.GetProperty("MsgBody").GetArrayLength() > 0).Select(TextOf));
        Assert.Equal(2, (await app.OkAsync("openim", "get_c2c_unread_msg_num", new { To_Account = "jonas", Peer_Account = new[] { "mia" } })).GetProperty("C2CUnreadMsgNumList")[0].GetProperty("C2CUnreadMsgNum").GetInt32());
        var group = await app.OkAsync("group_open_http_svc", "group_msg_get_simple", new { GroupId = SampleApp.Group, ReqMsgNumber = 20 });
        Assert.Contains("up the high hill", group.GetProperty("RspMsgList").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("3", (await app.OkAsync("group_open_http_svc", "get_group_counter", new { GroupId = SampleApp.Group })).GetProperty("GroupCounter")[0].GetProperty("Value").GetRawText());
        Assert.Contains("north", (await app.OkAsync("group_open_attr_http_svc", "get_group_attr", new { GroupId = SampleApp.Group })).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("J.", (await app.OkAsync("sns", "friend_get", new { From_Account = "mia", StartIndex = 0 })).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("eve", (await app.OkAsync("sns", "black_list_get", new { From_Account = "mia", StartIndex = 0, MaxLimited = 10, LastSequence = 0 })).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("Mia", (await app.OkAsync("profile", "portrait_get", new { To_Account = new[] { "mia" }, TagList = new[] { "Tag_Profile_IM_Nick" } })).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("work", (await app.OkAsync("recentcontact", "get_settings", new { From_Account = "mia" }, "mia")).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("darn", (await app.OkAsync("openim_dirty_words", "get", new { })).GetRawText(), StringComparison.Ordinal);

        Assert.Contains(SampleApp.Group, (await app.OkAsync("group_open_http_svc", "get_joined_group_list", new { Member_Account = "mia" })).GetRawText(), StringComparison.Ordinal);
        await app.SayAsync("jonas", "mia", "and on it goes");
        Assert.True(await app.SayInGroupAsync(SampleApp.Group, "jonas", "and on we go") > 3);
        await app.OkAsync("im_open_login_svc", "account_import", new { UserID = "new" });
        await app.OkAsync("group_open_http_svc", "add_group_member", new { GroupId = SampleApp.Group, MemberList = new[] { new { Member_Account = "new" } } });
    }

    private static string TextOf(JsonElement message) => message.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Text").GetString()!;
}
