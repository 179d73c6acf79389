using System.ComponentModel;
using System.Diagnostics;

namespace Parley.Local.Storage;

/// <summary>The Node.js that runs Azurite.</summary>
public static class NodeRuntime
{
    private const int OldestMajor = 20;
    private const string Advice = "Azurite, the local storage emulator, runs on it. Install Node.js 20 or newer (nodejs.org, or your system's packages) so that 'node' and 'npm' are on the PATH.";

    public static string Npm => OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    /// <summary>The version of the <c>node</c> on the PATH, for example <c>20.20.2</c>.</summary>
    /// <exception cref="StartFailedException">There is none, or it is too old.</exception>
    public static async Task<Version> FindAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("node", "--version") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var node = Process.Start(start)!;
            var output = await node.StandardOutput.ReadToEndAsync(cancellation);
            await node.WaitForExitAsync(cancellation);
            if (node.ExitCode == 0 && Version.TryParse(output.Trim().TrimStart('v'), out var version))
            {
                return version.Major >= OldestMajor
                    ? version
                    : throw new StartFailedException($"Node.js {version} is too old. {Advice}");
            }
        }
        catch (Win32Exception)
        {
            // No such program: the same advice as for one that does not work.
        }

        throw new StartFailedException($"Node.js was not found. {Advice}");
    }
}
