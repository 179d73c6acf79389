using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace Parley.Local.ServiceBus;

/// <summary>The node <c>$cbs</c> as it is written to: takes tokens and answers on the link that the request names.</summary>
internal sealed class CbsEndpoint(BusPeer peer, Action counted) : LinkEndpoint
{
    public override void OnMessage(MessageContext messageContext)
    {
        messageContext.Complete();
        _ = AnswerAsync(messageContext.Message);
    }

    public override void OnFlow(FlowContext flowContext)
    {
        // It receives only.
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        // It receives only.
    }

    private async Task AnswerAsync(Message request)
    {
        var properties = request.ApplicationProperties;
        var problem = (string?)properties?["operation"] == "put-token" && request.Body is string token
            ? await peer.PutAsync((string?)properties["type"], (string?)properties["name"], token)
            : "Only put-token is known here.";
        counted();
        if (peer.Replies.TryGetValue(request.Properties.ReplyTo, out var replies))
        {
            replies.Send(new Message
            {
                Properties = new Properties { CorrelationId = request.Properties.MessageId },
                ApplicationProperties = new ApplicationProperties { ["status-code"] = problem is null ? 202 : 401, ["status-description"] = problem ?? "Accepted" },
            });
        }
    }
}

/// <summary>The node <c>$cbs</c> as it is read from: an answer waits until its reader gives credit.</summary>
internal sealed class CbsReplyEndpoint(ListenerLink link) : LinkEndpoint
{
    private readonly Lock _gate = new();
    private readonly Queue<Message> _waiting = new();
    private int _credit;

    public void Send(Message answer)
    {
        lock (_gate)
        {
            _waiting.Enqueue(answer);
        }

        Flush();
    }

    public override void OnFlow(FlowContext flowContext)
    {
        lock (_gate)
        {
            _credit = Math.Max(_credit + flowContext.Messages, 0);
        }

        Flush();
    }

    public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();

    private void Flush()
    {
        lock (_gate)
        {
            while (!link.IsClosed && _credit > 0 && _waiting.TryDequeue(out var answer))
            {
                _credit--;
                link.SendMessage(answer);
            }
        }
    }
}

/// <summary>A queue as it is written to.</summary>
internal sealed class BusTargetEndpoint : LinkEndpoint
{
    private const uint BatchFormat = 0x80013700;

    private readonly BusQueue _queue;
    private readonly BusPeer _peer;

    public BusTargetEndpoint(BusQueue queue, BusPeer peer)
    {
        (_queue, _peer) = (queue, peer);
        queue.SenderCame();
    }

    public override void OnMessage(MessageContext messageContext)
    {
        if (!_peer.MayUse(_queue.Options.Name))
        {
            var expired = new Error(new Symbol(ErrorCode.UnauthorizedAccess)) { Description = "The token has expired." };
            _ = messageContext.Link.CloseAsync(TimeSpan.FromSeconds(1), expired);
            return;
        }

        var messages = Unpack(messageContext.Message);
        if (messages is null || (_queue.Options.RequiresSession && messages.Exists(message => message.Properties?.GroupId is null))
            || messages.Select(message => message.Properties?.GroupId).Distinct().Count() > 1)
        {
            messageContext.Complete(new Error(new Symbol(ErrorCode.NotAllowed)) { Description = "Each message needs a body, and all of a transfer one session where the queue has sessions." });
            return;
        }

        _queue.Add(messages);
        messageContext.Complete();
    }

    public override void OnFlow(FlowContext flowContext)
    {
        // It receives only.
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        // It receives only.
    }

    public override void OnLinkClosed(ListenerLink link, Error error) => _queue.SenderWent();

    /// <summary>The messages of a transfer: one, or those of a batch, each encoded as a whole; null when it is neither.</summary>
    private static List<Message>? Unpack(Message transfer) => transfer switch
    {
        { Format: BatchFormat, BodySection: DataList list } => [.. Enumerable.Range(0, list.Count).Select(at => Decode(list[at].Binary))],
        { Format: BatchFormat, BodySection: Data one } => [Decode(one.Binary)],
        { Format: 0, BodySection: Data } => [transfer],
        _ => null,
    };

    private static Message Decode(byte[] bytes) => Message.Decode(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length));
}

/// <summary>A queue as it is read from, by one receiver: of a queue with sessions, one session.</summary>
internal sealed class BusSourceEndpoint : LinkEndpoint
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Message, BusMessage> _held = new(ReferenceEqualityComparer.Instance);
    private readonly BusQueue _queue;
    private readonly ListenerLink _link;
    private readonly string? _session;
    private int _credit;
    private bool _isClosed;

    public BusSourceEndpoint(BusQueue queue, ListenerLink link, string? session)
    {
        (_queue, _link, _session) = (queue, link, session);
        queue.Watch(Pump);
    }

    public override void OnFlow(FlowContext flowContext)
    {
        lock (_gate)
        {
            _credit = Math.Max(_credit + flowContext.Messages, 0);
        }

        Pump();
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        BusMessage? held;
        lock (_gate)
        {
            _held.Remove(dispositionContext.Message, out held);
        }

        if (held is null)
        {
            return;
        }

        dispositionContext.Complete();
        switch (dispositionContext.DeliveryState)
        {
            case Accepted: _queue.Complete(held); break;
            case Rejected: _queue.Reject(held); break;
            case Modified { DeliveryFailed: true }: _queue.Abandon(held, counts: true); break;
            default: _queue.Abandon(held, counts: false); break;
        }
    }

    public override void OnLinkClosed(ListenerLink link, Error error)
    {
        _queue.Unwatch(Pump);
        List<BusMessage> lost;
        lock (_gate)
        {
            _isClosed = true;
            lost = [.. _held.Values];
            _held.Clear();
        }

        // Their locks end with the link, and a delivery that was lost counts.
        lost.ForEach(message => _queue.Abandon(message, counts: true));
        if (_session is not null)
        {
            _queue.UnlockSession(_session);
        }
    }

    private void Pump()
    {
        lock (_gate)
        {
            while (!_isClosed && _link.LinkState == LinkState.Attached && _credit > 0 && _queue.Take(this, _session) is { } next)
            {
                _credit--;
                var delivery = next.ToDelivery();
                _held[delivery] = next;
                _link.SendMessage(delivery);
            }
        }
    }
}
