using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace Parley.Local.ServiceBus;

/// <summary>Decides about each link that a client wants: to <c>$cbs</c>, to a queue, or from one. Without a good token there is none.</summary>
internal sealed class BusLinkProcessor(ServiceBusEmulatorOptions options, IReadOnlyDictionary<string, BusQueue> queues, Action tokenPut) : ILinkProcessor
{
    private const string Cbs = "$cbs";
    private const int Credit = 200;
    private const ulong LargestMessage = 256 * 1024;

    private static readonly Symbol SessionFilter = new("com.microsoft:session-filter");
    private static readonly TimeSpan SessionPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SessionWait = TimeSpan.FromMinutes(1);

    public void Process(AttachContext attachContext)
    {
        var attach = attachContext.Attach;
        var peer = BusPeer.Of(attachContext.Link, options);
        var address = attach.Role ? (attach.Source as Source)?.Address : (attach.Target as Target)?.Address;
        if (address == Cbs)
        {
            AttachCbs(attachContext, peer);
        }
        else if (address is null || !queues.TryGetValue(address, out var queue))
        {
            Refuse(attachContext, ErrorCode.NotFound, $"There is no queue '{address}'.");
        }
        else if (!peer.MayUse(address))
        {
            Refuse(attachContext, ErrorCode.UnauthorizedAccess, $"No token for '{address}' was put to $cbs, or its time is over.");
        }
        else if (!attach.Role && queue.Aside is null)
        {
            Refuse(attachContext, ErrorCode.NotAllowed, "Nobody sends to a queue of dead letters.");
        }
        else if (!attach.Role)
        {
            attach.MaxMessageSize = LargestMessage;
            attachContext.Complete(new BusTargetEndpoint(queue, peer), Credit);
        }
        else
        {
            AttachReceiver(attachContext, queue);
        }
    }

    private void AttachCbs(AttachContext context, BusPeer peer)
    {
        if (context.Attach.Role)
        {
            var replies = new CbsReplyEndpoint(context.Link);
            peer.Replies[((Target)context.Attach.Target).Address] = replies;
            context.Complete(replies, 0);
        }
        else
        {
            context.Complete(new CbsEndpoint(peer, tokenPut), Credit);
        }
    }

    private static void AttachReceiver(AttachContext context, BusQueue queue)
    {
        var filter = ((Source)context.Attach.Source).FilterSet;
        var wantsSession = filter?.ContainsKey(SessionFilter) == true;
        if (wantsSession != queue.Options.RequiresSession)
        {
            Refuse(context, ErrorCode.NotAllowed, "A receiver names a session if and only if the queue has sessions.");
        }
        else if (wantsSession)
        {
            _ = AcceptSessionAsync(context, queue, filter!);
        }
        else
        {
            context.Complete(new BusSourceEndpoint(queue, context.Link, null), 0);
        }
    }

    /// <summary>As the service does: a receiver that names no session waits for the next that has messages.</summary>
    private static async Task AcceptSessionAsync(AttachContext context, BusQueue queue, Map filter)
    {
        using var limit = new CancellationTokenSource(SessionWait);
        while (!limit.IsCancellationRequested && !context.Link.Session.IsClosed)
        {
            if (queue.LockSession(context.Link, filter[SessionFilter] as string) is { } session)
            {
                filter[SessionFilter] = session;
                context.Complete(new BusSourceEndpoint(queue, context.Link, session), 0);
                return;
            }

            await Task.Delay(SessionPoll);
        }

        Refuse(context, "com.microsoft:timeout", "No session had messages.");
    }

    private static void Refuse(AttachContext context, string condition, string description) =>
        context.Complete(new Error(new Symbol(condition)) { Description = description });
}
