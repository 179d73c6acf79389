using System.ComponentModel;
using System.Diagnostics;

namespace Parley.Tests.Support;

/// <summary>Installs a package of the system where a test cannot do without it: as root, or with sudo where that asks for no password.</summary>
internal static class AptPackages
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Installs a package unless a file of it is there.</summary>
    /// <exception cref="InvalidOperationException">It is missing and cannot be installed; the message says what to do.</exception>
    public static async Task EnsureAsync(string package, string file)
    {
        if (File.Exists(file))
        {
            return;
        }

        var advice = $"The tests need {package}. Install it: sudo apt-get install {package} (Debian, Ubuntu).";
        if (!OperatingSystem.IsLinux())
        {
            throw new InvalidOperationException(advice);
        }

        // Without recommended packages; the runlevel keeps init scripts from starting the service.
        string[] install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q", "--no-install-recommends", package];
        var (code, output) = await RunAsync(install);
        if (code != 0)
        {
            // The lists of a fresh system are empty.
            var (updated, updateOutput) = await RunAsync(["apt-get", "-o", "DPkg::Lock::Timeout=300", "update", "-q"]);
            (code, output) = updated == 0 ? await RunAsync(install) : (updated, updateOutput);
        }

        if (code != 0 || !File.Exists(file))
        {
            throw new InvalidOperationException($"{advice} Installing it here failed with code {code}:\n{string.Join('\n', output.Split('\n').TakeLast(15))}");
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] command)
    {
        string[] unattended = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", .. command];
        string[] asRoot = Environment.UserName == "root" ? unattended : ["sudo", "-n", .. unattended];
        var start = new ProcessStartInfo(asRoot[0], asRoot[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, string.Concat(await texts));
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
