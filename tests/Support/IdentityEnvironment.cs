using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;
using Parley.Delivery;
using Parley.Local;
using Parley.Local.FunctionsHost;
using Parley.Local.Identity;
using Parley.Local.ServiceBus;
using Parley.Local.SignalRService;
using Parley.Local.Storage;
using Parley.Storage;
using Parley.Tests.EndToEnd.Telemetry;

namespace Parley.Tests.Support;

/// <summary>
/// The app as it runs in Azure without any key: storage over https that takes tokens only of the identity, SignalR with its access keys off, Service Bus over
/// TLS. The handler is the published one where PARLEY_APP names it, and trusts the certificate of the test as it trusts others: by the system's means.
/// </summary>
internal sealed class IdentityEnvironment : IAsyncDisposable
{
    private const uint SdkAppId = 1400000001;
    private const string Secret = "the secret of the first app";
    private const string UpstreamSecret = "only known to both of them, surely";
    private const string UpstreamAudience = "https://signalr.azure.com";

    private readonly Stack<Func<ValueTask>> _cleanup = new();
    private readonly ILoggerFactory _loggers;
    private readonly WorkQueueKind _kind;
    private readonly (string Name, string Value)[] _more;
    private readonly int _signalRPort = LoopbackPort.AnyFree();
    private FunctionsHostEmulator? _host;

    private IdentityEnvironment(WorkQueueKind kind, ILoggerProvider? output, (string Name, string Value)[] more)
    {
        (_kind, _more) = (kind, more);
        _loggers = LoggerFactory.Create(logging => _ = output is null ? logging : logging.AddProvider(output).AddFilter((category, _) => category == TelemetryLab.HandlerCategory));
    }

    public IdentityEndpointEmulator Identity { get; private set; } = null!;

    public ServiceBusEmulator Bus { get; private set; } = null!;

    public SignalRServiceEmulator? SignalR { get; private set; }

    public TableServiceClient Tables { get; private set; } = null!;

    public QueueServiceClient Queues { get; private set; } = null!;

    public ApiClient Api { get; private set; } = null!;

    /// <param name="output">Gets what the handler prints.</param>
    /// <param name="more">More settings of the app.</param>
    public static async Task<IdentityEnvironment> StartAsync(
        WorkQueueKind kind, AzuriteFixture hostStorage, ILoggerProvider? output = null, params (string Name, string Value)[] more)
    {
        var environment = new IdentityEnvironment(kind, output, more);
        try
        {
            await environment.StartAsync(hostStorage);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>SignalR comes up, where the handler has been told that it is.</summary>
    public async Task StartSignalRAsync()
    {
        SignalR = await SignalRServiceEmulator.StartAsync(
            new SignalRServiceOptions
            {
                Port = _signalRPort,
                AccessKey = "keys are off",
                IsLocalAuthDisabled = true,
                Entra = Identity.Trust,
                UpstreamToken = () => Identity.Issue(UpstreamAudience, Identity.LocalIssuer),
                Upstream = [new UpstreamTemplate($"{_host!.Endpoint}upstream/{UpstreamSecret}")],
            },
            _loggers, CancellationToken.None);
        _cleanup.Push(SignalR.DisposeAsync);
    }

    public async ValueTask DisposeAsync()
    {
        while (_cleanup.TryPop(out var cleanup))
        {
            await cleanup();
        }

        _loggers.Dispose();
    }

    private async Task StartAsync(AzuriteFixture hostStorage)
    {
        var tls = new TestCertificate();
        _cleanup.Push(() => Done(tls.Dispose));
        Identity = await IdentityEndpointEmulator.StartAsync(new(), _loggers, CancellationToken.None);
        _cleanup.Push(Identity.DisposeAsync);
        var endpoints = await StartStorageAsync(tls);
        Bus = ServiceBusEmulator.Start(new ServiceBusEmulatorOptions
        {
            Port = LoopbackPort.AnyFree(),
            Key = "for the trigger",
            Tls = (LoopbackPort.AnyFree(), tls.Certificate),
            Entra = Identity.Trust,
            Queues = [.. TableNames.Queues.Select(queue => new BusQueueOptions(queue, TableNames.SessionQueues.Contains(queue)))],
        });
        _cleanup.Push(Bus.DisposeAsync);
        var folder = AppFolder();
        _host = await FunctionsHostEmulator.StartAsync(
            new FunctionsHostOptions
            {
                AppFolder = folder.FullName,
                StorageConnectionString = await hostStorage.ConnectionStringAsync(),
                AppSettings = Settings(endpoints, tls).Concat(_more.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))).ToDictionary(StringComparer.Ordinal),
            },
            _loggers, CancellationToken.None);
        _cleanup.Push(_host.DisposeAsync);
        Api = new ApiClient(new LocalSettings(_host.Endpoint.GetLeftPart(UriPartial.Authority), SdkAppId, Secret, "administrator", "", "", 0));
        _cleanup.Push(() => Done(Api.Dispose));
    }

    private async Task<StorageEndpoints> StartStorageAsync(TestCertificate tls)
    {
        await NodeRuntime.FindAsync(CancellationToken.None);
        var installation = new AzuriteInstallation(Repository.AzuriteFolder);
        await installation.EnsureAsync(CancellationToken.None);
        var azurite = await AzuriteProcess.StartAsync(installation, new AzuriteOptions { Tls = (tls.CertificateFile, tls.KeyFile) }, CancellationToken.None);
        _cleanup.Push(azurite.DisposeAsync);
        var http = new HttpClient(tls.Handler());
        _cleanup.Push(() => Done(http.Dispose));
        var transport = new HttpClientTransport(http);
        Tables = new TableServiceClient(azurite.ConnectionString, new TableClientOptions { Transport = transport });
        Queues = new QueueServiceClient(azurite.ConnectionString, new QueueClientOptions { Transport = transport, MessageEncoding = QueueMessageEncoding.Base64 });
        foreach (var table in TableNames.Tables)
        {
            await Tables.CreateTableIfNotExistsAsync(table);
        }

        foreach (var queue in TableNames.Queues)
        {
            await Queues.CreateQueueAsync(queue);
        }

        return azurite.Endpoints;
    }

    private Dictionary<string, string> Settings(StorageEndpoints endpoints, TestCertificate tls) => new(Identity.Environment, StringComparer.Ordinal)
    {
        ["SSL_CERT_FILE"] = tls.CertificateFile,
        ["Storage__TableEndpoint"] = StorageEndpoints.OfAccount(endpoints.Table),
        ["Storage__QueueEndpoint"] = StorageEndpoints.OfAccount(endpoints.Queue),
        ["SignalR__Endpoint"] = $"http://127.0.0.1:{_signalRPort}",
        ["SignalR__UpstreamIssuer"] = Identity.LocalIssuer,
        ["SignalR__UpstreamAudience"] = UpstreamAudience,
        ["SignalR__UpstreamPrincipal"] = Identity.PrincipalId,
        ["SignalR__UpstreamSecret"] = UpstreamSecret,
        ["WorkQueue__Kind"] = $"{_kind}",
        ["WorkQueue__RetrySeconds"] = "2",
        ["ServiceBus__Namespace"] = Bus.Namespace,
        ["ServiceBus"] = Bus.ConnectionString,
        ["Callbacks__AllowsPrivateAddresses"] = "true",
        ["Bootstrap__SdkAppId"] = $"{SdkAppId}",
        ["Bootstrap__Secret"] = Secret,
        ["Bootstrap__Admins"] = "administrator",
    };

    /// <summary>The app folder as it is published for the kind of queue: all files of the built one, and the triggers of that kind.</summary>
    /// <remarks>With storage queues there is no trigger at all, since the host here and the handler have different storages.</remarks>
    private DirectoryInfo AppFolder()
    {
        var source = Environment.GetEnvironmentVariable("PARLEY_APP") is { Length: > 0 } published ? Path.GetFullPath(published) : Repository.DefaultAppFolder;
        var folder = Directory.CreateTempSubdirectory("parley-app-");
        _cleanup.Push(() => Done(() => folder.Delete(recursive: true)));
        var second = Path.Combine(Repository.Root, "functions", "bindings-servicebus");
        var queued = Directory.GetDirectories(second).Select(path => Path.GetFileName(path)!).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in Directory.GetFileSystemEntries(source).Where(entry => !queued.Contains(Path.GetFileName(entry)) && Path.GetFileName(entry) != "publish"))
        {
            File.CreateSymbolicLink(Path.Combine(folder.FullName, Path.GetFileName(entry)), entry);
        }

        foreach (var function in queued.Where(_ => _kind == WorkQueueKind.ServiceBus))
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, function), Path.Combine(second, function));
        }

        return folder;
    }

    private static ValueTask Done(Action dispose)
    {
        dispose();
        return ValueTask.CompletedTask;
    }
}
