using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;

namespace Parley.Delivery.ServiceBus;

/// <summary>One AMQP connection, the links of the queues that were used on it, and their tokens. Not for two callers at once; it is not mended, but replaced when it is closed.</summary>
internal sealed class BusConnection : IAsyncDisposable
{
    private const int IdleMilliseconds = 60_000;

    /// <summary>A token is renewed before its end by so much.</summary>
    private static readonly TimeSpan TokenMargin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly Connection _connection;
    private readonly Session _session;
    private readonly BusTokens _tokens;
    private readonly TimeProvider _time;
    private readonly CbsNode? _cbs;
    private readonly Dictionary<string, BusSender> _senders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _renewAt = new(StringComparer.Ordinal);

    private BusConnection(Connection connection, BusAddress address, BusTokens tokens, TimeProvider time)
    {
        (_connection, _tokens, _time) = (connection, tokens, time);
        _session = new Session(connection);
        _cbs = address.IsServiceBus ? new CbsNode(_session) : null;
    }

    public bool IsClosed => _connection.IsClosed || _session.IsClosed;

    public static async Task<BusConnection> OpenAsync(BusAddress address, BusTokens tokens, TimeProvider time, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { AMQP = { IdleTimeout = IdleMilliseconds }, TCP = { NoDelay = true } };
        if (address.IsServiceBus)
        {
            factory.SASL.Profile = SaslProfile.Anonymous;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StepTimeout);
        var connection = await factory.CreateAsync(address.ToAmqp(), limit.Token, null);
        return new BusConnection(connection, address, tokens, time);
    }

    /// <summary>The session in which the queue may be used, with a token that is good for some time.</summary>
    /// <exception cref="AmqpException">The broker refuses the token.</exception>
    public async ValueTask<Session> AuthorizeAsync(string queue, CancellationToken cancellation)
    {
        if (_cbs is not null && (!_renewAt.TryGetValue(queue, out var renewAt) || _time.GetUtcNow() >= renewAt))
        {
            await PutTokenAsync(_cbs, queue, cancellation);
        }

        return _session;
    }

    /// <summary>The link of a queue, with a token that is good for some time.</summary>
    /// <exception cref="AmqpException">The broker refuses the token or the link.</exception>
    public async ValueTask<BusSender> SenderOfAsync(string queue, CancellationToken cancellation)
    {
        await AuthorizeAsync(queue, cancellation);
        if (!_senders.TryGetValue(queue, out var sender) || sender.Link.IsClosed)
        {
            sender = await AttachAsync(queue, cancellation);
            _senders[queue] = sender;
        }

        return sender;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_senders.Values.Where(sender => !sender.Link.IsClosed).Select(sender => sender.Link.CloseAsync(CloseTimeout, null)));
            await _connection.CloseAsync(CloseTimeout, null);
        }
        catch (Exception e) when (e is AmqpException or TimeoutException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It is gone already, or the broker does not answer.
        }
    }

    private async Task PutTokenAsync(CbsNode cbs, string queue, CancellationToken cancellation)
    {
        var token = await _tokens.CreateAsync(queue, cancellation);
        await cbs.PutAsync(_tokens.AudienceOf(queue), token, StepTimeout);
        var left = token.ExpiresOn - _time.GetUtcNow();
        _renewAt[queue] = token.ExpiresOn - (left / 4 < TokenMargin ? left / 4 : TokenMargin);
    }

    private async Task<BusSender> AttachAsync(string queue, CancellationToken cancellation)
    {
        var attached = new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously);
        var attach = new Attach { Target = new Target { Address = queue }, Source = new Source() };
        var link = new SenderLink(_session, $"{queue}-{Guid.NewGuid():N}", attach, (_, answer) =>
        {
            // A refusal names no target, and a detach with the reason follows.
            if (answer.Target is not null)
            {
                attached.TrySetResult(answer.MaxMessageSize);
            }
        });
        link.AddClosedCallback((_, error) => attached.TrySetException(new AmqpException(error ?? new Error(new Symbol(ErrorCode.DetachForced)))));
        return new BusSender(link, await attached.Task.WaitAsync(StepTimeout, cancellation));
    }
}

/// <summary>The link to a queue.</summary>
/// <param name="MaxMessageBytes">The largest transfer that the broker takes; 0 where it names none.</param>
internal sealed record BusSender(SenderLink Link, ulong MaxMessageBytes);
