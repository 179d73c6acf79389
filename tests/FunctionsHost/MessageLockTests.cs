using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using Parley.Local.FunctionsHost;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class MessageLockTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_stays_invisible_while_it_is_renewed_and_is_deleted_with_the_newest_receipt()
    {
        var renewals = new Renewals();
        var options = new QueueClientOptions();
        options.AddPolicy(renewals, HttpPipelinePosition.PerCall);
        var queue = new QueueClient(await azurite.ConnectionStringAsync(), azurite.NewName("lock"), options);
        await queue.CreateAsync(cancellationToken: Stop);
        await queue.SendMessageAsync("held", Stop);
        var duration = TimeSpan.FromSeconds(1);
        var message = (await queue.ReceiveMessageAsync(duration, Stop)).Value;

        var held = new MessageLock(queue, message, duration);
        await Eventually.HoldsAsync(() => renewals.Count >= 4);
        var seenByOthers = await queue.ReceiveMessagesAsync(10, duration, Stop);
        await held.DisposeAsync();
        await queue.DeleteMessageAsync(message.MessageId, held.PopReceipt, Stop);

        Assert.Empty(seenByOthers.Value);
        Assert.NotEqual(message.PopReceipt, held.PopReceipt);
        Assert.True(await QueueHost.IsEmptyAsync(queue));
    }

    private sealed class Renewals : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override void OnReceivedResponse(HttpMessage message)
        {
            if (message.Request.Method == RequestMethod.Put && message.Response.Status == 204)
            {
                Interlocked.Increment(ref _count);
            }
        }
    }
}
