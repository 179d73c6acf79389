using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>The program without a single key, as it runs in Azure.</summary>
public sealed class ManagedIdentityTests(AzuriteFixture azurite)
{
    private const string StorageResource = "https://storage.azure.com";
    private const string SignalRResource = "https://signalr.azure.com";
    private const string ServiceBusResource = "https://servicebus.azure.net";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_are_stored_delivered_and_read_back_and_connections_are_known()
    {
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.StorageQueue, azurite);
        await environment.StartSignalRAsync();
        var api = environment.Api;
        await api.ImportAsync("mia", "jonas");
        await using var client = await ClientConnection.StartAsync(api, "mia");
        await using var second = await ClientConnection.StartAsync(api, "mia");

        await api.CallOkAsync("openim", "sendmsg", Messages.Text("jonas", "mia", "no key at all").ToJsonString());

        await client.WaitForAsync(received => received.GetRawText().Contains("no key at all", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => await api.StatusAsync("mia") == "Online");
        var history = await api.CallOkAsync(
            "openim", "admin_getroammsg", new { Operator_Account = "jonas", Peer_Account = "mia", MaxCnt = 10, MinTime = 0, MaxTime = 4_000_000_000L });
        Assert.Equal(1, history.GetProperty("MsgCnt").GetInt32());
        Assert.NotNull(await environment.Tables.GetTableClient(TableNames.Accounts).GetEntityIfExistsAsync<Azure.Data.Tables.TableEntity>("1400000001|mia", "a", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(1, environment.SignalR!.Counters.KeyCalls);
        Assert.Equal((1, 1, 0), (environment.Identity.RequestsFor(StorageResource), environment.Identity.RequestsFor(SignalRResource), environment.Identity.RequestsFor(ServiceBusResource)));
    }

    [Fact]
    public async Task What_SignalR_does_not_take_waits_in_a_queue_of_the_storage_account()
    {
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.StorageQueue, azurite);
        await SendAsync(environment.Api);

        var queue = environment.Queues.GetQueueClient(TableNames.DeliverQueue);
        var job = await Eventually.GetAsync(
            "a job", async () => (await queue.ReceiveMessagesAsync(1)).Value.FirstOrDefault()?.Body.ToString(), LocalProgram.Patience);

        Assert.Contains("for the queue", job, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_SignalR_does_not_take_waits_in_Service_Bus_and_is_delivered_from_there()
    {
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.ServiceBus, azurite);
        await SendAsync(environment.Api);
        var queue = environment.Bus.Queue(TableNames.DeliverQueue);
        await Eventually.TrueAsync("a job", () => queue.Transfers.Count == 1, LocalProgram.Patience);
        Assert.Contains("for the queue", Assert.Single(queue.Messages).Text, StringComparison.Ordinal);

        await environment.StartSignalRAsync();

        await Eventually.TrueAsync("the job to be done", () => queue.Messages.Count == 0, LocalProgram.Patience);
        Assert.Equal((1, 0), (environment.SignalR!.Counters.RestCalls, queue.DeadLetters.Count));
        Assert.Empty(await DeadLettersAsync(environment));
        Assert.Equal(1, environment.Identity.RequestsFor(ServiceBusResource));
    }

    [Fact]
    public async Task A_job_of_Service_Bus_that_fails_for_good_is_noted_with_its_reason_like_one_of_a_storage_queue()
    {
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.ServiceBus, azurite);

        await SendAsync(environment.Api);

        var letter = await Eventually.GetAsync("the dead letter", async () => (await DeadLettersAsync(environment)).FirstOrDefault(), LocalProgram.Patience);
        Assert.Equal(5, letter.GetInt32("Attempts"));
        Assert.Contains("refused", letter.GetString("Reason"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("for the queue", letter.GetString("Payload"), StringComparison.Ordinal);
        var queue = environment.Bus.Queue(TableNames.DeliverQueue);
        await Eventually.HoldsAsync(() => queue.Messages.Count == 0);
        Assert.Empty(queue.DeadLetters);
    }

    [Fact]
    public async Task Callbacks_after_events_go_through_a_session_of_Service_Bus_one_after_another()
    {
        const string After = "C2C.CallbackAfterSendMsg";
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.ServiceBus, azurite);
        await environment.StartSignalRAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        await environment.Api.ImportAsync("mia", "jonas");
        await environment.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = receiver.Url, CallbackCommands = new[] { After } });

        string[] texts = ["one", "two", "three", "four"];
        foreach (var text in texts)
        {
            await environment.Api.CallOkAsync("openim", "sendmsg", Messages.Text("jonas", "mia", text).ToJsonString());
        }

        await receiver.WaitForAsync(After, texts.Length);
        Assert.Equal(texts, receiver.Received.Select(callback => Messages.TextOf(callback.Body)));
        var queue = environment.Bus.Queue(TableNames.CallbackQueue);
        Assert.NotEmpty(queue.Transfers);
        await Eventually.TrueAsync("all jobs to be done", () => queue.Messages.Count == 0, LocalProgram.Patience);
        Assert.Empty(queue.DeadLetters);
    }

    [Fact]
    public async Task Exports_are_made_by_jobs_of_Service_Bus_read_by_links_that_a_lent_key_signs_restored_and_erased()
    {
        await using var environment = await IdentityEnvironment.StartAsync(WorkQueueKind.ServiceBus, azurite);
        await environment.StartSignalRAsync();
        var api = environment.Api;
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", "of mia").ToJsonString());

        var (_, account) = await FinishAsync(api, "im_open_login_svc", "export_account", new { UserID = "mia" });
        var link = LinkOf(account);
        Assert.Contains("of mia", await environment.Http.GetStringAsync(link, Stop), StringComparison.Ordinal);
        Assert.Contains("skoid=", link.Query, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(environment, new Uri(link.GetLeftPart(UriPartial.Path))));

        var (export, manifest) = await FinishAsync(api, "openconfigsvr", "export_app", new { });
        var checksum = manifest.GetProperty("File")[0].GetProperty("FileSHA256").GetString();
        Assert.Equal(checksum, Convert.ToHexStringLower(SHA256.HashData(await environment.Http.GetByteArrayAsync(LinkOf(manifest), Stop))));

        await api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", "after the export").ToJsonString());
        await FinishAsync(api, "openconfigsvr", "restore_app", new { ExportId = export, Checksum = checksum, Force = 1 });
        Assert.Equal(1, (await HistoryAsync(api)).GetProperty("MsgCnt").GetInt32());

        await FinishAsync(api, "im_open_login_svc", "erase_account", new { UserID = "mia" });
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(environment, link));
        Assert.DoesNotContain("of mia", (await HistoryAsync(api)).GetRawText(), StringComparison.Ordinal);
        var queue = environment.Bus.Queue(TableNames.TaskQueue);
        Assert.NotEmpty(queue.Transfers);
        await Eventually.TrueAsync("all jobs to be done", () => queue.Messages.Count == 0, LocalProgram.Patience);
        Assert.Empty(queue.DeadLetters);
        Assert.Equal(1, environment.Identity.RequestsFor(StorageResource));
    }

    private static Task<JsonElement> HistoryAsync(ApiClient api) => api.CallOkAsync(
        "openim", "admin_getroammsg", new { Operator_Account = "jonas", Peer_Account = "mia", MaxCnt = 10, MinTime = 0, MaxTime = 4_000_000_000L });

    private static Uri LinkOf(JsonElement task) => new(task.GetProperty("File")[0].GetProperty("URL").GetString()!);

    private static async Task<HttpStatusCode> StatusAsync(IdentityEnvironment environment, Uri link)
    {
        using var answer = await environment.Http.GetAsync(link, Stop);
        return answer.StatusCode;
    }

    /// <summary>Starts a task and waits for its end.</summary>
    private static async Task<(string Id, JsonElement Task)> FinishAsync(ApiClient api, string service, string command, object body)
    {
        var id = (await api.CallOkAsync(service, command, body)).GetProperty("TaskId").GetString()!;
        var done = await Eventually.GetAsync<JsonElement?>($"{command} to be done", AskAsync, LocalProgram.Patience + TimeSpan.FromMinutes(1));
        return (id, done!.Value);

        async Task<JsonElement?> AskAsync()
        {
            var task = await api.CallOkAsync("openconfigsvr", "get_task", new { TaskId = id });
            var state = task.GetProperty("Task").GetProperty("State").GetString();
            Assert.NotEqual("Failed", state);
            return state == "Done" ? task : null;
        }
    }

    /// <summary>Nobody is connected, and SignalR is not there: the event goes to the work queue.</summary>
    private static async Task SendAsync(ApiClient api)
    {
        await api.ImportAsync("mia", "jonas");
        await api.CallOkAsync("openim", "sendmsg", Messages.Text("jonas", "mia", "for the queue", more: ("SyncOtherMachine", 2)).ToJsonString());
    }

    private static async Task<List<Azure.Data.Tables.TableEntity>> DeadLettersAsync(IdentityEnvironment environment)
    {
        var letters = new List<Azure.Data.Tables.TableEntity>();
        await foreach (var row in environment.Tables.GetTableClient(TableNames.DeadLetters).QueryAsync<Azure.Data.Tables.TableEntity>("PartitionKey eq 'deliver|1400000001'"))
        {
            letters.Add(row);
        }

        return letters;
    }
}
