using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Parley.Local.SignalRService.Hubs;
using Parley.Local.SignalRService.Upstream;

namespace Parley.Local.SignalRService.Clients;

/// <summary>
/// The life of one client connection: handshake, <c>connected</c> upstream, its messages one after the other, <c>disconnected</c> upstream.
/// The connection can be reached by REST from before the client learns that it is accepted until just before <c>disconnected</c>.
/// </summary>
internal sealed partial class ClientConnectionHandler(
    HubRegistry hubs,
    ClientMessageLoop messages,
    UpstreamCaller upstream,
    EstablishedConnections established,
    SignalRServiceOptions options,
    ServiceCounters counters,
    ILogger<ClientConnectionHandler> logger) : ConnectionHandler
{
    // Real time: how long the last frames of an ending connection may take to leave.
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var http = connection.GetHttpContext();
        var identity = ClientIdentity.Of(http) ?? throw new InvalidOperationException("The client was not authenticated.");
        var transportId = EstablishedConnections.IdOf(http?.Request) ?? connection.ConnectionId;
        established.Add(transportId);
        try
        {
            using var timeout = new CancellationTokenSource(identity.HandshakeTimeout ?? options.HandshakeTimeout, options.Time);
            var protocol = await Handshake.ReadAsync(connection, timeout.Token);
            if (protocol is null)
            {
                HandshakeFailed(logger, connection.ConnectionId);
                return;
            }

            using var client = new ClientConnection(connection, identity, protocol, options, counters);
            await ServeAsync(connection, client);
        }
        catch (Exception e) when (IsTransportLoss(e))
        {
            HandshakeFailed(logger, connection.ConnectionId);
        }
        finally
        {
            established.Remove(transportId);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, ClientConnection client)
    {
        var hub = hubs.Get(client.Identity.Hub);
        var writing = client.WriteOutboundAsync();
        hub.Open(client, Handshake.Accepted);
        Opened(logger, client.Id, hub.Name, client.Protocol.Hub.Name);
        string? error = null;
        try
        {
            await upstream.ConnectedAsync(client);
            error = await messages.RunAsync(connection.Transport.Input, client);
        }
        catch (Exception e) when (IsTransportLoss(e))
        {
            error = client.EndReason ?? e.Message;
        }
        finally
        {
            hub.Remove(client);
            await FinishWritingAsync(connection, client, writing);
            Closed(logger, client.Id, error ?? "normally");
            await upstream.DisconnectedAsync(client, error);
        }
    }

    private async Task FinishWritingAsync(ConnectionContext connection, ClientConnection client, Task writing)
    {
        client.CompleteOutbound();
        try
        {
            await writing.WaitAsync(FlushTimeout);
        }
        catch (Exception e) when (e is TimeoutException || IsTransportLoss(e))
        {
            FramesLost(logger, client.Id, e.Message);
            connection.Abort();
        }
    }

    private static bool IsTransportLoss(Exception e) =>
        e is IOException or OperationCanceledException or WebSocketException or ConnectionAbortedException or InvalidOperationException
            and not ObjectDisposedException;

    [LoggerMessage(EventId = 7102, Level = LogLevel.Warning, Message = "Connection {ConnectionId} ended without a good handshake")]
    private static partial void HandshakeFailed(ILogger logger, string connectionId);

    [LoggerMessage(EventId = 7103, Level = LogLevel.Debug, Message = "Connection {ConnectionId} opened on hub {Hub} with {Protocol}")]
    private static partial void Opened(ILogger logger, string connectionId, string hub, string protocol);

    [LoggerMessage(EventId = 7104, Level = LogLevel.Debug, Message = "Connection {ConnectionId} closed: {Error}")]
    private static partial void Closed(ILogger logger, string connectionId, string error);

    [LoggerMessage(EventId = 7105, Level = LogLevel.Information, Message = "Connection {ConnectionId}: last frames could not be written: {Error}")]
    private static partial void FramesLost(ILogger logger, string connectionId, string error);
}
