using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Local.SignalRService.Protocol;

namespace Parley.Local.SignalRService.Clients;

/// <summary>The first exchange of a connection, in which the client names its hub protocol.</summary>
internal static class Handshake
{
    private const int LongestRequest = 32 * 1024;

    /// <summary>The answer that accepts; it is sent as the connection's first frame.</summary>
    public static readonly Frame Accepted = new(Encode(HandshakeResponseMessage.Empty), Counted: false);

    /// <returns>Null when there was no good handshake; the client has been told why, if it is still there.</returns>
    public static async Task<IClientProtocol?> ReadAsync(ConnectionContext transport, CancellationToken timeout)
    {
        try
        {
            var request = await ReadRequestAsync(transport, timeout);
            if (request is null)
            {
                return null;
            }

            var protocol = ClientProtocols.Find(request.Protocol);
            var problem = Problem(transport, request, protocol);
            if (problem is null)
            {
                return protocol;
            }

            await RefuseAsync(transport, problem);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            await RefuseAsync(transport, "Handshake was canceled.");
        }
        catch (InvalidDataException)
        {
            await RefuseAsync(transport, "An unexpected error occurred during connection handshake.");
        }

        return null;
    }

    private static async Task<HandshakeRequestMessage?> ReadRequestAsync(ConnectionContext transport, CancellationToken timeout)
    {
        var input = transport.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(timeout);
            var buffer = read.Buffer;
            if (HandshakeProtocol.TryParseRequestMessage(ref buffer, out var request))
            {
                input.AdvanceTo(buffer.Start);
                return request;
            }

            var length = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (length > LongestRequest)
            {
                throw new InvalidDataException("The handshake request is too long.");
            }

            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static string? Problem(ConnectionContext transport, HandshakeRequestMessage request, IClientProtocol? protocol)
    {
        if (protocol is null)
        {
            return $"The protocol '{request.Protocol}' is not supported.";
        }

        if (!protocol.Hub.IsVersionSupported(request.Version))
        {
            return $"The server does not support version {request.Version} of the '{request.Protocol}' protocol.";
        }

        if (transport.Features.Get<ITransferFormatFeature>() is { } format)
        {
            if (!format.SupportedFormats.HasFlag(protocol.Hub.TransferFormat))
            {
                return $"Cannot use the '{request.Protocol}' protocol on the current transport.";
            }

            format.ActiveFormat = protocol.Hub.TransferFormat;
        }

        return null;
    }

    private static async Task RefuseAsync(ConnectionContext transport, string problem) =>
        await transport.Transport.Output.WriteAsync(Encode(new HandshakeResponseMessage(problem)));

    private static ReadOnlyMemory<byte> Encode(HandshakeResponseMessage response)
    {
        var buffer = new ArrayBufferWriter<byte>();
        HandshakeProtocol.WriteResponseMessage(response, buffer);
        return buffer.WrittenMemory;
    }
}
