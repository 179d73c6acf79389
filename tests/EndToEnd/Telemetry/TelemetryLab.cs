using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Local;
using Parley.Local.FunctionsHost;
using Parley.Local.SignalRService;
using Parley.Local.Storage;
using Parley.Tests.FunctionsHost;
using Parley.Tests.Support;

[assembly: AssemblyFixture(typeof(Parley.Tests.EndToEnd.Telemetry.TelemetryLab))]

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>
/// The handler as a process behind the Functions host, with an Azurite of its own behind a fault proxy, a SignalR service behind another, and both kinds of receivers of
/// telemetry. It starts with the first test that asks for it.
/// </summary>
/// <remarks>Tests that make services fail, or compare counts, share it: they are one collection, and so run one after another.</remarks>
public sealed class TelemetryLab : IAsyncDisposable
{
    public const string Collection = "telemetry";

    /// <summary>Under which the host logs what the handler prints.</summary>
    internal const string HandlerCategory = "Parley.Local.FunctionsHost.Handler";

    private const string FurtherAccount = "parleyfurther";
    private const uint SdkAppId = 1400000001;
    private const string Secret = "a-secret-of-the-telemetry-lab-8d1f";
    private const string AccessKey = "an access key of the telemetry lab, long enough to sign with";
    private const string UpstreamSecret = "an-upstream-secret-of-the-telemetry-lab";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _starting = new(1);
    private readonly List<FunctionsHostEmulator> _hosts = [];
    private readonly ILoggerFactory _loggers;
    private AzuriteProcess? _azurite;
    private SignalRServiceEmulator? _signalR;
    private int _names;

    public TelemetryLab() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(Output).AddFilter((category, _) => category == HandlerCategory));

    /// <summary>What the handlers have printed.</summary>
    public LogLines Output { get; } = new();

    /// <summary>What nobody but its owners may ever read, as it is set.</summary>
    public IReadOnlyList<string> Secrets => [Secret, AccessKey, UpstreamSecret, AccountKey];

    internal OtlpReceiver Collector { get; private set; } = null!;

    internal AzureMonitorReceiver AzureMonitor { get; private set; } = null!;

    /// <summary>Before the tables.</summary>
    public FaultProxy Tables { get; private set; } = null!;

    /// <summary>Before the SignalR service.</summary>
    public FaultProxy SignalR { get; private set; } = null!;

    public ApiClient Api { get; private set; } = null!;

    public static string UpstreamPath => $"/upstream/{UpstreamSecret}";

    private string AccountKey => StorageOf(Tables.Address).Split("AccountKey=")[1].Split(';')[0];

    public async Task<TelemetryLab> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (Api is null)
            {
                await StartAsync();
            }
        }
        finally
        {
            _starting.Release();
        }

        Tables.Plan = SignalR.Plan = FaultPlans.None;
        return this;
    }

    /// <summary>One more instance of the handler on the same storage.</summary>
    /// <param name="settings">More settings of the app.</param>
    /// <returns>Dispose it to end it: the host tells it to stop, and waits for some seconds.</returns>
    internal async Task<LabInstance> AddInstanceAsync(params (string Name, string Value)[] settings)
    {
        var host = await StartHostAsync(settings);
        return new LabInstance(new ApiClient(SettingsOf(host)), host.MasterKey, async () =>
        {
            _hosts.Remove(host);
            await host.DisposeAsync();
        });
    }

    /// <summary>A queue of the primary storage account.</summary>
    internal QueueClient QueueOf(string name) => new(_azurite!.ConnectionString, name);

    /// <summary>A further storage account, empty of buckets.</summary>
    /// <returns>A proxy before its tables, and the connection string that leads through it.</returns>
    internal async Task<(FaultProxy Proxy, string ConnectionString)> StartFurtherStorageAsync()
    {
        await StorageLayout.CreateShardAsync(_azurite!.Endpoints.ConnectionStringOf(FurtherAccount), CancellationToken.None);
        var proxy = await FaultProxy.StartAsync(_azurite.Endpoints.Table);
        return (proxy, (_azurite.Endpoints with { Table = proxy.Address }).ConnectionStringOf(FurtherAccount));
    }

    /// <summary>Imports accounts and gives their names, which no other test has.</summary>
    public async Task<IReadOnlyList<string>> ImportAsync(params string[] names)
    {
        var accounts = names.Select(name => $"{name}-{Interlocked.Increment(ref _names)}").ToArray();
        await Api.ImportAsync(accounts);
        return accounts;
    }

    /// <summary>Sends a message in a trace of its own.</summary>
    /// <returns>The id of the trace.</returns>
    public Task<string> SendAsync(string from, string to, string text = "hello") => CallAsync("openim", "sendmsg", Messages.Text(from, to, text).ToJsonString());

    /// <summary>Calls a command in a trace of its own, and fails the test when its answer is not as expected.</summary>
    /// <returns>The id of the trace.</returns>
    public Task<string> CallAsync(string service, string command, string body, int code = 0) => new TelemetryCalls(Api).CallAsync(service, command, body, code);

    /// <summary>The spans of a trace, once there is one that is awaited.</summary>
    internal async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(string trace, Func<IReadOnlyList<ReceivedSpan>, bool> areComplete)
    {
        IReadOnlyList<ReceivedSpan> spans = [];
        try
        {
            await Eventually.TrueAsync("the spans", () => areComplete(spans = [.. Collector.Spans.Where(span => span.TraceId == trace)]), Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Of trace {trace} there were only:\n{string.Join('\n', spans)}", e);
        }

        return spans;
    }

    /// <summary>Sum of a counter, or number of values of a histogram, over all series and instances whose tags are as given.</summary>
    internal double Total(string metric, params (string Name, string Value)[] tags) => Total(static _ => true, metric, tags);

    /// <summary>As the other, of the instances whose OTEL_SERVICE_NAME is as given.</summary>
    internal double TotalOf(string serviceName, string metric, params (string Name, string Value)[] tags) =>
        Total(instance => Collector.Resources.GetValueOrDefault(instance) == serviceName, metric, tags);

    /// <summary>Waits until all that has been counted by now has been exported.</summary>
    internal async Task CollectAsync()
    {
        // One export of each may have been collected before. Instances that were ended export no more.
        var before = new Dictionary<string, long>(Collector.MetricExports);
        await Eventually.TrueAsync(
            "the next metrics of each instance",
            () => Collector.MetricExports.Count(exports => exports.Value >= before.GetValueOrDefault(exports.Key) + 2) >= _hosts.Count,
            Patience);
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        foreach (var part in new IAsyncDisposable?[] { SignalR, _signalR, Tables, _azurite, Collector, AzureMonitor })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _loggers.Dispose();
        _starting.Dispose();
    }

    private double Total(Func<string, bool> isCounted, string metric, (string Name, string Value)[] tags) => Collector.Points
        .Where(point => point.Name == metric && isCounted(point.Instance) && tags.All(tag => point.Attributes.GetValueOrDefault(tag.Name) == tag.Value))
        .Sum(point => point.Count > 0 ? point.Count : point.Value);

    private async Task StartAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        AzureMonitor = await AzureMonitorReceiver.StartAsync();
        await NodeRuntime.FindAsync(CancellationToken.None);
        var installation = new AzuriteInstallation(Repository.AzuriteFolder);
        await installation.EnsureAsync(CancellationToken.None);
        _azurite = await AzuriteProcess.StartAsync(installation, new AzuriteOptions { FurtherAccounts = [FurtherAccount] }, CancellationToken.None);
        await StorageLayout.CreateAsync(_azurite.ConnectionString, CancellationToken.None);
        Tables = await FaultProxy.StartAsync(_azurite.Endpoints.Table);
        _signalR = await SignalRServiceEmulator.StartAsync(new SignalRServiceOptions { AccessKey = AccessKey }, NullLoggerFactory.Instance, CancellationToken.None);
        SignalR = await FaultProxy.StartAsync(_signalR.Endpoint);
        Api = new ApiClient(SettingsOf(await StartHostAsync()));
    }

    private async Task<FunctionsHostEmulator> StartHostAsync(params (string Name, string Value)[] more)
    {
        var folder = Environment.GetEnvironmentVariable("PARLEY_APP") is { Length: > 0 } published ? published : Repository.DefaultAppFolder;
        var storage = StorageOf(Tables.Address);
        var settings = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = storage,
            ["AzureWebJobs.timer.Disabled"] = "true",
            ["Storage__RetryMilliseconds"] = "500",
            ["Callbacks__AllowsPrivateAddresses"] = "true",
            ["SignalR__ConnectionString"] = $"Endpoint={SignalR.Address.GetLeftPart(UriPartial.Authority)};AccessKey={AccessKey};Version=1.0;",
            ["SignalR__UpstreamSecret"] = UpstreamSecret,
            ["SignalR__MaxAttempts"] = "1",
            ["Bootstrap__SdkAppId"] = $"{SdkAppId}",
            ["Bootstrap__Secret"] = Secret,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.HttpAddress,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = AzureMonitor.ConnectionString,
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        var options = new FunctionsHostOptions { AppFolder = folder, StorageConnectionString = storage, AppSettings = settings };
        var host = await FunctionsHostEmulator.StartAsync(options, _loggers, CancellationToken.None);
        _hosts.Add(host);
        return host;
    }

    private string StorageOf(Uri tables) => (_azurite!.Endpoints with { Table = tables }).ConnectionString;

    private LocalSettings SettingsOf(FunctionsHostEmulator host) => new(
        host.Endpoint.GetLeftPart(UriPartial.Authority), SdkAppId, Secret, "administrator", SignalR.Address.ToString(), StorageOf(Tables.Address), host.HandlerProcessId!.Value);
}
