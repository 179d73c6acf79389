using System.Net;
using System.Net.Sockets;

namespace Parley.Local;

/// <summary>Ports on 127.0.0.1. Another program may take a port between the check and its use, so a start still has to cope with that.</summary>
public static class LoopbackPort
{
    // Systems take the ports of outgoing connections from above: one of those could be gone before it is listened on.
    private const int First = 20_000;
    private const int End = 32_000;

    private static int _latest = Random.Shared.Next();

    /// <summary>The wanted port, or a free one when it is taken.</summary>
    public static int FreeOr(int wanted) => wanted != 0 && TryListen(wanted, out var port) ? port : AnyFree();

    /// <summary>A free port that this program has not been given lately, nor will be given to a connection that goes out.</summary>
    public static int AnyFree()
    {
        for (var attempt = First; attempt < End; attempt++)
        {
            var wanted = First + (int)((uint)Interlocked.Increment(ref _latest) % (End - First));
            if (TryListen(wanted, out var port))
            {
                return port;
            }
        }

        throw new StartFailedException("No free port was found on 127.0.0.1.");
    }

    private static bool TryListen(int wanted, out int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted);
        try
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
            return true;
        }
        catch (SocketException)
        {
            port = 0;
            return false;
        }
    }
}
