namespace Parley.Local.FunctionsHost;

/// <summary>What the stand-in for the Azure Functions host runs, and with which settings.</summary>
public sealed record FunctionsHostOptions
{
    /// <summary>Folder that is deployed: host.json, the executable, and one folder per function with its function.json.</summary>
    public required string AppFolder { get; init; }

    /// <summary>Port on 127.0.0.1; 0 lets the kernel choose.</summary>
    public int Port { get; init; }

    /// <summary>Storage of the app, given to it as <c>AzureWebJobsStorage</c>; timers keep their last run there.</summary>
    public required string StorageConnectionString { get; init; }

    /// <summary>App settings. The handler gets them as environment variables; <c>%NAME%</c> in bindings and arguments names them.</summary>
    public IReadOnlyDictionary<string, string> AppSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Key for <c>/admin/*</c> and for every function; made up when null.</summary>
    public string? MasterKey { get; init; }

    /// <summary>Key for functions of authLevel <c>function</c>; made up when null.</summary>
    public string? FunctionKey { get; init; }

    /// <summary>
    /// Clock of timers, functionTimeout and the error window. Waiting for sockets, processes and queues is paced by real time.
    /// </summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The host gives up at this many errors of the handler with no pause of 30 minutes between two of them, as the real one
    /// does at 3; null never gives up.
    /// </summary>
    public int? MaxErrors { get; init; } = 3;

    /// <summary>Pause before a restart; it doubles with every error after the first, up to 10 s. Our own choice.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the handler may take to end after SIGTERM before it is killed. The real host kills at once.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a received queue message stays invisible; renewed at half of it. The real host's value is fixed.</summary>
    internal TimeSpan QueueLock { get; init; } = TimeSpan.FromMinutes(10);
}
