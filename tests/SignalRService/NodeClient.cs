using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Local;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

/// <summary>The official JavaScript client in a node process of its own (js/client.mjs), one JSON line per event and command.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "SignalRService", "js");

    private readonly Process _node;

    private NodeClient(Process node) => _node = node;

    public static async Task<NodeClient> StartAsync(string url, string token, string transport, string protocol)
    {
        await NodePackages.InstallAsync(Folder);
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

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
