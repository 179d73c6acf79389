using Microsoft.Extensions.Options;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Makes single attempts at stored callbacks, and gives them up.</summary>
public sealed partial class CallbackSender(
    AppDirectory apps, CallbackClient client, CallbackCircuits circuits, DeadCallbacks dead, CallbackRecord record, IUnreadTotal unread, IOptions<CallbacksOptions> options, TimeProvider time,
    ILogger<CallbackSender> logger)
{
    /// <summary>How long an attempt may take.</summary>
    public TimeSpan Timeout => TimeSpan.FromMilliseconds(options.Value.AfterTimeoutMilliseconds);

    public int MaxAttempts(App app) => app.CallbackAttempts > 0 ? app.CallbackAttempts : options.Value.MaxAttempts;

    /// <summary>The app that is to be called; or why the callback is given up without that.</summary>
    public async ValueTask<(App? App, string? Reason)> FindReceiverAsync(StoredCallback callback, CancellationToken cancellation)
    {
        var age = TimeSpan.FromHours(options.Value.MaxAgeHours);
        var app = await apps.FindAsync(callback.SdkAppId, cancellation);
        return app is null or { CallbackUrl.Length: 0 } ? (null, "the app has no URL for callbacks any more")
            : callback.Body is null ? (null, $"the body was larger than {StoredCallback.MaxBodyBytes} bytes")
            : time.GetUtcNow() - callback.At > age ? (null, $"older than {age.TotalHours:0} h")
            : (app, null);
    }

    /// <summary>Asks whether the receiver is called at all; null when it is left alone for so long.</summary>
    public CircuitPass? TryEnter(App app, out TimeSpan wait) => circuits.TryEnter(app, out wait);

    /// <summary>For the callbacks that are sent one after the other.</summary>
    public UnreadTotals BeginBatch() => new(unread);

    /// <summary>Makes an attempt.</summary>
    /// <param name="attempt">From 1; none is made where that are too many, which happens when senders died.</param>
    /// <returns>Null when it was answered; else why not.</returns>
    public async Task<string?> TrySendAsync(App app, CircuitPass pass, StoredCallback callback, int attempt, UnreadTotals totals, CancellationToken cancellation)
    {
        if (attempt > MaxAttempts(app))
        {
            return "the outcome of the last attempt is not known";
        }

        var body = callback.UnreadOf is { } account
            ? CallbackBody.WithUnread(callback.Body!, await totals.CountAsync(new AccountKey(callback.SdkAppId, account), cancellation))
            : callback.Body!;
        var command = CallbackCommands.Find(callback.Command) ?? new CallbackCommand(callback.Command);
        var answer = await client.SendAsync(app, new CallbackCall(command, callback.Id, attempt, body, callback.Origin, Timeout) { Trace = callback.Trace }, cancellation);
        pass.Report(answer.IsAnswered);
        return answer.IsAnswered ? null : answer.Reason;
    }

    /// <summary>Puts a callback among the dead ones.</summary>
    public async Task GiveUpAsync(CallbackStream stream, StoredCallback callback, int attempt, string reason, CancellationToken cancellation)
    {
        await dead.AddAsync(stream, callback, attempt, reason, cancellation);
        record.GivenUp(callback.SdkAppId, callback.Command);
        GivenUp(logger, callback.Command, callback.SdkAppId, attempt, reason);
    }

    [LoggerMessage(EventId = 8121, Level = LogLevel.Error, Message = "Callback {Command} of app {SdkAppId} was given up after {Attempts} attempts: {Reason}")]
    private static partial void GivenUp(ILogger logger, string command, uint sdkAppId, int attempts, string reason);
}
