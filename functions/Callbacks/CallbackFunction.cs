using Parley.Delivery;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>The queue-triggered function <c>callback</c>: has the callbacks of a stream sent.</summary>
/// <remarks>
/// It fails, and is brought back by the host, only when storage fails; a receiver's failure is the stream's, which rests and has a job of its own queued.
/// What is lost here the sweep finds, so no job is noted as dead but one that cannot be read.
/// </remarks>
public sealed class CallbackFunction(CallbackDrain drain, JobAttempts attempts)
{
    private static readonly JobKind Kind = new("callback", TableNames.CallbackQueue);

    public Task HandleAsync(HttpContext http) => attempts.RunAsync(http, Kind, maxAttempts: null, (attempt, cancellation) =>
        drain.RunAsync(CallbackJob.Parse(attempt.Text), isRepeated: attempt.Number > 1, cancellation));
}
