using Amqp.Listener;

namespace Parley.Local.ServiceBus;

/// <summary>
/// A stand-in for a Service Bus namespace on a loopback port, over AMQP 1.0: tokens by <c>$cbs</c> (shared access signatures and Entra's), queues with
/// batches, schedules, sessions, duplicates, delivery counts and <c>$DeadLetterQueue</c>.
/// <code>
/// await using var bus = ServiceBusEmulator.Start(new() { Port = port, Key = key, Queues = [new("parley-deliver")] });
/// bus.ConnectionString   // Endpoint=sb://127.0.0.1:40123;SharedAccessKeyName=…;SharedAccessKey=…;UseDevelopmentEmulator=true
/// </code>
/// </summary>
/// <remarks>
/// It refuses links without a good token, ends those whose token is over, and takes no message without a session where the queue has sessions. Nothing is
/// stored. Known differences to the service: locks end with the link only; no topics, no management, no quotas; duplicates are remembered for ever.
/// Source: "AMQP 1.0 in Azure Service Bus protocol guide".
/// </remarks>
public sealed class ServiceBusEmulator : IAsyncDisposable
{
    private readonly ContainerHost _host;
    private readonly ServiceBusEmulatorOptions _options;
    private readonly Dictionary<string, BusQueue> _queues;
    private int _tokensPut;

    private ServiceBusEmulator(ServiceBusEmulatorOptions options)
    {
        _options = options;
        _queues = options.Queues.ToDictionary(queue => queue.Name, queue => new BusQueue(queue, options.Time), StringComparer.Ordinal);
        Namespace = options.Tls is { } tls ? $"amqps://127.0.0.1:{tls.Port}" : $"amqp://127.0.0.1:{options.Port}";
        _host = new ContainerHost([$"amqp://127.0.0.1:{options.Port}", .. options.Tls is null ? [] : new[] { Namespace }]);
        foreach (var listener in _host.Listeners)
        {
            listener.SASL.EnableAnonymousMechanism = true;
            listener.SSL.Certificate = options.Tls?.Certificate;
        }

        _host.RegisterLinkProcessor(new BusLinkProcessor(options, Addresses(), () => Interlocked.Increment(ref _tokensPut)));
    }

    /// <summary>For <c>ServiceBus__Namespace</c>: over TLS where that is on.</summary>
    public string Namespace { get; }

    /// <summary>For <c>ServiceBus__ConnectionString</c>: without TLS.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://127.0.0.1:{_options.Port};SharedAccessKeyName={_options.KeyName};SharedAccessKey={_options.Key};UseDevelopmentEmulator=true";

    /// <summary>How many tokens were put, refused ones too.</summary>
    public int TokensPut => Volatile.Read(ref _tokensPut);

    /// <exception cref="System.Net.Sockets.SocketException">The port is in use.</exception>
    public static ServiceBusEmulator Start(ServiceBusEmulatorOptions options)
    {
        var emulator = new ServiceBusEmulator(options);
        emulator._host.Open();
        return emulator;
    }

    public BusQueue Queue(string name) => _queues[name];

    /// <summary>Every queue, and what it has put aside, by the address of a link.</summary>
    private Dictionary<string, BusQueue> Addresses() =>
        _queues.Values.SelectMany(queue => new[] { queue, queue.Aside! }).ToDictionary(queue => queue.Options.Name, StringComparer.Ordinal);

    /// <summary>Ends all connections and stops listening.</summary>
    public async ValueTask DisposeAsync() => await Task.Run(_host.Close);
}
