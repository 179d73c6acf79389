using Microsoft.Extensions.Logging.Abstractions;
using Parley.Local.FunctionsHost;

namespace Parley.Tests.ScriptedHandler;

/// <summary>A program around the Functions host, which a test kills.</summary>
internal static class HostProgram
{
    public static async Task<int> RunAsync(string folder, string storage)
    {
        var options = new FunctionsHostOptions { AppFolder = folder, StorageConnectionString = storage };
        await using var host = await FunctionsHostEmulator.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None);
        await host.Stopped;
        return 0;
    }
}
