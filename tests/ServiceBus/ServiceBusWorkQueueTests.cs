using Amqp;
using Parley.Delivery.ServiceBus;
using Parley.Tests.Support;

namespace Parley.Tests.ServiceBus;

public sealed class ServiceBusWorkQueueTests
{
    private static readonly int[] Hundred = [.. Enumerable.Range(0, 100)];

    [Fact]
    public async Task A_job_is_a_message_with_an_id_of_its_own_and_its_text()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();

        await TestBus.SendAsync(sender, """{"Text":"你好"}""");
        await TestBus.SendAsync(sender, "{}");

        var messages = bus.Emulator.Queue(TestBus.Plain).Messages;
        Assert.Equal(["""{"Text":"你好"}""", "{}"], messages.Select(message => message.Text));
        Assert.Equal(2, messages.Select(message => message.Id).OfType<string>().Distinct().Count());
        Assert.Equal(1, bus.Emulator.TokensPut);
    }

    [Fact]
    public async Task Jobs_that_come_while_a_send_is_under_way_share_the_next_transfer_in_their_order()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();

        await Task.WhenAll(Hundred.Select(number => TestBus.SendAsync(sender, $"{number}")));

        Assert.Equal(Hundred.Select(number => $"{number}"), bus.Texts());
        Assert.InRange(bus.Emulator.Queue(TestBus.Plain).Transfers.Count, 1, 5);
        Assert.Equal(100, bus.Emulator.Queue(TestBus.Plain).Messages.Select(message => message.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_transfer_is_no_larger_than_the_service_takes()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();
        var large = new string('x', 48 * 1024);

        await Task.WhenAll(Enumerable.Range(0, 21).Select(_ => TestBus.SendAsync(sender, large)));

        Assert.Equal(21, bus.Emulator.Queue(TestBus.Plain).Messages.Count);
        Assert.All(bus.Emulator.Queue(TestBus.Plain).Transfers, messages => Assert.InRange(messages, 1, 5));
    }

    [Fact]
    public async Task A_job_with_a_delay_is_scheduled_for_the_end_of_it_and_shares_no_transfer()
    {
        var time = TestBus.NewClock();
        await using var bus = TestBus.Start(options => options with { Time = time });
        var sender = bus.Sender();

        await Task.WhenAll(
            TestBus.SendAsync(sender, "first"),
            TestBus.SendAsync(sender, "later", delay: TimeSpan.FromMinutes(3)),
            TestBus.SendAsync(sender, "much later", delay: TimeSpan.FromMinutes(4)));

        var due = bus.Emulator.Queue(TestBus.Plain).Messages.ToDictionary(message => message.Text, message => message.Due);
        Assert.Equal((null, time.GetUtcNow().AddMinutes(3), time.GetUtcNow().AddMinutes(4)), (due["first"], due["later"], due["much later"]));
        Assert.Equal([1, 1, 1], bus.Emulator.Queue(TestBus.Plain).Transfers);
    }

    [Fact]
    public async Task Jobs_of_a_session_keep_their_order_and_those_without_get_one_each()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();

        await Task.WhenAll(Hundred.Select(number => TestBus.SendAsync(sender, $"{number}", TestBus.Ordered, $"session {number % 3}")));
        await TestBus.SendAsync(sender, "alone", TestBus.Ordered);
        await TestBus.SendAsync(sender, "alone too", TestBus.Ordered);

        var sessions = bus.Emulator.Queue(TestBus.Ordered).Messages.ToLookup(message => message.Session, message => message.Text);
        Assert.Equal(5, sessions.Count);
        Assert.All(Enumerable.Range(0, 3), rest => Assert.Equal(Hundred.Where(number => number % 3 == rest).Select(number => $"{number}"), sessions[$"session {rest}"]));
    }

    [Fact]
    public async Task A_name_of_a_session_that_is_too_long_for_the_service_is_shortened_and_names_the_same_session()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();

        await TestBus.SendAsync(sender, "1", TestBus.Ordered, new string('s', 200));
        await TestBus.SendAsync(sender, "2", TestBus.Ordered, new string('s', 200));
        await TestBus.SendAsync(sender, "3", TestBus.Ordered, new string('s', 201));

        var sessions = bus.Emulator.Queue(TestBus.Ordered).Messages.Select(message => message.Session!).ToList();
        Assert.All(sessions, session => Assert.InRange(session.Length, 1, 128));
        Assert.Equal((sessions[0], false), (sessions[1], sessions[1] == sessions[2]));
    }

    [Fact]
    public async Task A_queue_without_sessions_gets_none()
    {
        await using var bus = TestBus.Start();

        await TestBus.SendAsync(bus.Sender(), "{}", session: "unused");

        Assert.Null(Assert.Single(bus.Emulator.Queue(TestBus.Plain).Messages).Session);
    }

    [Fact]
    public async Task What_the_broker_refuses_is_reported_at_once()
    {
        await using var bus = TestBus.Start();
        var wrong = bus.Emulator.ConnectionString.Replace("a key of the tests", "another key", StringComparison.Ordinal);

        var unauthorized = await Assert.ThrowsAsync<AmqpException>(() => TestBus.SendAsync(bus.Sender(wrong), "{}"));
        var unknown = await Assert.ThrowsAsync<AmqpException>(() => TestBus.SendAsync(bus.Sender(), "{}", "no such queue"));

        Assert.Equal(ErrorCode.UnauthorizedAccess, unauthorized.Error.Condition.ToString());
        Assert.Equal(ErrorCode.NotFound, unknown.Error.Condition.ToString());
        Assert.Empty(bus.Texts());
    }

    [Fact]
    public async Task Jobs_wait_for_a_broker_that_comes_back_and_use_a_new_connection()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();
        await TestBus.SendAsync(sender, "before");
        await bus.StopAsync();

        var during = Task.WhenAll(Enumerable.Range(0, 3).Select(number => TestBus.SendAsync(sender, $"{number}")));
        Assert.False(during.IsCompleted);
        bus.StartAgain();
        await during;
        await TestBus.SendAsync(sender, "after");

        Assert.Equal(["0", "1", "2", "after"], bus.Texts());
    }

    [Fact]
    public async Task A_job_for_a_broker_that_does_not_come_back_is_reported_as_failed()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender(retryMilliseconds: 500);
        await bus.StopAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => TestBus.SendAsync(sender, "{}").WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broker_that_falls_silent_leaves_the_outcome_unknown_and_the_job_is_reported_as_failed()
    {
        await using var bus = TestBus.Start();
        await using var proxy = new SilentProxy(new Uri(bus.Emulator.ConnectionString.Split(';')[0].Replace("Endpoint=sb", "http", StringComparison.Ordinal)));
        var through = bus.Emulator.ConnectionString.Replace(
            new Uri(bus.Emulator.Namespace).Authority, proxy.Address.Authority, StringComparison.Ordinal);
        var sender = bus.Sender(through, retryMilliseconds: 500);
        await TestBus.SendAsync(sender, "heard");

        proxy.FallSilent();

        await Assert.ThrowsAnyAsync<Exception>(() => TestBus.SendAsync(sender, "{}").WaitAsync(LocalProgram.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(["heard"], bus.Texts());
    }

    [Fact]
    public async Task Links_are_closed_at_the_end()
    {
        await using var bus = TestBus.Start();
        var sender = bus.Sender();
        await TestBus.SendAsync(sender, "{}");
        Assert.Equal(1, bus.Emulator.Queue(TestBus.Plain).Senders);

        await sender.DisposeAsync();

        await Eventually.HoldsAsync(() => bus.Emulator.Queue(TestBus.Plain).Senders == 0);
    }

    [Fact]
    public void A_repeated_job_has_the_same_message_id_alone_or_in_a_batch()
    {
        var job = new JobMessage("{}", "s", null);

        var ids = new[] { job.ToMessage(), job.ToMessage(), JobMessage.ToBatch([job, new JobMessage("{}", "s", null)]) }.Select(message => message.Properties.MessageId);

        Assert.Single(ids.Distinct());
    }

    [Theory]
    [InlineData("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=a=b==", "amqps://x.servicebus.windows.net:5671", BusLogin.SharedKey)]
    [InlineData("endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;", "amqp://localhost:5672", BusLogin.SharedKey)]
    [InlineData("Endpoint=amqp://127.0.0.1:7;SharedAccessKeyName=guest;SharedAccessKey=guest", "amqp://127.0.0.1:7", BusLogin.Password)]
    [InlineData("Endpoint=http://x;SharedAccessKeyName=n;SharedAccessKey=k", null, null)]
    [InlineData("Endpoint=sb://x;SharedAccessKeyName=n", null, null)]
    [InlineData("nonsense", null, null)]
    public void A_connection_string_says_where_the_broker_is_and_how_one_logs_in(string text, string? where, object? login)
    {
        var found = BusAddress.TryParse(new ServiceBusOptions { ConnectionString = text }, out var address);

        Assert.Equal(where is not null, found);
        Assert.Equal((where, login), found ? (Where(address), (object)address.Login) : (null, null));
    }

    [Theory]
    [InlineData("x.servicebus.windows.net", "amqps://x.servicebus.windows.net:5671")]
    [InlineData("amqps://127.0.0.1:9", "amqps://127.0.0.1:9")]
    [InlineData("amqp://127.0.0.1:9", "amqp://127.0.0.1:9")]
    [InlineData("amqp://x.servicebus.windows.net", null)]
    public void An_identity_s_token_leaves_this_computer_over_TLS_only(string text, string? where)
    {
        var found = BusAddress.TryParse(new ServiceBusOptions { Namespace = text }, out var address);

        Assert.Equal(where, found ? Where(address) : null);
    }

    private static string Where(BusAddress address) => $"{(address.UsesTls ? "amqps" : "amqp")}://{address.Host}:{address.Port}";
}
