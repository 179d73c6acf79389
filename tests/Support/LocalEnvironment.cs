using Parley.Local;

namespace Parley.Tests.Support;

/// <summary>
/// A running local environment, a child process with data of its own in a temporary folder. The variable PARLEY_APP names a published
/// app folder that it runs instead of the ordinary build.
/// </summary>
public sealed class LocalEnvironment : IAsyncDisposable
{
    private readonly DirectoryInfo? _ownFolder;
    private int _names;

    private LocalEnvironment(LocalProgram program, DataFolder data, DirectoryInfo? ownFolder, LocalSettings settings)
    {
        (Program, Data, _ownFolder) = (program, data, ownFolder);
        Api = new ApiClient(settings);
    }

    public LocalProgram Program { get; }

    public DataFolder Data { get; }

    public ApiClient Api { get; }

    /// <summary>What <c>local.json</c> says now; the handler's process id changes with its restarts.</summary>
    public LocalSettings Settings => LocalSettings.TryRead(Data.Settings) ?? throw new InvalidOperationException($"The environment is not running. It wrote:\n{Program.AllOutput}");

    /// <summary>Starts one and waits until everything answers.</summary>
    /// <param name="dataFolder">A folder that outlives the environment; a temporary one if not given.</param>
    /// <param name="port">Wanted port of the API; a free one if not given.</param>
    /// <param name="options">More options of the local program.</param>
    public static async Task<LocalEnvironment> StartAsync(string? dataFolder = null, int? port = null, params string[] options)
    {
        var ownFolder = dataFolder is null ? Directory.CreateTempSubdirectory("parley-") : null;
        var data = new DataFolder(dataFolder ?? ownFolder!.FullName);

        // Not that of an environment that was killed here before.
        data.RemoveSettings();
        var program = LocalProgram.Start([.. Arguments(data.Path, port ?? LoopbackPort.AnyFree()), .. options]);
        try
        {
            var settings = await Eventually.GetAsync("local.json", () => Task.FromResult(TryRead(program, data)), LocalProgram.Patience);
            return new LocalEnvironment(program, data, ownFolder, settings);
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>The arguments that every environment of the tests is started with.</summary>
    public static IEnumerable<string> Arguments(string dataFolder, int port)
    {
        string[] app = Environment.GetEnvironmentVariable("PARLEY_APP") is { Length: > 0 } folder ? ["--app", folder] : [];
        return ["--data", dataFolder, "--port", $"{port}", "--until-eof", .. app];
    }

    /// <summary>A name that no other test has, for example <c>jonas-17</c>. The account is not imported.</summary>
    public string NewAccount(string name) => $"{name}-{Interlocked.Increment(ref _names)}";

    /// <summary>A new account that is imported.</summary>
    public async Task<string> ImportAsync(string name)
    {
        var account = NewAccount(name);
        await Api.ImportAsync(account);
        return account;
    }

    /// <summary>Connects as an account, with the official client.</summary>
    public Task<ClientConnection> ConnectAsync(string account, string? platform = null) => ClientConnection.StartAsync(Api, account, platform: platform);

    /// <summary>Kills the handler with SIGKILL; the environment starts another.</summary>
    /// <returns>The process id that was killed, for <see cref="WaitForHandlerAsync"/>.</returns>
    public async Task<int> KillHandlerAsync()
    {
        var processId = Settings.HandlerPid;
        await Signals.SendAsync(processId, "KILL");
        return processId;
    }

    /// <summary>Waits until another handler than that one answers.</summary>
    public Task WaitForHandlerAsync(int killed) =>
        Eventually.TrueAsync("another handler", () => Settings.HandlerPid != killed, LocalProgram.Patience);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Program.DisposeAsync();
        _ownFolder?.Delete(recursive: true);
    }

    private static LocalSettings? TryRead(LocalProgram program, DataFolder data) => program.HasExited
        ? throw new InvalidOperationException($"The local program ended. It wrote:\n{program.AllOutput}")
        : LocalSettings.TryRead(data.Settings);
}
