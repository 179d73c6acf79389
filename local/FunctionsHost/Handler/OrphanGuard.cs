using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Parley.Local.FunctionsHost;

/// <summary>Kills a child process when this process dies without being able to, for example by SIGKILL.</summary>
/// <remarks>
/// A waiting shell holds the reading end of a pipe whose other end only this process has: end of file means that we are gone.
/// The child needs to know nothing of it. Unix only: elsewhere a killed program leaves its handler behind.
/// The shell ignores the signals that a terminal sends to the whole group, so that Ctrl+C does not end it first.
/// </remarks>
internal sealed class OrphanGuard : IDisposable
{
    private const string Script = """trap "" INT HUP TERM; read -r _ || kill -9 "$1" """;

    private readonly Process _shell;

    private OrphanGuard(Process shell) => _shell = shell;

    /// <summary>Null where there is no shell to do it.</summary>
    public static OrphanGuard? TryAttach(Process child)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        string[] arguments = ["-c", Script, "guard", child.Id.ToString(CultureInfo.InvariantCulture)];
        try
        {
            return new OrphanGuard(Process.Start(new ProcessStartInfo("/bin/sh", arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Ends the guard and leaves the child alone. Call it as soon as the child has ended: its id may be used again.</summary>
    public void Dispose()
    {
        try
        {
            _shell.StandardInput.WriteLine();
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // Somebody ended the shell; then it guards nothing any more.
        }

        _shell.Dispose();
    }
}
