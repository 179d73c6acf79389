using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Parley.Local.Storage;

/// <summary>The pinned Azurite in <c>local/azurite/node_modules</c>, installed once by <c>npm ci</c>.</summary>
/// <remarks>
/// A stamp holds the hash of the lock file that was installed, written last: an interrupted installation or a newer
/// lock file is installed again. A lock file lets one of several starts install while the others wait for it.
/// </remarks>
public sealed class AzuriteInstallation(string folder)
{
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    public string StartScript => Path.Combine(folder, "start.cjs");

    private string Stamp => Path.Combine(folder, "node_modules", ".parley-installed");

    /// <summary>True when the installed packages are those of the lock file.</summary>
    public bool IsComplete => File.Exists(Stamp) && File.ReadAllText(Stamp) == LockFileHash();

    /// <summary>Installs if need be.</summary>
    /// <exception cref="StartFailedException">npm is missing or failed; the message holds its last lines.</exception>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (IsComplete)
        {
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(InstallTimeout);
        try
        {
            await using var exclusive = await LockAsync(deadline.Token);
            if (!IsComplete)
            {
                await RunNpmAsync(deadline.Token);
                await File.WriteAllTextAsync(Stamp, LockFileHash(), deadline.Token);
            }
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new StartFailedException($"Installing Azurite took longer than {InstallTimeout.TotalMinutes:0} minutes. Try 'npm ci' in {folder}.", e);
        }
    }

    private string LockFileHash() => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "package-lock.json"))));

    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, ".install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                await Task.Delay(LockPoll, cancellation);
            }
        }
    }

    private async Task RunNpmAsync(CancellationToken cancellation)
    {
        // Node 20 works although the package asks for 22, so its engine warnings are left out.
        string[] arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        var start = new ProcessStartInfo(NodeRuntime.Npm, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = StartNpm(start);
        npm.StandardInput.Close();
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellation);
            var errors = npm.StandardError.ReadToEndAsync(cancellation);
            await npm.WaitForExitAsync(cancellation);
            if (npm.ExitCode != 0)
            {
                throw new StartFailedException($"'npm ci' in {folder} ended with code {npm.ExitCode}:{Environment.NewLine}{Tail(await errors + await output)}");
            }
        }
        finally
        {
            if (!npm.HasExited)
            {
                npm.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process StartNpm(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new StartFailedException("npm was not found. Install it together with Node.js so that 'npm' is on the PATH.", e);
        }
    }

    private static string Tail(string text) => string.Join(Environment.NewLine, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(15));
}
