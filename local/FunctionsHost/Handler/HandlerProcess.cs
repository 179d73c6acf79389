using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Parley.Local.FunctionsHost;

/// <summary>One process of the handler, from its start to its end.</summary>
/// <remarks>Source: custom handler contract, section 2. It is asked to end by SIGTERM where there is such a thing, then killed.</remarks>
internal sealed partial class HandlerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(25);

    private readonly Process _process;
    private readonly OrphanGuard? _guard;
    private readonly HandlerOutput _output;

    private HandlerProcess(Process process, Uri address, HandlerOutput output)
    {
        _process = process;
        _output = output;
        _guard = OrphanGuard.TryAttach(process);
        Address = address;
        Id = process.Id;
        Exited = ExitedAsync();
    }

    public int Id { get; }

    public Uri Address { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts the executable on a port.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused to start it.</exception>
    public static HandlerProcess Start(ProcessStartInfo start, int port, bool stdErrorIsErrors, ILogger logger)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new HandlerProcess(process, new Uri($"http://127.0.0.1:{port}"), new HandlerOutput(process, stdErrorIsErrors, logger));
    }

    /// <summary>Waits until the port answers HTTP, with whatever status. Only a refused socket means "not yet".</summary>
    /// <returns>False when the process ended first.</returns>
    /// <exception cref="OperationCanceledException">The caller's time is over.</exception>
    public async Task<bool> AnswersAsync(HttpMessageInvoker http, CancellationToken cancellation)
    {
        while (!Exited.IsCompleted)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Address);
                using var response = await http.SendAsync(request, cancellation);
                return true;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException)
            {
                await Task.WhenAny(Exited, Task.Delay(ReadyPoll, cancellation));
                cancellation.ThrowIfCancellationRequested();
            }
            catch (HttpRequestException)
            {
                return !Exited.IsCompleted;
            }
        }

        return false;
    }

    /// <summary>The last lines that it wrote to stderr.</summary>
    public string LastErrors => _output.LastErrors;

    public async Task StopAsync(TimeSpan grace)
    {
        if (!Exited.IsCompleted && grace > TimeSpan.Zero && !OperatingSystem.IsWindows())
        {
            _ = SendSignal(Id, SigTerm);
            await Task.WhenAny(Exited, Task.Delay(grace));
        }

        if (!Exited.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Exited;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        await _output.DisposeAsync();
        _process.Dispose();
    }

    private async Task<int> ExitedAsync()
    {
        await _process.WaitForExitAsync();
        _guard?.Dispose();
        return _process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
