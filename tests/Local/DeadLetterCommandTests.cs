using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Parley.Apps;
using Parley.Archives;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;

namespace Parley.Tests.LocalRun;

/// <summary>deadletters, beside the shared environment: what the app or the host has given up is shown, sent again through the real queue, and dropped.</summary>
public sealed class DeadLetterCommandTests(LocalEnvironmentFixture fixture, AzuriteFixture azurite)
{
    private const string Place = TableNames.DeadLetters;
    private const string After = "C2C.CallbackAfterSendMsg";
    private const string PoisonPlace = TableNames.DeliverQueue + "-poison";

    [Fact]
    public async Task A_delivery_that_was_given_up_is_listed_and_reaches_its_client_when_it_is_sent_again()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var text = $"given up {new string('x', 33_000)} 长";
        var id = await NoteAsync(environment, DeliveryTo(environment, mia, text));

        var listed = await RunAsync(environment, "list", "--id", id);
        await using var client = await environment.ConnectAsync(mia);
        var sent = await RunAsync(environment, "resend", "--id", id);

        Assert.Contains($"  {id}  deliver  1400000001  {Place}  after 5 attempts: SignalR was away", listed[0], StringComparison.Ordinal);
        Assert.Equal("1 deliver in deadletters, app 1400000001", listed[1]);
        Assert.DoesNotContain("given up", string.Join('\n', listed), StringComparison.Ordinal);
        Assert.Equal(["sent again: 1 deliver in deadletters, app 1400000001"], sent);
        Assert.Equal(text, (await client.WaitForAsync(_ => true)).GetProperty("Text").GetString());
        Assert.Equal(["Nothing."], await RunAsync(environment, "list", "--id", id));
    }

    [Fact]
    public async Task A_job_in_a_poison_queue_is_shown_with_its_content_and_done_when_it_is_sent_again()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var client = await environment.ConnectAsync(mia);
        var poison = await PoisonAsync(environment);
        var sent = await poison.SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(DeliveryTo(environment, mia, "poisoned").ToJson())), TestContext.Current.CancellationToken);
        var id = sent.Value.MessageId;

        var listed = await RunAsync(environment, "--id", id, "--content");
        var again = await RunAsync(environment, "resend", "--id", id);

        Assert.Contains($"  {id}  deliver  1400000001  {PoisonPlace}  ", listed[0], StringComparison.Ordinal);
        Assert.Contains("\"Text\":\"poisoned\"", listed[1], StringComparison.Ordinal);
        Assert.Equal([$"sent again: 1 deliver in {PoisonPlace}, app 1400000001"], again);
        Assert.Equal("poisoned", (await client.WaitForAsync(_ => true)).GetProperty("Text").GetString());
        Assert.DoesNotContain(id, await IdsInAsync(poison));
    }

    [Fact]
    public async Task What_the_host_put_aside_since_it_is_no_text_stays_when_it_is_sent_again_and_goes_when_it_is_dropped()
    {
        var environment = await fixture.StartedAsync();
        var nonsense = $"no base64 {Guid.NewGuid()}!";
        var queue = new QueueClient(environment.Settings.Storage, TableNames.DeliverQueue);
        await queue.SendMessageAsync(nonsense, TestContext.Current.CancellationToken);
        var poison = await PoisonAsync(environment);
        var id = await Eventually.GetAsync(
            "the poison message", async () => (await poison.PeekMessagesAsync(32)).Value.FirstOrDefault(message => message.Body.ToString() == nonsense)?.MessageId, LocalProgram.Patience);

        var again = await RunAsync(environment, expectedCode: 1, "resend", "--id", id);
        var kept = await IdsInAsync(poison);
        var dropped = await RunAsync(environment, "drop", "--id", id);

        Assert.StartsWith("Stays, since it cannot be read: ", again[0], StringComparison.Ordinal);
        Assert.Equal("Nothing.", again[1]);
        Assert.Contains(id, kept);
        Assert.Equal([$"dropped: 1 deliver in {PoisonPlace}, of no app"], dropped);
        Assert.DoesNotContain(id, await IdsInAsync(poison));
    }

    [Fact]
    public async Task Dead_callbacks_of_an_app_are_sent_again_oldest_first_and_those_of_others_stay()
    {
        var environment = await fixture.StartedAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Script = _ => new CallbackReply(500, []);
        var (app, otherApp) = (0u, 0u);
        using var api = await environment.AddAppAsync(before => WithCallbacks(before, receiver, out app));
        using var other = await environment.AddAppAsync(before => WithCallbacks(before, receiver, out otherApp));
        await SendAsync(other, "of another app");
        foreach (var text in (string[])["one", "two"])
        {
            await SendAsync(api, text);
        }

        await Eventually.HoldsAsync(async () => await DeadAsync(api) + await DeadAsync(other) == 3);
        receiver.Forget();
        receiver.Script = static _ => CallbackReply.Ok;
        var sent = await RunAsync(environment, "resend", "--all", "--kind", "callback", "--app", $"{app}");

        Assert.Equal([$"sent again: 2 callback in {Place}, app {app}"], sent);
        var received = await receiver.WaitForAsync(After, 2);
        Assert.Equal(["one", "two"], received.Select(callback => EndToEnd.Messages.TextOf(callback.Body)));
        Assert.Equal((0, 1), (await DeadAsync(api), await DeadAsync(other)));
        await RunAsync(environment, "drop", "--all", "--app", $"{otherApp}");
        Assert.Equal(0, await DeadAsync(other));
    }

    [Fact]
    public async Task A_task_that_was_given_up_goes_on_when_it_is_sent_again()
    {
        var environment = await fixture.StartedAsync();
        var (sourceApp, targetApp) = (0u, 0u);
        using var source = await environment.AddAppAsync(before => WithId(before, out sourceApp));
        using var target = await environment.AddAppAsync(before => WithId(before, out targetApp));
        await source.ImportAsync("mia");
        var export = (await source.CallOkAsync("openconfigsvr", "export_app", new { })).GetProperty("TaskId").GetString()!;
        var exported = await TaskIsAsync(source, export, "Done");
        var manifest = new BlobContainerClient(environment.Settings.Storage, TableNames.ExportContainer).GetBlobClient($"{sourceApp}/{export}/manifest.json");
        var content = (await manifest.DownloadContentAsync(TestContext.Current.CancellationToken)).Value.Content;
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), null, ("Storage:ConnectionString", environment.Settings.Storage));
        await manifest.DeleteAsync(cancellationToken: TestContext.Current.CancellationToken);
        var parameters = new RestoreParameters(sourceApp, export, targetApp, exported.GetProperty("File")[0].GetProperty("FileSHA256").GetString()!, Force: false);
        var restore = (await app.Get<TaskTable>().StartAsync(RestoreTask.TaskOf(parameters, "administrator"), TestContext.Current.CancellationToken)).Id;
        await TaskIsAsync(target, restore, "Failed");
        await manifest.UploadAsync(content, TestContext.Current.CancellationToken);

        var listed = await RunAsync(environment, "list", "--app", $"{targetApp}");
        var sent = await RunAsync(environment, "resend", "--all", "--kind", "task", "--app", $"{targetApp}");

        Assert.Contains($"  task  {targetApp}  {Place}  ", listed[0], StringComparison.Ordinal);
        Assert.Equal([$"sent again: 1 task in {Place}, app {targetApp}"], sent);
        Assert.Equal(["Nothing."], await RunAsync(environment, "list", "--app", $"{targetApp}"));
        Assert.Equal(1, (await TaskIsAsync(target, restore, "Running", counts => counts.TryGetProperty("Stage", out _))).GetProperty("Task").GetProperty("Counts").GetProperty("Stage").GetInt32());
    }

    [Fact]
    public async Task A_note_of_a_task_that_is_gone_stays_and_says_so_and_one_of_a_task_that_is_done_since_goes_without_doing_it_again()
    {
        var environment = await fixture.StartedAsync();
        var sdkAppId = 0u;
        using var api = await environment.AddAppAsync(before => WithId(before, out sdkAppId));
        var export = (await api.CallOkAsync("openconfigsvr", "export_app", new { })).GetProperty("TaskId").GetString()!;
        var done = await TaskIsAsync(api, export, "Done");
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), null, ("Storage:ConnectionString", environment.Settings.Storage));
        foreach (var task in new[] { "gone", export })
        {
            await app.Get<DeadLetterTable>().AddAsync(
                "task", sdkAppId, $$"""{"SdkAppId":{{sdkAppId}},"Task":"{{task}}","Kind":"export"}""", 5, $"about {task}", TestContext.Current.CancellationToken);
        }

        var again = await RunAsync(environment, expectedCode: 1, "resend", "--all", "--app", $"{sdkAppId}");

        Assert.Equal(2, again.Count);
        Assert.StartsWith("Stays, since its task is gone: ", again[0], StringComparison.Ordinal);
        Assert.Equal($"sent again: 1 task in {Place}, app {sdkAppId}", again[1]);
        Assert.EndsWith("about gone", (await RunAsync(environment, "list", "--app", $"{sdkAppId}"))[0], StringComparison.Ordinal);
        Assert.Equal(
            done.GetProperty("Task").GetRawText(), (await api.CallOkAsync("openconfigsvr", "get_task", new { TaskId = export })).GetProperty("Task").GetRawText());
    }

    [Fact]
    public async Task Without_an_environment_it_says_so()
    {
        var nowhere = Path.Combine(Path.GetTempPath(), $"parley-{Guid.NewGuid()}");

        await using var program = LocalProgram.Start("deadletters", "--data", nowhere);

        Assert.Equal(1, await program.WaitForExitAsync());
        Assert.StartsWith("No environment is running", program.Errors[0], StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<string>> RunAsync(LocalEnvironment environment, params string[] arguments) => RunAsync(environment, 0, arguments);

    private static async Task<IReadOnlyList<string>> RunAsync(LocalEnvironment environment, int expectedCode, params string[] arguments)
    {
        await using var program = LocalProgram.Start(["deadletters", .. arguments, "--data", environment.Data.Path]);
        var code = await program.WaitForExitAsync();
        Assert.True(code == expectedCode, program.AllOutput);
        return program.Output;
    }

    /// <summary>As the app notes it, with its own code on the environment's storage.</summary>
    private async Task<string> NoteAsync(LocalEnvironment environment, DeliverJob job)
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), null, ("Storage:ConnectionString", environment.Settings.Storage));
        var reason = $"SignalR was away {Guid.NewGuid():N}";
        await app.Get<DeadLetterTable>().AddAsync("deliver", job.SdkAppId, job.ToJson(), 5, reason, TestContext.Current.CancellationToken);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq 'deliver|1400000001' and Reason eq {reason}");
        await foreach (var row in app.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(filter))
        {
            return row.RowKey.Split('|')[1];
        }

        throw new InvalidOperationException("It was not noted.");
    }

    private static async Task<JsonElement> TaskIsAsync(ApiClient api, string id, string state, Func<JsonElement, bool>? counts = null)
    {
        return (await Eventually.GetAsync<JsonElement?>($"task {id} {state}", AskAsync, LocalProgram.Patience))!.Value;

        async Task<JsonElement?> AskAsync()
        {
            var answer = await api.CallOkAsync("openconfigsvr", "get_task", new { TaskId = id });
            var task = answer.GetProperty("Task");
            return task.GetProperty("State").GetString() == state && counts?.Invoke(task.GetProperty("Counts")) is not false ? answer : null;
        }
    }

    private static App WithId(App app, out uint sdkAppId)
    {
        sdkAppId = app.SdkAppId;
        return app;
    }

    private static App WithCallbacks(App app, CallbackReceiver receiver, out uint sdkAppId)
    {
        sdkAppId = app.SdkAppId;
        return app with { CallbackUrl = receiver.Url, CallbackCommands = [After], CallbackAttempts = 1 };
    }

    private static DeliverJob DeliveryTo(LocalEnvironment environment, string account, string text)
    {
        var json = $$"""{"Type":"Test","Text":"{{text}}"}""";
        return DeliverJob.Create(DeliveryTarget.Account(new AccountKey(environment.Settings.SdkAppId, account)), [Encoding.UTF8.GetBytes(json)]);
    }

    private static async Task<QueueClient> PoisonAsync(LocalEnvironment environment)
    {
        var poison = new QueueClient(environment.Settings.Storage, PoisonPlace);
        await poison.CreateIfNotExistsAsync(cancellationToken: TestContext.Current.CancellationToken);
        return poison;
    }

    private static async Task<List<string>> IdsInAsync(QueueClient queue) => [.. (await queue.PeekMessagesAsync(32)).Value.Select(message => message.MessageId)];

    private static async Task SendAsync(ApiClient api, string text)
    {
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync("openim", "sendmsg", EndToEnd.Messages.Text("jonas", "mia", text).ToJsonString());
    }

    private static async Task<int> DeadAsync(ApiClient api) =>
        (await api.CallOkAsync("openconfigsvr", "get_dead_callbacks", "{}")).GetProperty("DeadCallbacks").GetArrayLength();
}
