using Azure.Storage.Queues;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class WorkQueueTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_delivery_in_the_work_queue_reaches_the_client_and_leaves_the_queue()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var client = await environment.ConnectAsync(mia);
        var queue = new QueueClient(
            environment.Settings.Storage, TableNames.DeliverQueue, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        var job = DeliverJob.Create(DeliveryTarget.Account(new AccountKey(environment.Settings.SdkAppId, mia)), ["""{"Type":"Test","Text":"迟到 \"late\""}"""u8.ToArray()]);

        await queue.SendMessageAsync(job.ToJson(), TestContext.Current.CancellationToken);

        var received = await client.WaitForAsync(_ => true);
        Assert.Equal("迟到 \"late\"", received.GetProperty("Text").GetString());
        await Eventually.HoldsAsync(async () => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0);
    }
}
