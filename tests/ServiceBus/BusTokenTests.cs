using Amqp;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Delivery.ServiceBus;
using Parley.Local.Identity;
using Parley.Local.ServiceBus;
using Parley.Tests.Identity;
using Parley.Tests.Support;

namespace Parley.Tests.ServiceBus;

public sealed class BusTokenTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_without_a_token_is_refused()
    {
        await using var bus = TestBus.Start();
        var connection = await bus.ConnectAsync();
        var link = new SenderLink(new Session(connection), "bare", TestBus.Plain);

        var refused = await Assert.ThrowsAsync<AmqpException>(() => link.SendAsync(TestBus.Message("{}"), Eventually.Deadline));

        Assert.Equal(ErrorCode.UnauthorizedAccess, refused.Error.Condition.ToString());
        await connection.CloseAsync();
    }

    [Fact]
    public async Task An_identity_s_token_opens_the_queue_and_one_for_another_service_does_not()
    {
        await using var issuer = await IdentityEndpointEmulator.StartAsync(new(), NullLoggerFactory.Instance, Stop);
        await using var bus = TestBus.Start(options => options with { Entra = issuer.Trust });

        await TestBus.SendAsync(bus.Sender(credential: new TestCredential(issuer)), "{}");
        var elsewhere = new TestCredential(issuer) { Audience = "https://storage.azure.com" };
        var refused = await Assert.ThrowsAsync<AmqpException>(() => TestBus.SendAsync(bus.Sender(credential: elsewhere), "{}"));

        Assert.Equal(ErrorCode.UnauthorizedAccess, refused.Error.Condition.ToString());
        Assert.Single(bus.Texts());
    }

    [Fact]
    public async Task The_broker_ends_a_link_whose_token_is_over()
    {
        var time = TestBus.NewClock();
        await using var bus = TestBus.Start(options => options with { Time = time });
        Assert.True(BusAddress.TryParse(new ServiceBusOptions { ConnectionString = bus.Emulator.ConnectionString }, out var address));
        using var tokens = new BusTokens(address, new Parley.Identity.AppIdentity(new Azure.Identity.AzureCliCredential()), time);
        await using var connection = await BusConnection.OpenAsync(address, tokens, time, Stop);
        var sender = await connection.SenderOfAsync(TestBus.Plain, Stop);
        await sender.Link.SendAsync(TestBus.Message("in time"), Eventually.Deadline);

        time.Advance(TimeSpan.FromMinutes(61));

        await Assert.ThrowsAsync<AmqpException>(() => sender.Link.SendAsync(TestBus.Message("late"), Eventually.Deadline));
        Assert.Equal(["in time"], bus.Texts());
    }

    [Fact]
    public async Task A_token_is_renewed_on_the_same_connection_before_it_ends_and_links_stay_open()
    {
        var time = TestBus.NewClock();
        await using var issuer = await IdentityEndpointEmulator.StartAsync(new() { Time = time, TokenLifetime = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance, Stop);
        await using var bus = TestBus.Start(options => options with { Time = time, Entra = issuer.Trust });
        var (byKey, credential) = (bus.Sender(), new TestCredential(issuer));
        var byIdentity = bus.Sender(credential: credential);
        await TestBus.SendAsync(byKey, "1");
        await TestBus.SendAsync(byIdentity, "2");
        time.Advance(TimeSpan.FromMinutes(30));
        await TestBus.SendAsync(byKey, "3");
        await TestBus.SendAsync(byIdentity, "4");
        Assert.Equal((2, 1), (bus.Emulator.TokensPut, credential.Requests));

        // Longer than a token lives, in steps that are shorter.
        foreach (var text in new[] { "5", "6", "7" })
        {
            time.Advance(TimeSpan.FromMinutes(26));
            await TestBus.SendAsync(byKey, text);
            await TestBus.SendAsync(byIdentity, text);
        }

        Assert.Equal(["1", "2", "3", "4", "5", "5", "6", "6", "7", "7"], bus.Texts());
        Assert.Equal(2, bus.Emulator.Queue(TestBus.Plain).Senders);
        Assert.InRange(credential.Requests, 2, 3);
    }

    [Fact]
    public async Task After_a_long_silence_the_next_job_brings_a_new_token()
    {
        var time = TestBus.NewClock();
        await using var bus = TestBus.Start(options => options with { Time = time });
        var sender = bus.Sender();
        await TestBus.SendAsync(sender, "before");

        time.Advance(TimeSpan.FromHours(5));
        await TestBus.SendAsync(sender, "after");

        Assert.Equal(["before", "after"], bus.Texts());
        Assert.Equal(2, bus.Emulator.TokensPut);
    }

    [Fact]
    public async Task A_queue_that_looks_for_duplicates_takes_a_message_once()
    {
        await using var bus = TestBus.Start(options => options with { Queues = [new BusQueueOptions(TestBus.Plain, FindsDuplicates: true)] });
        Assert.True(BusAddress.TryParse(new ServiceBusOptions { ConnectionString = bus.Emulator.ConnectionString }, out var address));
        using var tokens = new BusTokens(address, new Parley.Identity.AppIdentity(new Azure.Identity.AzureCliCredential()), TimeProvider.System);
        await using var connection = await BusConnection.OpenAsync(address, tokens, TimeProvider.System, Stop);
        var sender = await connection.SenderOfAsync(TestBus.Plain, Stop);
        var job = new JobMessage("{}", null, null);

        await sender.Link.SendAsync(job.ToMessage(), Eventually.Deadline);
        await sender.Link.SendAsync(job.ToMessage(), Eventually.Deadline);
        await sender.Link.SendAsync(JobMessage.ToBatch([job, new JobMessage("other", null, null)]), Eventually.Deadline);

        Assert.Equal(["{}", "other"], bus.Texts());
    }
}
