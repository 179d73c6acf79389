using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Tests.SignalRService;

/// <summary>The official JavaScript client in a node process of its own (js/client.mjs), one JSON line per event and command.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "tests", "SignalRService", "js");
    private static readonly SemaphoreSlim InstallGate = new(1);

    private readonly Process _node;

    private NodeClient(Process node) => _node = node;

    public static async Task<NodeClient> StartAsync(string url, string token, string transport, string protocol)
    {
        await InstallAsync();
        return new NodeClient(Start("node", ["client.mjs", url, token, transport, protocol]));
    }

    public async Task<JsonNode> NextAsync(string eventName)
    {
        var line = await _node.StandardOutput.ReadLineAsync(TestService.Stop).AsTask().WaitAsync(Eventually.Deadline);
        if (line is null)
        {
            throw new InvalidOperationException("node ended: " + await _node.StandardError.ReadToEndAsync(TestService.Stop));
        }

        var node = JsonNode.Parse(line)!;
        Assert.True(eventName == (string?)node["event"], $"Waiting for {eventName}: {line}");
        return node;
    }

    public async Task CommandAsync(JsonObject command)
    {
        await _node.StandardInput.WriteLineAsync(command.ToJsonString(JsonSerializerOptions.Web));
        await _node.StandardInput.FlushAsync(TestService.Stop);
    }

    /// <summary>Ends the process without a word to anybody.</summary>
    public void Kill() => _node.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        if (!_node.HasExited)
        {
            _node.Kill(entireProcessTree: true);
        }

        await _node.WaitForExitAsync(CancellationToken.None);
        _node.Dispose();
    }

    private static async Task InstallAsync()
    {
        await InstallGate.WaitAsync(TestService.Stop);
        try
        {
            // Two test runs may share the folder, so the gate is a file as well.
            await using var gate = await LockAsync(Path.Combine(RepositoryRoot(), "tests", "obj", "signalr-js.lock"));
            var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"), TestService.Stop);
            var stamp = Path.Combine(Folder, "node_modules", ".installed");
            if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp, TestService.Stop) == wanted)
            {
                return;
            }

            using var npm = Start("npm", ["ci", "--no-audit", "--no-fund"]);
            var output = npm.StandardOutput.ReadToEndAsync(TestService.Stop);
            var errors = npm.StandardError.ReadToEndAsync(TestService.Stop);
            await npm.WaitForExitAsync(TestService.Stop);
            Assert.True(npm.ExitCode == 0, "npm ci failed: " + await output + await errors);
            await File.WriteAllTextAsync(stamp, wanted, TestService.Stop);
        }
        finally
        {
            InstallGate.Release();
        }
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        FileStream? held = null;
        await Eventually.IsTrueAsync(
            () =>
            {
                try
                {
                    held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "the lock of the npm folder is free");
        return held!;
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Parley.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Tests do not run inside the repository.");
        }

        return folder;
    }
}
