using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Parley.Delivery;
using Parley.Local;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Delivery;

/// <summary>The SignalR service is away: events go to the work queue, and from there to the client or to the dead-letter list.</summary>
public sealed class OutageTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_event_that_could_not_be_delivered_is_delivered_from_the_work_queue_when_the_service_is_back()
    {
        var port = LoopbackPort.AnyFree();
        await using var app = await AppInstance.StartAsync(azurite, new Uri($"http://127.0.0.1:{port}"));
        await app.ImportAsync("outage-mia");
        await app.ImportAsync("outage-jonas");
        await app.SendAsync("outage-mia", "outage-jonas", 1);
        await app.FlushAsync();
        var job = await TakeJobAsync("outage-jonas");

        Assert.Equal(StatusCodes.Status500InternalServerError, (await CallDeliverAsync(app, job, attempt: 1)).Status);
        await using var signalR = await AppInstance.StartSignalRAsync(port);
        var (status, body) = await CallDeliverAsync(app, job, attempt: 2);

        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.Equal(JsonValueKind.Object, body.ValueKind);
        Assert.Equal(1, signalR.Counters.RestCalls);
    }

    [Fact]
    public async Task The_last_failed_attempt_is_noted_with_its_reason()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri($"http://127.0.0.1:{LoopbackPort.AnyFree()}"));
        var job = DeliverJob.Create(DeliveryTarget.Account(new AccountKey(1400000001, "nobody-listens")), ["{}"u8.ToArray()]).ToJson();

        var (status, _) = await CallDeliverAsync(app, job, attempt: 5);

        Assert.Equal(StatusCodes.Status200OK, status);
        var letter = Assert.Single(await DeadLettersAsync(app, job));
        Assert.Equal(5, letter.GetInt32("Attempts"));
        Assert.Contains("refused", letter.GetString("Reason"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_job_that_cannot_be_read_is_given_up_at_once()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var job = $"not a job {Guid.NewGuid()}";

        var (status, _) = await CallDeliverAsync(app, job, attempt: 1);

        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.Single(await DeadLettersAsync(app, job));
    }

    [Fact]
    public async Task Events_for_one_account_that_wait_for_a_call_share_the_next()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var proxy = await FaultProxy.StartAsync(signalR.Endpoint, FaultPlans.Script(_ => true, Fault.Delay(TimeSpan.FromSeconds(1))));
        await using var app = await AppInstance.StartAsync(azurite, proxy.Address);
        var outbox = app.Get<Outbox>();

        for (var n = 0; n < 50; n++)
        {
            await outbox.SendAsync(app.Key("busy"), "{}"u8.ToArray());
        }

        await app.FlushAsync();
        Assert.Equal(2, proxy.Requests.Count);
    }

    [Fact]
    public async Task What_still_waits_when_the_program_stops_goes_to_the_work_queue()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var proxy = await FaultProxy.StartAsync(signalR.Endpoint, _ => Fault.TimeOutBefore(TimeSpan.FromMinutes(1)));
        await using var app = await AppInstance.StartAsync(azurite, proxy.Address);
        await app.Get<Outbox>().SendAsync(app.Key("outage-stop"), "{}"u8.ToArray());

        await app.FlushAsync();

        Assert.Contains("outage-stop", await TakeJobAsync("outage-stop"), StringComparison.Ordinal);
    }

    // As the host calls: texts and numbers are JSON inside a JSON string.
    private static async Task<(int Status, JsonElement Body)> CallDeliverAsync(AppInstance app, string job, int attempt)
    {
        var envelope = JsonSerializer.Serialize(new
        {
            Data = new { job = JsonSerializer.Serialize(job) },
            Metadata = new { DequeueCount = $"{attempt}" },
        });
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(envelope));
        http.Response.Body = new MemoryStream();
        await app.Get<DeliverFunction>().HandleAsync(http);
        http.Response.Body.Position = 0;
        using var body = await JsonDocument.ParseAsync(http.Response.Body);
        return (http.Response.StatusCode, body.RootElement.Clone());
    }

    private async Task<string> TakeJobAsync(string account)
    {
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        var queue = new QueueClient(await azurite.ConnectionStringAsync(), TableNames.DeliverQueue, options);
        return await Eventually.GetAsync(
            "a job in the queue",
            async () => (await queue.ReceiveMessagesAsync(32)).Value.Select(message => message.Body.ToString()).FirstOrDefault(body => body.Contains(account, StringComparison.Ordinal)),
            Deadline);
    }

    private static async Task<List<TableEntity>> DeadLettersAsync(AppInstance app, string payload)
    {
        var letters = new List<TableEntity>();
        await foreach (var row in app.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey ge 'deliver|' and PartitionKey lt 'deliver}}' and Payload eq {payload}")))
        {
            letters.Add(row);
        }

        return letters;
    }
}
