using System.Text.Json.Serialization.Metadata;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>Asks apps before something is done. The caller waits for the answer, at most as long as the app allows, and never for a receiver that has been failing.</summary>
public sealed partial class BeforeCallbacks(CallbackClient client, CallbackCircuits circuits, CallbackRecord record, ILogger<BeforeCallbacks> logger)
{
    /// <summary>Asks the app, if it has switched the callback on; never again when that fails.</summary>
    /// <param name="fields">The documented fields without CallbackCommand; made only when the app is asked.</param>
    /// <returns>What it means; <see cref="BeforeVerdict.GoOn"/> when the app is not asked.</returns>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async ValueTask<BeforeVerdict> AskAsync<T>(
        App app, CallbackCommand command, CallOrigin origin, Func<T> fields, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        if (!command.IsOn(app))
        {
            return BeforeVerdict.GoOn;
        }

        var answer = await SendAsync(app, command, origin, () => CallbackBody.Create(command, fields(), json), cancellation);
        if (answer.IsAnswered)
        {
            var verdict = BeforeVerdict.Of(command, answer);
            if (verdict.Refusal is not null || verdict.IsDropped)
            {
                record.Refused(app.SdkAppId, command);
            }

            return verdict;
        }

        Failed(logger, command.Name, app.SdkAppId, answer.Outcome, answer.Reason);
        return BeforeVerdict.OfFailure(app, command);
    }

    private async Task<CallbackAnswer> SendAsync(App app, CallbackCommand command, CallOrigin origin, Func<byte[]> body, CancellationToken cancellation)
    {
        using var pass = circuits.TryEnter(app, out _);
        if (pass is null)
        {
            record.Ended(app.SdkAppId, command, CallbackOutcome.CircuitOpen);
            return CallbackAnswer.Failed(CallbackOutcome.CircuitOpen, "the receiver has failed too often lately");
        }

        var timeout = TimeSpan.FromMilliseconds(app.CallbackTimeoutMilliseconds);
        var answer = await client.SendAsync(app, new CallbackCall(command, Guid.NewGuid().ToString("N"), 1, body(), origin, timeout), cancellation);
        pass.Report(answer.IsAnswered);
        return answer;
    }

    [LoggerMessage(EventId = 8101, Level = LogLevel.Warning, Message = "Callback {Command} of app {SdkAppId} failed: {Outcome}, {Reason}")]
    private static partial void Failed(ILogger logger, string command, uint sdkAppId, CallbackOutcome outcome, string reason);
}
