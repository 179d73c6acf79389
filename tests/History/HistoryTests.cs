using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Parley.Activities;
using Parley.Apps;
using Parley.Delivery;
using Parley.History;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Archives;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.History;

/// <summary>Hourly files of messages: what is in them, when they are there, and that nothing acknowledged is missing.</summary>
[Collection(SweepCollection.Name)]
public sealed class HistoryTests(AzuriteFixture azurite)
{
    // Links are good by the storage's clock: the test begins so long ago that it ends before now.
    private readonly ShiftedTime _time = new(HourOf(TimeProvider.System.GetUtcNow().AddHours(-6)).AddMinutes(20) - TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Hour => ChatHour.Of(_time.GetUtcNow().ToUnixTimeSeconds()).ToString();

    [Fact]
    public async Task A_file_holds_the_messages_of_its_hour_as_the_reference_lays_it_out()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var hour = Hour;
        var key = await app.SayAsync("mia", "jonas", "Lunch \"at\" noon? 午");
        await app.SayAsync("jonas", "mia", "Sure");

        Assert.Equal(1004, await CodeAsync(instance, app, "C2C", hour));
        var file = Assert.Single(await MakeAsync(instance, app, "C2C", hour));

        var lines = file.Text.Split('\n');
        Assert.Equal($$"""{"SdkAppId":{{app.App.SdkAppId}},"ChatType":"C2C","MsgTime":"{{hour}}","MsgList":[""", lines[0]);
        Assert.Equal("]}", lines[^1]);
        Assert.All(lines[1..^2], line => Assert.EndsWith("},", line, StringComparison.Ordinal));
        var messages = MessagesOf(file.Text);
        Assert.Equal(["Lunch \"at\" noon? 午", "Sure"], messages.Select(TextOf).Order());
        var lunch = messages.Single(message => TextOf(message) != "Sure");
        Assert.Equal(("mia", "jonas", key), (lunch.GetProperty("From_Account").GetString(), lunch.GetProperty("To_Account").GetString(), lunch.GetProperty("MsgKey").GetString()));
        Assert.Equal(key, $"{lunch.GetProperty("MsgSeq")}_{lunch.GetProperty("MsgRandom")}_{lunch.GetProperty("MsgTimestamp")}");
        Assert.Equal("data of Lunch \"at\" noon? 午", lunch.GetProperty("CloudCustomData").GetString());
    }

    [Fact]
    public async Task The_answer_tells_sizes_and_checksums_and_an_address_that_ends_in_gz()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var hour = Hour;
        await app.SayAsync("mia", "jonas", "one");

        var file = Assert.Single(await MakeAsync(instance, app, "C2C", hour));

        var (raw, entry) = (Encoding.UTF8.GetBytes(file.Text), file.Entry);
        Assert.Equal((raw.Length, Md5(raw)), (entry.GetProperty("FileSize").GetInt32(), entry.GetProperty("FileMD5").GetString()));
        Assert.Equal((file.Packed.Length, Md5(file.Packed)), (entry.GetProperty("GzipSize").GetInt32(), entry.GetProperty("GzipMD5").GetString()));
        Assert.EndsWith(".gz", new Uri(entry.GetProperty("URL").GetString()!).AbsolutePath, StringComparison.Ordinal);
        var expiry = _time.GetUtcNow().AddDays(1).ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expiry, entry.GetProperty("ExpireTime").GetString());
    }

    [Fact]
    public async Task Group_messages_have_a_file_of_their_own_without_tips_and_recalled_ones()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var hour = Hour;
        await app.OkAsync("group_open_http_svc", "create_group", new { Type = "Public", GroupId = "g1", Name = "One", Owner_Account = "mia", MemberList = new[] { new { Member_Account = "jonas" } } });
        var number = await app.SayInGroupAsync("g1", "mia", "hello");
        var mistake = await app.SayInGroupAsync("g1", "jonas", "a mistake");
        await app.OkAsync("group_open_http_svc", "group_msg_recall", new { GroupId = "g1", MsgSeqList = new[] { new { MsgSeq = mistake } } });
        await app.OkAsync("group_open_http_svc", "send_group_system_notification", new { GroupId = "g1", Content = "notice" });

        var file = Assert.Single(await MakeAsync(instance, app, "Group", hour));

        var message = Assert.Single(MessagesOf(file.Text));
        Assert.Equal(("mia", "g1", number, "hello"), (message.GetProperty("From_Account").GetString(), message.GetProperty("GroupId").GetString(), message.GetProperty("MsgSeq").GetInt64(), TextOf(message)));
        Assert.False(message.TryGetProperty("MsgRandom", out _));
        Assert.Equal(1004, await CodeAsync(instance, app, "C2C", hour));
    }

    [Fact]
    public async Task A_message_in_a_topic_says_in_which()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var (hour, community, topic) = (Hour, SampleApp.Community, SampleApp.Topic);
        await app.OkAsync("group_open_http_svc", "create_group", new { Type = "Community", GroupId = community, Name = "City", Owner_Account = "mia", SupportTopic = 1 });
        await app.OkAsync("million_group_open_http_svc", "create_topic", new { GroupId = community, TopicId = topic, TopicName = "Food" });
        await app.SayInGroupAsync(community, "mia", "in the topic", topic: topic);

        var message = Assert.Single(MessagesOf(Assert.Single(await MakeAsync(instance, app, "Group", hour)).Text));

        Assert.Equal((community, topic, "in the topic"), (message.GetProperty("GroupId").GetString(), message.GetProperty("TopicId").GetString(), TextOf(message)));
    }

    [Fact]
    public async Task What_only_one_side_still_has_is_in_it_and_what_was_recalled_or_belongs_to_another_hour_is_not()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var hour = Hour;
        var (byReceiver, bySender, byBoth) = (await app.SayAsync("mia", "jonas", "receiver"), await app.SayAsync("mia", "jonas", "sender"), await app.SayAsync("mia", "jonas", "both"));
        var recalled = await app.SayAsync("mia", "jonas", "recalled");
        await app.SayAsync("mia", "mia", "to myself");
        await DeleteAsync(app, "jonas", "mia", byReceiver, byBoth);
        await DeleteAsync(app, "mia", "jonas", bySender, byBoth);
        await app.OkAsync("openim", "admin_msgwithdraw", new { From_Account = "mia", To_Account = "jonas", MsgKey = recalled });
        _time.Advance(TimeSpan.FromHours(1));
        var next = Hour;
        await app.SayAsync("jonas", "mia", "next hour");

        Assert.Equal(["receiver", "sender", "to myself"], (await MakeAsync(instance, app, "C2C", hour)).SelectMany(file => MessagesOf(file.Text)).Select(TextOf).Order());
        Assert.Equal(["next hour"], (await MakeAsync(instance, app, "C2C", next)).SelectMany(file => MessagesOf(file.Text)).Select(TextOf));
    }

    [Fact]
    public async Task A_message_that_comes_late_with_the_time_of_an_earlier_hour_has_its_file_made_anew()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas", "li");
        var (hour, at) = (Hour, _time.GetUtcNow().ToUnixTimeSeconds());
        await app.SayAsync("mia", "jonas", "in time");
        await MakeAsync(instance, app, "C2C", hour);
        _time.Advance(TimeSpan.FromMinutes(50));
        var later = Hour;
        await app.OkAsync("openim", "importmsg", new
        {
            SyncFromOldSystem = 1,
            From_Account = "li",
            To_Account = "mia",
            MsgSeq = 1,
            MsgRandom = 1,
            MsgTimeStamp = at,
            MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "late" } } },
        });

        await MakeAsync(instance, app, "C2C", later, mustHaveFiles: false);
        var files = await MakeAsync(instance, app, "C2C", hour);

        Assert.Equal(["in time", "late"], files.SelectMany(file => MessagesOf(file.Text)).Select(TextOf).Order());
    }

    [Fact]
    public async Task What_is_noted_while_the_files_are_made_has_them_made_again()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        var hour = new ActiveHour(app.App.SdkAppId, ChatType.C2C, ChatHour.Parse(Hour)!.Value);
        await app.SayAsync("mia", "jonas", "one");
        var before = await instance.Get<ActiveHours>().FindVersionAsync(hour, Stop);
        await instance.Get<ActiveHours>().NoteAgainAsync(hour, "mia", Stop);

        await instance.Get<ActiveHours>().ForgetAsync(hour, before!, Stop);
        Assert.Contains(hour, await instance.Get<ActiveHours>().ListAsync(Stop));
        await MakeAsync(instance, app, "C2C", hour.Hour.ToString());

        Assert.DoesNotContain(hour, await instance.Get<ActiveHours>().ListAsync(Stop));
    }

    [Fact]
    public async Task Whatever_fails_while_it_is_made_the_file_has_every_message_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var accounts = Enumerable.Range(0, 12).Select(n => $"account-{n}").ToArray();
        var app = await StartKeepingAsync(instance, accounts);
        var hour = Hour;
        var sent = new List<string>();
        for (var n = 0; n < 40; n++)
        {
            await app.SayAsync(accounts[n % 12], accounts[(n + 1 + (n / 12)) % 12], $"message {n}");
            sent.Add($"message {n}");
        }

        await EndHourAsync(hour);
        await instance.Get<HistorySweep>().RunAsync(Stop);
        var id = $"history-C2C-{hour}";
        for (var allowed = 3; allowed < 60; allowed += 7)
        {
            var count = 0;
            var most = allowed;
            instance.Storage.Plan = request => !request.Target.Contains("tasks", StringComparison.Ordinal) && Interlocked.Increment(ref count) > most ? Fault.Answer(500) : Fault.None;
            var broken = await instance.Get<TaskRunner>().RunAsync(app.App.SdkAppId, id, Stop);
            instance.Storage.Plan = FaultPlans.None;
            if (broken!.State == TaskState.Failed)
            {
                // Given up after five failures; the timer asks for it again after a pause, and it goes on.
                _time.Advance(broken.HeldUntil > _time.GetUtcNow() ? broken.HeldUntil - _time.GetUtcNow() : TimeSpan.Zero);
                await instance.Get<HistorySweep>().RunAsync(Stop);
            }

            _time.Advance(TimeSpan.FromMinutes(2));
        }

        await instance.FinishOkAsync(app.App.SdkAppId, id);

        Assert.True(instance.Storage.FaultCount > 0);
        var files = await FilesAsync(instance, app, "C2C", hour);
        Assert.Equal(sent.Order(), files.SelectMany(file => MessagesOf(file.Text)).Select(TextOf).Order());
    }

    [Fact]
    public async Task Files_that_cannot_be_made_are_tried_again_after_longer_and_longer_pauses_and_noted_as_dead_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        await app.SayAsync("mia", "jonas", "one");
        var (hour, sdkAppId) = (Hour, app.App.SdkAppId);
        var id = $"history-C2C-{hour}";
        await EndHourAsync(hour);
        instance.Storage.Plan = request => request.Target.Contains("/accounts", StringComparison.Ordinal) ? Fault.Answer(403) : Fault.None;
        var begun = new List<DateTimeOffset>();
        for (var until = _time.GetUtcNow().AddDays(3); _time.GetUtcNow() < until; _time.Advance(TimeSpan.FromMinutes(30)))
        {
            await instance.Get<HistorySweep>().RunAsync(Stop);
            if ((await instance.Get<TaskTable>().ReadAsync(sdkAppId, id, Stop))!.State == TaskState.Running)
            {
                begun.Add(_time.GetUtcNow());
                await instance.FinishAsync(sdkAppId, id);
            }
        }

        instance.Storage.Plan = FaultPlans.None;
        var failing = (await instance.GetTaskAsync(app.App, id)).GetProperty("Task");
        var pauses = begun.Zip(begun.Skip(1), (one, next) => next - one).ToList();
        _time.Advance(TimeSpan.FromDays(1));
        await instance.Get<HistorySweep>().RunAsync(Stop);
        var made = await instance.FinishOkAsync(sdkAppId, id);

        Assert.InRange(begun.Count, 5, 12);
        Assert.True(pauses.Zip(pauses.Skip(1)).All(two => two.First < two.Second + TimeSpan.FromMinutes(5)), string.Join(", ", pauses));
        Assert.InRange(pauses[^1], TimeSpan.FromHours(23), TimeSpan.FromHours(25));
        Assert.Equal(("Failed", begun.Count), (failing.GetProperty("State").GetString(), failing.GetProperty("GivenUp").GetInt32()));
        Assert.InRange(failing.GetProperty("NextTryTime").GetInt64(), begun[^1].ToUnixTimeSeconds(), begun[^1].AddDays(2).ToUnixTimeSeconds());
        Assert.Single(await LettersOfAsync(instance, sdkAppId));
        Assert.Equal((1L, 0), (made.Counts["Messages"], (await instance.GetTaskAsync(app.App, id)).GetProperty("Task").GetProperty("GivenUp").GetInt32()));
    }

    [Fact]
    public async Task Files_that_nobody_can_ask_for_any_more_are_not_tried_again()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await StartKeepingAsync(instance, "mia", "jonas");
        await app.SayAsync("mia", "jonas", "one");
        var (hour, id) = (new ActiveHour(app.App.SdkAppId, ChatType.C2C, ChatHour.Parse(Hour)!.Value), $"history-C2C-{Hour}");
        await EndHourAsync(Hour);
        instance.Storage.Plan = request => request.Target.Contains("/accounts", StringComparison.Ordinal) ? Fault.Answer(403) : Fault.None;
        await instance.Get<HistorySweep>().RunAsync(Stop);
        var failed = await instance.FinishAsync(app.App.SdkAppId, id);
        _time.Advance(TimeSpan.FromDays(7));

        await instance.Get<HistorySweep>().RunAsync(Stop);
        var over = await instance.FinishOkAsync(app.App.SdkAppId, id);

        Assert.Equal((TaskState.Failed, 0L), (failed.State, over.Counts["Messages"]));
        Assert.DoesNotContain(hour, await instance.Get<ActiveHours>().ListAsync(Stop));
        Assert.Empty((await instance.Get<HistoryFileTable>().FindAsync(hour, Stop))!);
    }

    [Fact]
    public async Task Messages_of_many_senders_on_two_instances_are_all_in_it()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var accounts = Enumerable.Range(0, 6).Select(n => $"sender-{n}").ToArray();
        var first = await StartKeepingAsync(here, accounts);
        await first.OkAsync("group_open_http_svc", "create_group", new { Type = "Public", GroupId = "g1", Name = "One", Owner_Account = accounts[0], MemberList = accounts[1..].Select(name => new { Member_Account = name }) });
        var hour = ChatHour.Of(_time.GetUtcNow().ToUnixTimeSeconds()).ToString();

        await Parallel.ForEachAsync(Enumerable.Range(0, 120), new ParallelOptions { MaxDegreeOfParallelism = 12, CancellationToken = Stop }, async (n, _) =>
        {
            var sender = new SampleApp(n % 2 == 0 ? here : there, first.App, (uint)(10_000 + (n * 10)));
            await sender.SayAsync(accounts[n % 6], accounts[(n + 1) % 6], $"c {n}");
            await Eventually.HoldsAsync(async () => await sender.SayInGroupAsync("g1", accounts[n % 6], $"g {n}") > 0);
        });
        _time.Advance(TimeSpan.FromHours(1));
        await here.Get<HistorySweep>().RunAsync(Stop);
        await here.Get<TaskRunner>().RunAsync(first.App.SdkAppId, $"history-C2C-{hour}", Stop);
        await here.Get<TaskRunner>().RunAsync(first.App.SdkAppId, $"history-Group-{hour}", Stop);

        Assert.Equal(
            Enumerable.Range(0, 120).Select(n => $"c {n}").Order(), (await FilesAsync(here, first, "C2C", hour)).SelectMany(file => MessagesOf(file.Text)).Select(TextOf).Order());
        Assert.Equal(
            Enumerable.Range(0, 120).Select(n => $"g {n}").Order(), (await FilesAsync(here, first, "Group", hour)).SelectMany(file => MessagesOf(file.Text)).Select(TextOf).Order());
    }

    [Fact]
    public async Task A_message_costs_nothing_more_but_the_first_of_an_hour_and_nothing_at_all_where_files_are_not_kept()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var keeping = await StartKeepingAsync(instance, "mia", "jonas");
        var other = new SampleApp(instance, await instance.AddAppAsync());
        await other.OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = new[] { "mia", "jonas" } });
        await other.SayAsync("mia", "jonas", "one");
        await keeping.SayAsync("mia", "jonas", "one");

        foreach (var app in new[] { other, keeping })
        {
            instance.Storage.ResetCounts();
            await app.SayAsync("mia", "jonas", "two");
            Assert.Equal(2, instance.Storage.Count(request => request.IsWrite));
        }

        _time.Advance(TimeSpan.FromHours(1));
        await keeping.SayAsync("mia", "jonas", "refreshes what is remembered");
        instance.Storage.ResetCounts();
        await keeping.SayAsync("jonas", "mia", "three");
        Assert.Equal(2, instance.Storage.Count(request => request.IsWrite));
        Assert.DoesNotContain(instance.Storage.Requests, request => request.Target.Contains("/history", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"MsgTime":"2023111421"}""", 1002)]
    [InlineData("""{"ChatType":"C2C"}""", 1002)]
    [InlineData("""{"ChatType":"c2c","MsgTime":"2023111421"}""", 1002)]
    [InlineData("""{"ChatType":"C2C","MsgTime":2023111421}""", 1002)]
    [InlineData("""{"ChatType":"C2C","MsgTime":"2023111424"}""", 1002)]
    [InlineData("""{"ChatType":"C2C","MsgTime":"20231114"}""", 1002)]
    [InlineData("not json", 1002)]
    [InlineData("""{"ChatType":"C2C","MsgTime":"2023111421"}""", 1005)]
    [InlineData("""{"ChatType":"Group","MsgTime":"2099111421"}""", 1004)]
    public async Task Bad_questions_have_their_codes(string body, int code)
    {
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();

        Assert.Equal(code, await instance.CodeAsync(app, "open_msg_svc", "get_history", body));
        Assert.Equal(1002, await instance.CodeAsync(app, "open_msg_svc", "get_history", body, "mia"));
    }

    [Fact]
    public async Task Storage_that_fails_is_1003()
    {
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();
        await instance.CodeAsync(app, "open_msg_svc", "get_history", "{}");
        instance.Storage.Plan = request => request.Target.Contains("/history", StringComparison.Ordinal) ? Fault.Answer(403) : Fault.None;

        Assert.Equal(1003, await instance.CodeAsync(app, "open_msg_svc", "get_history", $$"""{"ChatType":"C2C","MsgTime":"{{Hour}}"}"""));
    }

    private static async Task<List<TableEntity>> LettersOfAsync(AppInstance instance, uint sdkAppId)
    {
        var partition = DeadLetterTable.Partition("task", sdkAppId);
        return await instance.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(row => row.PartitionKey == partition, cancellationToken: Stop).ToListAsync(Stop);
    }

    private static async Task<SampleApp> StartKeepingAsync(AppInstance instance, params string[] accounts)
    {
        var app = new SampleApp(instance, await instance.AddAppAsync());
        await instance.Get<AppDirectory>().ChangeAsync(app.App.SdkAppId, settings => settings with { KeepsHistoryFiles = true }, Stop);
        await app.OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = accounts });
        return app;
    }

    private static Task<JsonElement> DeleteAsync(SampleApp app, string owner, string peer, params string[] keys) =>
        app.OkAsync("openim", "delete_c2c_msg_ramble", new { Operator_Account = owner, Peer_Account = peer, MsgKeyList = keys });

    private Task EndHourAsync(string hour)
    {
        var end = DateTimeOffset.FromUnixTimeSeconds(ChatHour.Parse(hour)!.Value.End).AddMinutes(11);
        if (end > _time.GetUtcNow())
        {
            _time.Advance(end - _time.GetUtcNow());
        }

        return Task.CompletedTask;
    }

    /// <summary>Waits until an hour is over and has its files made.</summary>
    private async Task<List<DownloadedFile>> MakeAsync(AppInstance instance, SampleApp app, string type, string hour, bool mustHaveFiles = true)
    {
        await EndHourAsync(hour);
        await instance.Get<HistorySweep>().RunAsync(Stop);
        await instance.FinishOkAsync(app.App.SdkAppId, $"history-{type}-{hour}");
        return mustHaveFiles ? await FilesAsync(instance, app, type, hour) : [];
    }

    private static async Task<List<DownloadedFile>> FilesAsync(AppInstance instance, SampleApp app, string type, string hour)
    {
        var answer = await app.OkAsync("open_msg_svc", "get_history", new { ChatType = type, MsgTime = hour });
        using var http = new HttpClient();
        var files = new List<DownloadedFile>();
        foreach (var entry in answer.GetProperty("File").EnumerateArray())
        {
            var packed = await http.GetByteArrayAsync(new Uri(entry.GetProperty("URL").GetString()!), Stop);
            using var text = new StreamReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress), Encoding.UTF8);
            files.Add(new DownloadedFile(entry, packed, await text.ReadToEndAsync(Stop)));
        }

        return files;
    }

    private static Task<int> CodeAsync(AppInstance instance, SampleApp app, string type, string hour) =>
        instance.CodeAsync(app.App, "open_msg_svc", "get_history", JsonSerializer.Serialize(new { ChatType = type, MsgTime = hour }));

    private static IReadOnlyList<JsonElement> MessagesOf(string file) => [.. JsonElement.Parse(file).GetProperty("MsgList").EnumerateArray()];

    private static string TextOf(JsonElement message) => message.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Text").GetString()!;

#pragma warning disable CA5351 // The API says MD5.
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    private static DateTimeOffset HourOf(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds() / 3600 * 3600);

    private sealed record DownloadedFile(JsonElement Entry, byte[] Packed, string Text);
}
