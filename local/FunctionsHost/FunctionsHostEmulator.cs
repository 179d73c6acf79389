namespace Parley.Local.FunctionsHost;

/// <summary>
/// Stands in for the Azure Functions host: starts the executable of an app folder, sends it HTTP requests, queue messages and timer ticks
/// in the wire format of a custom handler, and keeps it running.
/// </summary>
/// <remarks>
/// What it runs is exactly what is deployed, and the handler cannot tell the difference. Louder than the real host in one point: a success
/// without a JSON object fails at once. Not here: Service Bus topics and batches, blob and SignalR triggers, retry policies, scaling, leases between instances.
/// </remarks>
public sealed class FunctionsHostEmulator : IAsyncDisposable
{
    private const string DefaultHostId = "parley-local";

    private readonly ServiceProvider _services;
    private readonly HandlerSupervisor _handler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _listeners = [];
    private FrontDoor? _door;

    private FunctionsHostEmulator(ServiceProvider services)
    {
        _services = services;
        _handler = services.GetRequiredService<HandlerSupervisor>();
        _handler.Ready += (_, start) => HandlerReady?.Invoke(this, start);
        _handler.Exited += (_, exit) => HandlerExited?.Invoke(this, exit);
        var keys = services.GetRequiredService<HostKeys>();
        (MasterKey, FunctionKey) = (keys.Master, keys.Function);
    }

    /// <summary>A handler process answers, the first one or after a restart. Handlers of the event must be brief.</summary>
    public event EventHandler<HandlerReadyEventArgs>? HandlerReady;

    /// <summary>The handler process ended by itself, could not be started, or was restarted after functionTimeout.</summary>
    public event EventHandler<HandlerExitedEventArgs>? HandlerExited;

    /// <summary>Where clients call, <c>http://127.0.0.1:{port}/</c>.</summary>
    public Uri Endpoint => _door!.Endpoint;

    public string MasterKey { get; }

    public string FunctionKey { get; }

    /// <summary>The running handler process; null between two.</summary>
    public int? HandlerProcessId => _handler.ProcessId;

    /// <summary>
    /// Completes when the host is disposed; faulted with <see cref="HandlerUnavailableException"/> when it gave up on the handler before.
    /// Then every call is answered 503.
    /// </summary>
    public Task Stopped => _handler.Stopped;

    /// <summary>Reads the app folder, starts the handler, and returns once it answers and the port is open.</summary>
    /// <exception cref="InvalidFunctionAppException">The app folder is wrong; the message names the file.</exception>
    /// <exception cref="HandlerUnavailableException">The handler did not come up.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FunctionsHostEmulator> StartAsync(FunctionsHostOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = Create(options, loggers);
        try
        {
            await host.StartAsync(options, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no more work, gives queue messages that are running back, and ends the handler: SIGTERM, a grace, SIGKILL.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_door is not null)
        {
            await _door.DisposeAsync();
        }

        await Task.WhenAll(_listeners);
        await _services.DisposeAsync();
        _stopping.Dispose();
    }

    private static FunctionsHostEmulator Create(FunctionsHostOptions options, ILoggerFactory loggers)
    {
        var app = FunctionApp.Read(options.AppFolder, new AppSettings(options.AppSettings, options.StorageConnectionString));
        var services = new ServiceCollection();
        services.AddSingleton(loggers);
        services.AddLogging();
        services.AddSingleton(options).AddSingleton(app).AddSingleton(options.Time).AddSingleton(HostKeys.Of(options));
        services.AddSingleton<HandlerSupervisor>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<InvocationDeadlines>(provider, app.Host.FunctionTimeout));
        services.AddSingleton(new QueueOutputWriter(app.Host.Queues.Base64)).AddSingleton<EnvelopeInvoker>();
        services.AddHttpForwarder();
        services.AddSingleton<RequestProxy>().AddSingleton<RequestForwarder>().AddSingleton<RequestEnvelope>().AddSingleton<HttpInvoker>();
        return new FunctionsHostEmulator(services.BuildServiceProvider());
    }

    private async Task StartAsync(FunctionsHostOptions options, CancellationToken cancellation)
    {
        var app = _services.GetRequiredService<FunctionApp>();
        var loggers = _services.GetRequiredService<ILoggerFactory>();
        var hostId = app.Settings["AzureFunctionsWebHost__hostid"] ?? DefaultHostId;
        var blobs = new TimerStatusBlobs(options.StorageConnectionString, hostId);
        var timers = app.Functions.Where(function => function.Trigger is TimerTrigger)
            .ToDictionary(function => function.Name, function => ActivatorUtilities.CreateInstance<TimerListener>(_services, function, blobs));
        var admin = ActivatorUtilities.CreateInstance<AdminApi>(_services, hostId, timers);
        _door = await FrontDoor.StartAsync(
            app, options.Port, admin, _services.GetRequiredService<HttpInvoker>(), loggers, _stopping.Token, cancellation);
        _handler.Start();
        await _handler.WhenReadyAsync(cancellation);
        await Task.WhenAll(timers.Values.Select(timer => timer.StartAsync(cancellation)));

        _listeners.AddRange(timers.Values.Select(timer => Task.Run(() => timer.RunAsync(_stopping.Token), CancellationToken.None)));
        var runner = ActivatorUtilities.CreateInstance<QueueMessageRunner>(_services, app.Host.Queues, options.QueueLock);
        _listeners.AddRange(app.Functions.Where(function => function.Trigger is QueueTrigger)
            .Select(function => ActivatorUtilities.CreateInstance<QueueListener>(_services, function, app.Host.Queues, options.QueueLock, runner))
            .Select(queue => Task.Run(() => queue.RunAsync(_stopping.Token), CancellationToken.None)));
        _listeners.AddRange(app.Functions.Where(function => function.Trigger is ServiceBusTrigger)
            .Select(function => ActivatorUtilities.CreateInstance<ServiceBusListener>(_services, function, app.Host.ServiceBus))
            .Select(queue => Task.Run(() => queue.RunAsync(_stopping.Token), CancellationToken.None)));
    }
}
