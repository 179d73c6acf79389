using Amqp;
using Amqp.Framing;
using Azure.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Delivery;
using Parley.Delivery.ServiceBus;
using Parley.Identity;
using Parley.Local;
using Parley.Local.ServiceBus;

namespace Parley.Tests.ServiceBus;

/// <summary>A Service Bus of one test, with a queue without sessions and one with.</summary>
internal sealed class TestBus : IAsyncDisposable
{
    public const string Plain = "plain";
    public const string Ordered = "ordered";

    private readonly ServiceBusEmulatorOptions _options;
    private readonly List<ServiceBusWorkQueue> _queues = [];
    private ServiceBusEmulator? _emulator;

    private TestBus(ServiceBusEmulatorOptions options)
    {
        _options = options;
        _emulator = ServiceBusEmulator.Start(options);
    }

    public ServiceBusEmulator Emulator => _emulator!;

    public static FakeTimeProvider NewClock() => new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static TestBus Start(Func<ServiceBusEmulatorOptions, ServiceBusEmulatorOptions>? change = null)
    {
        var options = new ServiceBusEmulatorOptions
        {
            Port = LoopbackPort.AnyFree(),
            Key = "a key of the tests",
            Queues = [new(Plain), new(Ordered, RequiresSession: true)],
        };
        return new TestBus(change?.Invoke(options) ?? options);
    }

    /// <summary>The sender under test.</summary>
    /// <param name="connection">Another connection string than that of the bus.</param>
    /// <param name="credential">Logs in with tokens of this instead.</param>
    public ServiceBusWorkQueue Sender(string? connection = null, TokenCredential? credential = null, int retryMilliseconds = 60_000)
    {
        var options = credential is null
            ? new ServiceBusOptions { ConnectionString = connection ?? Emulator.ConnectionString, RetryMilliseconds = retryMilliseconds }
            : new ServiceBusOptions { Namespace = Emulator.Namespace, RetryMilliseconds = retryMilliseconds };
        var identity = new AppIdentity(credential ?? new NoCredential());
        var queue = new ServiceBusWorkQueue(options, identity, _options.Time, NullLogger.Instance, [Ordered]);
        _queues.Add(queue);
        return queue;
    }

    public static Task SendAsync(ServiceBusWorkQueue sender, string text, string queue = Plain, string? session = null, TimeSpan? delay = null) =>
        sender.EnqueueAsync(new WorkJob(queue, text, delay, session), TestContext.Current.CancellationToken);

    public IEnumerable<string> Texts(string queue = Plain) => Emulator.Queue(queue).Messages.Select(message => message.Text);

    /// <summary>The broker goes away; what it held is lost.</summary>
    public async Task StopAsync()
    {
        await Emulator.DisposeAsync();
        _emulator = null;
    }

    public void StartAgain() => _emulator = ServiceBusEmulator.Start(_options);

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues)
        {
            await queue.DisposeAsync();
        }

        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }
    }

    /// <summary>A client that knows nothing of tokens.</summary>
    public async Task<Connection> ConnectAsync()
    {
        var factory = new ConnectionFactory { SASL = { Profile = Amqp.Sasl.SaslProfile.Anonymous } };
        return await factory.CreateAsync(new Address("127.0.0.1", _options.Port, null, null, "/", "amqp"));
    }

    public static Message Message(string text) =>
        new() { Properties = new Properties { MessageId = text }, BodySection = new Data { Binary = System.Text.Encoding.UTF8.GetBytes(text) } };

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
