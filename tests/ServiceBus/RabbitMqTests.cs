using Amqp;
using Amqp.Framing;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Tests.Support;

namespace Parley.Tests.ServiceBus;

/// <summary>The sender against a broker that is not ours: RabbitMQ's own AMQP 1.0. It knows neither <c>$cbs</c> nor batches, sessions or schedules.</summary>
public sealed class RabbitMqTests(RabbitMq rabbit) : IClassFixture<RabbitMq>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_that_come_together_are_each_stored_once()
    {
        await rabbit.StartedAsync();
        await using var sender = Sender();
        var numbers = Enumerable.Range(0, 200).Select(number => $$"""{"Number":{{number}},"Text":"你好"}""").ToList();

        await Task.WhenAll(numbers.Select(json => sender.EnqueueAsync(new WorkJob("together", json), Stop)));

        var messages = await rabbit.ReceiveAsync("together", numbers.Count);
        Assert.Equal(numbers.Order(StringComparer.Ordinal), messages.Select(RabbitMq.Text).Order(StringComparer.Ordinal));
        Assert.All(messages, message => Assert.True(message.Header.Durable));
        Assert.Equal(numbers.Count, messages.Select(message => message.Properties.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task After_the_broker_was_restarted_jobs_go_on_and_those_before_are_still_there()
    {
        await rabbit.StartedAsync();
        var queue = await rabbit.DeclareAsync("restart");
        await using var sender = Sender();
        await sender.EnqueueAsync(new WorkJob(queue, "before"), Stop);
        await rabbit.StopAsync();

        var during = sender.EnqueueAsync(new WorkJob(queue, "during"), Stop);
        Assert.False(during.IsCompleted);
        await rabbit.StartAsync();
        await during;
        await sender.EnqueueAsync(new WorkJob(queue, "after"), Stop);

        Assert.Equal(["before", "during", "after"], (await rabbit.ReceiveAsync(queue, 3)).Select(RabbitMq.Text));
    }

    [Fact]
    public async Task A_batch_would_be_one_message_to_it_and_a_delay_it_could_not_keep_is_refused()
    {
        await rabbit.StartedAsync();
        var connection = await rabbit.ConnectAsync();
        var link = new SenderLink(new Session(connection), "batch", "batch");
        await link.SendAsync(JobMessage.ToBatch([new JobMessage("1", null, null), new JobMessage("2", null, null)]), Eventually.Deadline);
        await connection.CloseAsync();
        await using var sender = Sender();

        var received = Assert.Single(await rabbit.ReceiveAsync("batch", 1));
        Assert.Equal(2, Assert.IsType<DataList>(received.BodySection).Count);
        await Assert.ThrowsAsync<NotSupportedException>(() => sender.EnqueueAsync(new WorkJob("batch", "{}", TimeSpan.FromMinutes(1)), Stop));
    }

    private ServiceBusWorkQueue Sender() => new(
        new ServiceBusOptions { ConnectionString = rabbit.ConnectionString, RetryMilliseconds = 60_000 },
        new AppIdentity(new Azure.Identity.AzureCliCredential()), TimeProvider.System, NullLogger.Instance, []);
}
