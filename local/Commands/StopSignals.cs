using System.Runtime.InteropServices;

namespace Parley.Local.Commands;

/// <summary>Turns SIGINT (Ctrl+C), SIGTERM and SIGHUP into a cancelled token. A second one ends the program at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignals()
    {
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>Makes the end of standard input a signal too: whoever holds its other end has closed it, or died.</summary>
    public void FollowInput()
    {
        // A thread, because reading a terminal or pipe blocks whatever the call is named.
        new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                // Nothing is said this way but the end.
            }

            _stop.Cancel();
        })
        { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // Left to itself, a second signal does what it does by default: it ends this process, and with it the children.
        context.Cancel = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }
}
