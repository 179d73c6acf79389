using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Parley.Delivery.ServiceBus;

/// <summary>The node <c>$cbs</c> of a connection, to which tokens are put: claims-based security. Not for two callers at once.</summary>
internal sealed class CbsNode
{
    private const string Node = "$cbs";

    // Given before the first request, so that no reply has to wait for it.
    private const int ReplyCredit = 10;

    private readonly string _replyTo = $"cbs-reply-{Guid.NewGuid():N}";
    private readonly SenderLink _requests;
    private readonly ReceiverLink _replies;

    public CbsNode(Session session)
    {
        _requests = new SenderLink(session, "cbs-requests", Node);
        var replies = new Attach { Source = new Source { Address = Node }, Target = new Target { Address = _replyTo } };
        _replies = new ReceiverLink(session, "cbs-replies", replies, null);
        _replies.SetCredit(ReplyCredit);
    }

    /// <summary>Puts a token for an audience, the first one or a newer.</summary>
    /// <exception cref="AmqpException">The broker refuses it, with its reason.</exception>
    public async Task PutAsync(string audience, BusToken token, TimeSpan timeout)
    {
        var request = new Message(token.Text)
        {
            Properties = new Properties { MessageId = Guid.NewGuid().ToString("N"), ReplyTo = _replyTo },
            ApplicationProperties = new ApplicationProperties { ["operation"] = "put-token", ["type"] = token.Type, ["name"] = audience },
        };
        await _requests.SendAsync(request, timeout);
        using var reply = await _replies.ReceiveAsync(timeout) ?? throw new TimeoutException("The broker did not answer a token.");
        _replies.Accept(reply);
        var properties = reply.ApplicationProperties;
        if (properties?["status-code"] is not (200 or 202))
        {
            var description = $"The broker refused the token for {audience}: {properties?["status-code"]} {properties?["status-description"]}";
            throw new AmqpException(new Error(new Symbol(ErrorCode.UnauthorizedAccess)) { Description = description });
        }
    }
}
