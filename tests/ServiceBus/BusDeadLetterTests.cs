using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Identity;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Local;
using Parley.Local.ServiceBus;
using Parley.Local.Storage;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.ServiceBus;

/// <summary>The command deadletters towards Service Bus, with queues as they are deployed and nobody who takes jobs.</summary>
public sealed class BusDeadLetterTests(AzuriteFixture azurite)
{
    private readonly uint _app = AppIds.Next();

    [Fact]
    public async Task Jobs_that_Service_Bus_put_aside_go_back_into_their_queue_and_session_or_are_dropped()
    {
        await using var bus = ServiceBusEmulator.Start(new ServiceBusEmulatorOptions
        {
            Port = LoopbackPort.AnyFree(),
            Key = "a key of the tests",
            Queues = [.. TableNames.Queues.Select(queue => new BusQueueOptions(queue, TableNames.SessionQueues.Contains(queue)))],
        });
        await StorageLayout.CreateAsync(await azurite.ConnectionStringAsync(), TestContext.Current.CancellationToken);
        await PutAsideAsync(bus);
        var (deliver, callback) = (bus.Queue(TableNames.DeliverQueue), bus.Queue(TableNames.CallbackQueue));
        Assert.Equal((2, 1), (deliver.DeadLetters.Count, callback.DeadLetters.Count));

        var listed = await RunAsync(bus, 0, "list", "--app", $"{_app}");
        var kept = (deliver.DeadLetters.Count, callback.DeadLetters.Count);
        var sent = await RunAsync(bus, 0, "resend", "--all", "--app", $"{_app}");
        var stays = await RunAsync(bus, 1, "resend", "--id", deliver.DeadLetters[0].Id!);
        var dropped = await RunAsync(bus, 0, "drop", "--id", deliver.DeadLetters[0].Id!);

        Assert.Contains(listed, line => line.EndsWith($"  deliver  {_app}  parley-deliver/$DeadLetterQueue  MaxDeliveryCountExceeded", StringComparison.Ordinal));
        Assert.Equal((2, 1), kept);
        Assert.Equal(
            [$"sent again: 1 callback in parley-callback/$DeadLetterQueue, app {_app}", $"sent again: 1 deliver in parley-deliver/$DeadLetterQueue, app {_app}"], sent);
        Assert.Contains("\"Type\":\"Test\"", Assert.Single(deliver.Messages).Text, StringComparison.Ordinal);
        Assert.Equal($"accounts|{_app}|mia", Assert.Single(callback.Messages).Session);
        Assert.StartsWith("Stays, since it cannot be read: ", stays[0], StringComparison.Ordinal);
        Assert.Equal(["dropped: 1 deliver in parley-deliver/$DeadLetterQueue, of no app"], dropped);
        Assert.Equal((0, 0), (deliver.DeadLetters.Count, callback.DeadLetters.Count));
    }

    // Each comes back as often as the queue allows.
    private async Task PutAsideAsync(ServiceBusEmulator bus)
    {
        var options = new ServiceBusOptions { ConnectionString = bus.ConnectionString };
        var identity = new AppIdentity(new DefaultAzureCredential());
        await using var queue = new ServiceBusWorkQueue(
            options, identity, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TableNames.SessionQueues);
        var delivery = DeliverJob.Create(DeliveryTarget.Account(new AccountKey(_app, "mia")), ["""{"Type":"Test"}"""u8.ToArray()]);
        await queue.EnqueueAsync(new WorkJob(TableNames.DeliverQueue, delivery.ToJson()), CancellationToken.None);
        await queue.EnqueueAsync(new WorkJob(TableNames.DeliverQueue, "no job"), CancellationToken.None);
        await queue.EnqueueAsync(CallbackJob.Of(new CallbackStream(TableNames.Accounts, $"{_app}|mia")), CancellationToken.None);
        Assert.True(BusAddress.TryParse(options, out var address));
        using var tokens = new BusTokens(address, identity, TimeProvider.System);
        await using var connection = await BusConnection.OpenAsync(address, tokens, TimeProvider.System, CancellationToken.None);
        await FailAsync(await connection.AuthorizeAsync(TableNames.DeliverQueue, CancellationToken.None), TableNames.DeliverQueue, null, bus);
        await FailAsync(await connection.AuthorizeAsync(TableNames.CallbackQueue, CancellationToken.None), TableNames.CallbackQueue, $"accounts|{_app}|mia", bus);
    }

    private static async Task FailAsync(Session session, string queue, string? name, ServiceBusEmulator bus)
    {
        var source = new Source { Address = queue, FilterSet = name is null ? null : new Map { [new Symbol("com.microsoft:session-filter")] = name } };
        var link = new ReceiverLink(session, $"fail-{queue}", source, null);
        link.SetCredit(10);
        await Eventually.HoldsAsync(async () =>
        {
            if (await link.ReceiveAsync(TimeSpan.FromMilliseconds(100)) is { } message)
            {
                link.Modify(message, deliveryFailed: true, undeliverableHere: false);
            }

            return bus.Queue(queue).Messages.Count == 0;
        });
        await link.CloseAsync();
    }

    private async Task<IReadOnlyList<string>> RunAsync(ServiceBusEmulator bus, int expectedCode, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["Storage__ConnectionString"] = await azurite.ConnectionStringAsync(),
            ["ServiceBus__ConnectionString"] = bus.ConnectionString,
        };
        await using var program = LocalProgram.Start(["deadletters", .. arguments], environment);
        var code = await program.WaitForExitAsync();
        Assert.True(code == expectedCode, program.AllOutput);
        return program.Output;
    }
}
