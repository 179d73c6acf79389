using System.Text.Json;
using Parley.Delivery;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>The queue-triggered function <c>callback</c>: has the callbacks of a stream sent.</summary>
/// <remarks>
/// It fails, and is brought back by the host, only when storage fails; a receiver's failure is the stream's, which rests and has a job of its own queued.
/// What is lost here the sweep finds, so no job is noted as dead but one that cannot be read.
/// </remarks>
public sealed partial class CallbackFunction(CallbackDrain drain, DeadLetterTable deadLetters, ILogger<CallbackFunction> logger)
{
    private const string Kind = "callback";

    public async Task HandleAsync(HttpContext http)
    {
        var cancellation = http.RequestAborted;
        var call = await FunctionCall.ReadAsync(http.Request, "job", cancellation);
        try
        {
            await drain.RunAsync(CallbackJob.Parse(call.Payload), isRepeated: call.DequeueCount > 1, cancellation);
            await FunctionCall.SucceedAsync(http.Response);
        }
        catch (JsonException e)
        {
            await deadLetters.AddAsync(Kind, DeadLetterTable.NoApp, call.Payload, call.DequeueCount, e.Message, cancellation);
            await FunctionCall.SucceedAsync(http.Response);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Failed(logger, call.DequeueCount, e);
            await FunctionCall.FailAsync(http.Response);
        }
    }

    [LoggerMessage(EventId = 8122, Level = LogLevel.Warning, Message = "A job for callbacks failed, attempt {Attempt}")]
    private static partial void Failed(ILogger logger, int attempt, Exception exception);
}
