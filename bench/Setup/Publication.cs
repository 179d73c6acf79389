using System.Diagnostics;
using Parley.Bench.Reporting;
using Parley.Local;

namespace Parley.Bench.Setup;

/// <summary>Publishes the function app in both of its forms, from the same sources, as <c>dotnet publish functions</c> does.</summary>
internal static class Publication
{
    /// <summary>What is deployed.</summary>
    public static Task<string> NativeAsync(CancellationToken cancellation) => PublishAsync("native", [], cancellation);

    /// <summary>The same code, compiled when it runs, with its own copy of the runtime.</summary>
    public static Task<string> JitAsync(CancellationToken cancellation)
    {
        // Built beside the native one: other packages, so another lock file and another intermediate folder.
        var build = Path.Combine(Repository.Root, "artifacts", "jit-build");
        string[] options =
        [
            "-p:PublishAot=false", "-p:SelfContained=true", "--artifacts-path", build, $"-p:NuGetLockFilePath={Path.Combine(build, "packages.lock.json")}",
        ];
        return PublishAsync("jit", options, cancellation);
    }

    private static async Task<string> PublishAsync(string name, string[] options, CancellationToken cancellation)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", name);
        Report.Progress($"Publishing the {name} app to {folder} ...");
        string[] arguments = ["publish", Path.Combine(Repository.Root, "functions"), "-c", "Release", "-o", folder, .. options];
        var start = new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true };

        // Build servers outlive the build and would hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var dotnet = Process.Start(start)!;
        var output = await dotnet.StandardOutput.ReadToEndAsync(cancellation);
        await dotnet.WaitForExitAsync(cancellation);
        return dotnet.ExitCode == 0 ? folder : throw new BenchException($"Publishing the {name} app failed:\n{output}");
    }
}
