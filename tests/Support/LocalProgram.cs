using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Parley.Local;

namespace Parley.Tests.Support;

/// <summary>The built local program, running as a child process. It ends with this process, and with its disposal.</summary>
public sealed class LocalProgram : IAsyncDisposable
{
    /// <summary>How long anything may take that a test waits for: generous, because several builds and tests may share the computer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    private LocalProgram(Process process)
    {
        _process = process;
        ProcessId = process.Id;
        process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int ProcessId { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => Copy(_output);

    /// <summary>The lines of standard error so far.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    public string AllOutput => string.Join('\n', [.. Output, .. Errors]);

    public static LocalProgram Start(params IEnumerable<string> arguments) => Start(arguments, environment: null);

    /// <param name="arguments">Of the program.</param>
    /// <param name="environment">Variables to set in addition to this process's own.</param>
    public static LocalProgram Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(DotNet(), [Repository.Program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new LocalProgram(Process.Start(start)!);
    }

    /// <summary>Runs to the end and gives the exit code. Read its output afterwards.</summary>
    public async Task<int> WaitForExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            return _process.ExitCode;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The local program has not ended. It wrote:\n{AllOutput}", e);
        }
    }

    /// <summary>Sends a signal by its name without SIG, for example <c>INT</c>.</summary>
    public Task SignalAsync(string signal) => Signals.SendAsync(ProcessId, signal);

    /// <summary>Ends its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Signals.SendAsync(ProcessId, "TERM");
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    // Found from the runtime that runs the tests, so that it does not depend on the PATH, which some tests change.
    private static string DotNet() => Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private void Add(List<string> lines, string? line)
    {
        if (line is not null)
        {
            lock (_lock)
            {
                lines.Add(line);
            }
        }
    }

    private List<string> Copy(List<string> lines)
    {
        lock (_lock)
        {
            return [.. lines];
        }
    }
}

/// <summary>Sends signals and sees whether processes live.</summary>
public static class Signals
{
    public static async Task SendAsync(int processId, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "kill -\"$1\" \"$2\" 2>/dev/null", "kill", signal, processId.ToString(CultureInfo.InvariantCulture)]))!;
        await kill.WaitForExitAsync();
    }

    public static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
