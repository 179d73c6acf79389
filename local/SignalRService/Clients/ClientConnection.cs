using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Local.SignalRService.Protocol;

namespace Parley.Local.SignalRService.Clients;

/// <summary>
/// One client past its handshake: what can be sent to it, and how it ends. Reading belongs to <see cref="ClientConnectionHandler"/>.
/// Nothing here blocks on the client, so hubs may call it under their lock.
/// </summary>
internal sealed class ClientConnection : IDisposable
{
    // Frames are gathered up to here before the transport is asked to take them.
    private const int FlushAt = 64 * 1024;

    private readonly ConnectionContext _transport;
    private readonly SignalRServiceOptions _options;
    private readonly ServiceCounters _counters;
    private readonly OutboundQueue _outbound;
    private readonly Frame _ping;
    private readonly CancellationTokenSource _ended = new(); // has no timer, so it needs no disposal, which could race with a cancellation
    private readonly ITimer _keepAlive;
    private readonly ITimer? _authentication;
    private long _lastFrame;
    private int _stopped;

    public ClientConnection(
        ConnectionContext transport, ClientIdentity identity, IClientProtocol protocol, SignalRServiceOptions options, ServiceCounters counters)
    {
        _transport = transport;
        _options = options;
        _counters = counters;
        _outbound = new OutboundQueue(options.OutboundQueueFrames, options.OutboundQueueBytes);
        Identity = identity;
        Protocol = protocol;
        _ping = new Frame(protocol.Hub.GetMessageBytes(PingMessage.Instance), Counted: false);
        _lastFrame = options.Time.GetTimestamp();
        _keepAlive = options.Time.CreateTimer(_ => PingWhenIdle(), null, options.KeepAliveInterval, options.KeepAliveInterval);
        _authentication = AuthenticationTimer();
    }

    public string Id => _transport.ConnectionId;

    public ClientIdentity Identity { get; }

    public string? UserId => Identity.UserId;

    public IClientProtocol Protocol { get; }

    /// <summary>Cancelled when the service ends the connection.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why the service ended it, when it did and had a reason to give.</summary>
    public string? EndReason { get; private set; }

    /// <returns>False when the client is too slow, or gone: the caller drops it.</returns>
    public bool TrySend(Frame frame) => _outbound.TryAdd(frame);

    /// <summary>Says good-bye and ends the connection. The client may reconnect by itself, as with Microsoft's emulator.</summary>
    public void Close(string? reason)
    {
        if (TryStop(reason))
        {
            var message = new CloseMessage(reason, allowReconnect: true);
            _outbound.Complete(new Frame(Protocol.Hub.GetMessageBytes(message), Counted: false));
        }
    }

    /// <summary>Ends the connection without a word: the client would not read it.</summary>
    public void Abort(string reason)
    {
        if (TryStop(reason))
        {
            _outbound.Complete();
            ThreadPool.QueueUserWorkItem(static transport => transport.Abort(), _transport, preferLocal: false);
        }
    }

    /// <summary>No more frames are accepted; <see cref="WriteOutboundAsync"/> ends when those accepted are written.</summary>
    public void CompleteOutbound() => _outbound.Complete();

    /// <summary>Writes accepted frames to the transport until the connection ends.</summary>
    public async Task WriteOutboundAsync()
    {
        var output = _transport.Transport.Output;
        while (await _outbound.WaitAsync())
        {
            var size = 0;
            while (size < FlushAt && _outbound.TryTake(out var frame))
            {
                output.Write(frame.Bytes.Span);
                size += frame.Bytes.Length;
                if (frame.Counted)
                {
                    _counters.CountFrame();
                }
            }

            Volatile.Write(ref _lastFrame, _options.Time.GetTimestamp());
            var flushed = await output.FlushAsync();
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _keepAlive.Dispose();
        _authentication?.Dispose();
    }

    private bool TryStop(string? reason)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return false;
        }

        EndReason = reason;
        _ = _ended.CancelAsync();
        return true;
    }

    private void PingWhenIdle()
    {
        if (_options.Time.GetElapsedTime(Volatile.Read(ref _lastFrame)) >= _options.KeepAliveInterval)
        {
            TrySend(_ping);
        }
    }

    private ITimer? AuthenticationTimer()
    {
        var rest = Identity.ClosesAt - _options.Time.GetUtcNow();

        // A timer holds 49 days; no connection of a local run gets that old.
        return rest is { TotalDays: < 49 } due
            ? _options.Time.CreateTimer(
                _ => Close("The authentication of the connection has expired."), null, due < TimeSpan.Zero ? TimeSpan.Zero : due, Timeout.InfiniteTimeSpan)
            : null;
    }
}
