using System.Diagnostics;
using Parley.Local;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class StartTests
{
    [Theory]
    [InlineData("AzureWebJobsStorage", "Storage:TableEndpoint")]
    [InlineData("SignalR__ConnectionString", "ConnectionString")]
    [InlineData("SignalR__UpstreamSecret", "UpstreamSecret")]
    public async Task A_missing_setting_stops_the_start_with_its_name(string missing, string named)
    {
        var folder = Environment.GetEnvironmentVariable("PARLEY_APP") is { Length: > 0 } published ? published : Repository.DefaultAppFolder;
        var start = new ProcessStartInfo(Path.Combine(folder, "parley"))
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "0",
                ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
                ["SignalR__ConnectionString"] = "Endpoint=http://127.0.0.1:1;AccessKey=key;Version=1.0;",
                ["SignalR__UpstreamSecret"] = new string('s', 32),
            },
        };
        start.Environment.Remove(missing);
        using var process = Process.Start(start)!;
        var stop = TestContext.Current.CancellationToken;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        try
        {
            await process.WaitForExitAsync(stop).WaitAsync(LocalProgram.Patience, stop);
        }
        finally
        {
            process.Kill();
        }

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains(named, string.Concat(await output), StringComparison.Ordinal);
    }
}
