using System.Diagnostics;
using Parley.Local;

namespace Parley.Tests.Support;

/// <summary>Installs the npm packages of a folder as its lock file says; once for each lock file, whoever runs tests.</summary>
internal static class NodePackages
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task InstallAsync(string folder)
    {
        // Two test runs may share the folder, so the lock is a file.
        var name = $"npm-{Path.GetFileName(Path.GetDirectoryName(folder))}.lock";
        await using var held = await Eventually.GetAsync(
            "the lock of the npm folder", () => Task.FromResult(TryLock(Path.Combine(Repository.Root, "tests", "obj", name))), Patience);
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"));
        var stamp = Path.Combine(folder, "node_modules", ".installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
        {
            return;
        }

        var (exitCode, output) = await RunAsync(folder, "npm", ["ci", "--no-audit", "--no-fund"]);
        Assert.True(exitCode == 0, $"npm ci failed: {output}");
        await File.WriteAllTextAsync(stamp, wanted);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it wrote on both streams.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
