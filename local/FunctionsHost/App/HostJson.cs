namespace Parley.Local.FunctionsHost;

/// <summary>The parts of host.json that concern a custom handler, with the real host's defaults.</summary>
/// <remarks>Source: custom handler contract, section 1; the default of functionTimeout is that of the Flex plan.</remarks>
internal sealed record HostJson
{
    public required string RoutePrefix { get; init; }

    /// <summary>Longest run of one invocation; <see cref="Timeout.InfiniteTimeSpan"/> when host.json says "-1".</summary>
    public required TimeSpan FunctionTimeout { get; init; }

    public required QueueSettings Queues { get; init; }

    public required ServiceBusSettings ServiceBus { get; init; }

    public required CustomHandlerSettings CustomHandler { get; init; }

    public static HostJson Read(string appFolder)
    {
        var path = Path.Combine(appFolder, "host.json");
        if (!File.Exists(path))
        {
            throw new InvalidFunctionAppException($"{path} does not exist: this is no folder of a function app.");
        }

        var file = JsonFile.Read(path);
        if (file.Text("version") != "2.0")
        {
            throw file.Invalid("version", "\"2.0\"");
        }

        var extensions = file.Section("extensions");
        return new HostJson
        {
            RoutePrefix = (extensions.Section("http").Text("routePrefix") ?? "api").Trim('/'),
            FunctionTimeout = file.Text("functionTimeout") is "-1"
                ? Timeout.InfiniteTimeSpan
                : file.Duration("functionTimeout", TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1)),
            Queues = QueueSettings.Read(extensions.Section("queues")),
            ServiceBus = ServiceBusSettings.Read(extensions.Section("serviceBus")),
            CustomHandler = CustomHandlerSettings.Read(file),
        };
    }
}

/// <summary>host.json <c>extensions.queues</c>.</summary>
/// <remarks>newBatchThreshold's default is half a batch per processor.</remarks>
internal sealed record QueueSettings(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, bool Base64)
{
    public static readonly TimeSpan MinPollingInterval = TimeSpan.FromMilliseconds(100);

    public static QueueSettings Read(JsonFile section)
    {
        var batchSize = section.Number("batchSize", 16, 1, 32);
        return new QueueSettings(
            batchSize,
            section.Number("newBatchThreshold", batchSize / 2 * Environment.ProcessorCount, 0, int.MaxValue),
            section.Number("maxDequeueCount", 5, 1, int.MaxValue),
            section.Duration("visibilityTimeout", TimeSpan.Zero, TimeSpan.Zero),
            section.Duration("maxPollingInterval", TimeSpan.FromMinutes(1), MinPollingInterval),
            section.Text("messageEncoding")?.ToUpperInvariant() switch
            {
                null or "BASE64" => true,
                "NONE" => false,
                _ => throw section.Invalid("messageEncoding", "\"base64\" or \"none\""),
            });
    }
}

/// <summary>host.json <c>extensions.serviceBus</c>.</summary>
internal sealed record ServiceBusSettings(int MaxConcurrentCalls, int MaxConcurrentSessions, TimeSpan SessionIdleTimeout)
{
    public static ServiceBusSettings Read(JsonFile section) => new(
        section.Number("maxConcurrentCalls", 16 * Environment.ProcessorCount, 1, int.MaxValue),
        section.Number("maxConcurrentSessions", 8, 1, int.MaxValue),
        section.Duration("sessionIdleTimeout", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1)));
}

/// <summary>host.json <c>customHandler</c>.</summary>
/// <param name="Arguments">As written, <c>%NAME%</c> not yet expanded.</param>
/// <param name="UseStdErrorForErrorsOnly">False: a line of stderr is an error only if it looks like one.</param>
/// <param name="Port">Port for the handler; null when any free one will do.</param>
/// <param name="DefinesRoutes">True when host.json itself names the functions (<c>http.routes</c>).</param>
internal sealed record CustomHandlerSettings(
    string ExecutablePath,
    string WorkingDirectory,
    string WorkerDirectory,
    IReadOnlyList<string> Arguments,
    bool UseStdErrorForErrorsOnly,
    bool Forwarding,
    bool Proxying,
    TimeSpan InitializationTimeout,
    int? Port,
    bool DefinesRoutes)
{
    public static CustomHandlerSettings Read(JsonFile hostJson)
    {
        if (!hostJson.Has("customHandler"))
        {
            throw hostJson.Refused("'customHandler' is missing: this stand-in runs custom handlers only.");
        }

        var section = hostJson.Section("customHandler");
        var description = section.Section("description");
        return new CustomHandlerSettings(
            description.RequiredText("defaultExecutablePath"),
            description.Text("workingDirectory") ?? "",
            description.Text("workerDirectory") ?? "",
            description.Texts("arguments") ?? [],
            description.Flag("useStdErrorStreamForErrorsOnly", otherwise: true),
            section.Flag("enableForwardingHttpRequest", otherwise: false),
            section.Flag("enableProxyingHttpRequest", otherwise: false),
            section.Duration("initializationTimeout", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1)),
            section.Has("port") ? section.Number("port", 0, 1, 65535) : null,
            section.Section("http").Sections("routes").Count > 0);
    }
}
