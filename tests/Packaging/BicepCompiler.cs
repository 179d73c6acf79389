using System.Diagnostics;

namespace Parley.Tests.Packaging;

/// <summary>The pinned compiler, for deployments that only one test looks at.</summary>
internal static class BicepCompiler
{
    /// <summary>Works out what parameters of main.bicep would create.</summary>
    /// <returns>Null if the deployment would be refused; and what the compiler said.</returns>
    public static async Task<(DeploymentSnapshot? Snapshot, string Output)> EvaluateAsync(params string[] parameters)
    {
        var bin = Checkout.PathOf("infra", "bin");
        var name = $"test-{Guid.NewGuid():N}";
        var file = Path.Combine(bin, $"{name}.bicepparam");
        await File.WriteAllLinesAsync(
            file, ["using '../main.bicep'", "param environmentName = 'test'", "param location = 'westeurope'", .. parameters.Select(parameter => $"param {parameter}")]);
        try
        {
            var output = await RunAsync("snapshot", file, "--mode", "overwrite", "--location", "westeurope", "--subscription-id", "00000000-0000-0000-0000-000000000001");
            return (File.Exists(Path.Combine(bin, $"{name}.snapshot.json")) ? DeploymentSnapshot.Read(name) : null, output);
        }
        finally
        {
            File.Delete(file);
            File.Delete(Path.Combine(bin, $"{name}.snapshot.json"));
        }
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Checkout.Read("infra", "bin", "bicep.path").Trim(), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return string.Concat(texts);
    }
}
