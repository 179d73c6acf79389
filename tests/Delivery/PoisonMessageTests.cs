using System.Diagnostics.Metrics;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Parley.Local.Storage;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Delivery;

/// <summary>How operators hear of what the Functions host has put aside.</summary>
public sealed class PoisonMessageTests(AzuriteFixture azurite)
{
    private const string Metric = "parley.queue.poison";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_run_of_the_timer_measures_the_poison_queue_of_each_queue()
    {
        var connection = (await azurite.EndpointsAsync()).ConnectionStringOf(azurite.NewStorageAccount());
        await StorageLayout.CreateAsync(connection, Stop);
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), null, ("AzureWebJobsStorage", connection));
        var poison = new QueueClient(connection, "parley-callback-poison");

        Assert.Equal([("parley-callback", 0), ("parley-deliver", 0), ("parley-task", 0)], await RunAsync(instance));
        await poison.CreateAsync(cancellationToken: Stop);
        await poison.SendMessageAsync("one", Stop);
        await poison.SendMessageAsync("another", Stop);
        Assert.Equal([("parley-callback", 2), ("parley-deliver", 0), ("parley-task", 0)], await RunAsync(instance));
        await poison.ClearMessagesAsync(Stop);
        Assert.Equal([("parley-callback", 0), ("parley-deliver", 0), ("parley-task", 0)], await RunAsync(instance));
    }

    [Fact]
    public async Task Queues_that_cannot_be_reached_keep_nothing_else_from_being_done_and_tell_no_figure()
    {
        var endpoints = await azurite.EndpointsAsync();
        var account = azurite.NewStorageAccount();
        await StorageLayout.CreateAsync(endpoints.ConnectionStringOf(account), Stop);
        var withoutQueues = (endpoints with { Queue = new Uri("http://127.0.0.1:1") }).ConnectionStringOf(account);
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), null, ("AzureWebJobsStorage", withoutQueues));

        Assert.Empty(await RunAsync(instance, status: 500));

        // The last of the timer's work.
        Assert.NotNull(await instance.Get<TableStore>().ReadAsync(TableNames.Apps, "sweep", "retention", Stop));
    }

    private static async Task<IReadOnlyList<(string Queue, double Count)>> RunAsync(AppInstance instance, int status = 200)
    {
        using var heard = new HeardMetrics(instance.Get<IMeterFactory>(), Metric);
        var http = new DefaultHttpContext();
        await instance.Get<TimerFunction>().HandleAsync(http);
        Assert.Equal(status, http.Response.StatusCode);
        return [.. heard.Values.Select(value => (value.Tags["queue"], value.Value)).Order()];
    }
}
