using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Identity;
using Parley.Delivery.ServiceBus;
using Parley.Identity;

namespace Parley.Local.FunctionsHost;

/// <summary>Receives the messages of one Service Bus queue and runs as many at a time as host.json allows; of a queue with sessions, one of each session.</summary>
/// <remarks>
/// A success completes the message, a failure abandons it: it comes back at once, until the broker has delivered it as often as the queue says.
/// Source: custom handler contract, section 5, serviceBusTrigger.
/// </remarks>
internal sealed partial class ServiceBusListener(
    FunctionDefinition function, ServiceBusSettings settings, HandlerSupervisor handler, EnvelopeInvoker invoker, TimeProvider time, ILogger<ServiceBusListener> logger)
{
    private const string SessionFilter = "com.microsoft:session-filter";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ServiceBusTrigger _trigger = (ServiceBusTrigger)function.Trigger;

    /// <summary>Runs until cancelled, then until the running messages have ended.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var address = BusAddress.OfConnectionString(_trigger.Connection)
            ?? throw new InvalidFunctionAppException($"{function.File}: connection '{_trigger.Connection.Split(';')[0]}' is no connection string of Service Bus.");
        using var tokens = new BusTokens(address, new AppIdentity(new DefaultAzureCredential()), time);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await handler.WhenEverReadyAsync(stopping);
                await using var connection = await BusConnection.OpenAsync(address, tokens, time, stopping);
                await ListenAsync(await connection.AuthorizeAsync(_trigger.Queue, stopping), stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (HandlerUnavailableException e)
            {
                NoHandler(logger, function.Name, e);
                return;
            }
            catch (Exception e)
            {
                Broken(logger, _trigger.Queue, e.Message);
                await Task.Delay(ReconnectPause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Task ListenAsync(Session session, CancellationToken stopping) => _trigger.IsSessionsEnabled
        ? Task.WhenAll(Enumerable.Range(0, settings.MaxConcurrentSessions).Select(_ => ListenToSessionsAsync(session, stopping)))
        : ListenToAllAsync(session, stopping);

    private async Task ListenToAllAsync(Session session, CancellationToken stopping)
    {
        var link = new ReceiverLink(session, $"{_trigger.Queue}-{Guid.NewGuid():N}", _trigger.Queue);
        link.SetCredit(settings.MaxConcurrentCalls);
        await Task.WhenAll(Enumerable.Range(0, settings.MaxConcurrentCalls).Select(async _ =>
        {
            while (!stopping.IsCancellationRequested && !link.IsClosed)
            {
                if (await link.ReceiveAsync(Poll) is { } message)
                {
                    await RunAsync(link, message, stopping);
                }
            }
        }));
    }

    /// <summary>One session after another: the next that has messages, until it has had none for a while.</summary>
    private async Task ListenToSessionsAsync(Session session, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && !session.IsClosed)
        {
            var link = await AcceptSessionAsync(session, stopping);
            link.SetCredit(1);
            var idle = TimeSpan.Zero;
            while (!stopping.IsCancellationRequested && !link.IsClosed && idle < settings.SessionIdleTimeout)
            {
                var message = await link.ReceiveAsync(Poll);
                idle = message is null ? idle + Poll : TimeSpan.Zero;
                if (message is not null)
                {
                    await RunAsync(link, message, stopping);
                }
            }

            await link.CloseAsync(CloseTimeout, null);
        }
    }

    private async Task<ReceiverLink> AcceptSessionAsync(Session session, CancellationToken stopping)
    {
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new Source { Address = _trigger.Queue, FilterSet = new Map { [new Symbol(SessionFilter)] = null } };
        var link = new ReceiverLink(session, $"{_trigger.Queue}-{Guid.NewGuid():N}", new Attach { Source = source, Target = new Target() }, (_, answer) =>
        {
            if (answer.Source is not null)
            {
                accepted.TrySetResult();
            }
        });
        link.AddClosedCallback((_, error) => accepted.TrySetException(new AmqpException(error ?? new Error(new Symbol(ErrorCode.DetachForced)))));
        await accepted.Task.WaitAsync(stopping);
        return link;
    }

    private async Task RunAsync(ReceiverLink link, Message message, CancellationToken stopping)
    {
        try
        {
            var text = ServiceBusEnvelope.Text(message) ?? throw new InvocationFailedException("The message's body is neither UTF-8 data nor a string.");
            await invoker.InvokeAsync(function, EnvelopeValue.Text(text), ServiceBusEnvelope.Metadata(message, text), stopping);
            link.Accept(message);
        }
        catch (Exception e) when (e is InvocationFailedException or HandlerUnavailableException)
        {
            Failed(logger, function.Name, message.Properties?.MessageId ?? "", (message.Header?.DeliveryCount ?? 0) + 1, e.Message);
            link.Modify(message, deliveryFailed: true, undeliverableHere: false);
        }
        catch (Exception e) when (e is OperationCanceledException or AmqpException)
        {
            // The host is being disposed, or the link broke: the broker gives the message to the next.
        }
    }

    [LoggerMessage(EventId = 9150, Level = LogLevel.Error, Message = "Function '{Function}' listens no more: no handler")]
    private static partial void NoHandler(ILogger logger, string function, Exception exception);

    [LoggerMessage(EventId = 9151, Level = LogLevel.Warning, Message = "Queue '{Queue}' of Service Bus cannot be listened to: {Reason}")]
    private static partial void Broken(ILogger logger, string queue, string reason);

    [LoggerMessage(EventId = 9152, Level = LogLevel.Error, Message = "Function '{Function}' failed for message {MessageId}, attempt {Attempt}: {Reason}")]
    private static partial void Failed(ILogger logger, string function, string messageId, long attempt, string reason);
}
