using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Parley.Local;
using Parley.Local.FunctionsHost;

namespace Parley.Tests.FunctionsHost;

/// <summary>An app folder of its own, the scripted handler in it, and the host that runs them.</summary>
public sealed class TestApp : IAsyncDisposable
{
    public const string MasterKey = "the master key";
    public const string FunctionKey = "the function key";
    private const string Proxying = """{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } }, "customHandler": { "description": { "defaultExecutablePath": "bin/ScriptedHandler" }, "enableForwardingHttpRequest": true, "enableProxyingHttpRequest": true } }""";

    // No queue or blob is touched unless a test names a real storage.
    private const string NoStorage = "UseDevelopmentStorage=true";

    private readonly LoggerFactory _loggers;
    private FunctionsHostEmulator? _host;

    private TestApp(Script script)
    {
        Script = script;
        _loggers = new LoggerFactory([Log]);
        Directory.CreateDirectory(Folder);
        Directory.CreateSymbolicLink(Path.Combine(Folder, "bin"), HandlerFolder);
        HostJson(Proxying);
    }

    public static string HandlerFolder { get; } = FindHandler();

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "parley-app-" + Guid.NewGuid().ToString("N"));

    public Script Script { get; }

    public LogLines Log { get; } = new();

    public FunctionsHostEmulator Host => _host!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static async Task<TestApp> CreateAsync() => new(await Script.StartAsync());

    public TestApp HostJson(string text)
    {
        File.WriteAllText(Path.Combine(Folder, "host.json"), text);
        return this;
    }

    /// <summary>host.json with one more member at the top and one more in customHandler.</summary>
    public TestApp HostJson(string top = "", string customHandler = "", string extensions = "") => HostJson($$"""
        { "version": "2.0", {{Member(top)}} "extensions": { {{Member(extensions)}} "http": { "routePrefix": "" } },
          "customHandler": { {{Member(customHandler)}} "description": { "defaultExecutablePath": "bin/ScriptedHandler" } } }
        """);

    public TestApp Function(string name, params string[] bindings)
    {
        Directory.CreateDirectory(Path.Combine(Folder, name));
        File.WriteAllText(Path.Combine(Folder, name, "function.json"), $$"""{ "bindings": [ {{string.Join(", ", bindings)}} ] }""");
        return this;
    }

    public TestApp Http1(string name, string route, string more = "\"authLevel\": \"anonymous\"") =>
        Function(name, Trigger(route, more), """{ "type": "http", "direction": "out", "name": "res" }""");

    public static string Trigger(string route, string more = "\"authLevel\": \"anonymous\"") =>
        $$"""{ "type": "httpTrigger", "direction": "in", "name": "req", "route": "{{route}}", {{more}} }""";

    /// <summary>Starts the host; a later call starts another after the first one was stopped.</summary>
    public async Task<TestApp> StartAsync(string? storage = null, Func<FunctionsHostOptions, FunctionsHostOptions>? configure = null)
    {
        var options = Options(storage);
        _host = await FunctionsHostEmulator.StartAsync(configure?.Invoke(options) ?? options, _loggers, TestContext.Current.CancellationToken);
        return this;
    }

    public FunctionsHostOptions Options(string? storage = null) => new()
    {
        AppFolder = Folder,
        StorageConnectionString = storage ?? NoStorage,
        AppSettings = new Dictionary<string, string> { ["SCRIPT_URL"] = Script.Address },
        MasterKey = MasterKey,
        FunctionKey = FunctionKey,
        RestartBackoff = TimeSpan.FromMilliseconds(10),
    };

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _host, null) is { } host)
        {
            await host.DisposeAsync();
        }
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(Host.Endpoint, path));

    /// <summary>Kills the running handler as the system would, with signal 9.</summary>
    public void KillHandler()
    {
        using var process = Process.GetProcessById(Host.HandlerProcessId!.Value);
        process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Script.DisposeAsync();
        Http.Dispose();
        _loggers.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Member(string text) => text.Length == 0 ? "" : text + ",";

    private static string FindHandler()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "tests", "FunctionsHost", "ScriptedHandler", "bin", framework.Parent!.Name, framework.Name);
    }
}
