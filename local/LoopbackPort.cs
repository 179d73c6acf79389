using System.Net;
using System.Net.Sockets;

namespace Parley.Local;

/// <summary>Ports on 127.0.0.1. Another program may take a port between the check and its use, so a start still has to cope with that.</summary>
public static class LoopbackPort
{
    /// <summary>The wanted port, or a free one when it is taken.</summary>
    public static int FreeOr(int wanted) => wanted != 0 && TryListen(wanted, out var port) ? port : AnyFree();

    public static int AnyFree() => TryListen(0, out var port) ? port : throw new StartFailedException("No free port was found on 127.0.0.1.");

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
