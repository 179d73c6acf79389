using System.Text.Json;
using Microsoft.Extensions.Options;
using Parley.Rest;

namespace Parley.Delivery;

/// <summary>The queue-triggered function <c>deliver</c>: tries a delivery again that had failed beside its request.</summary>
/// <remarks>A failure is answered with 500, so that the host brings the job back; the last one is noted in the dead-letter table with its reason.</remarks>
public sealed partial class DeliverFunction(SignalRClient signalR, DeadLetterTable deadLetters, IOptions<SignalROptions> options, ILogger<DeliverFunction> logger)
{
    private const string Kind = "deliver";

    public async Task HandleAsync(HttpContext http)
    {
        var cancellation = http.RequestAborted;
        var call = await FunctionCall.ReadAsync(http.Request, "job", cancellation);
        DeliverJob? job = null;
        try
        {
            job = JsonSerializer.Deserialize(call.Payload, ParleyJson.Wire.DeliverJob) ?? throw new JsonException("The job is null.");
            await signalR.SendAsync(job.Target, job.ToFrame(), cancellation);
            await FunctionCall.SucceedAsync(http.Response);
        }
        catch (Exception e) when (e is JsonException || call.DequeueCount >= options.Value.MaxAttempts)
        {
            await deadLetters.AddAsync(Kind, job?.SdkAppId ?? DeadLetterTable.NoApp, call.Payload, call.DequeueCount, e.Message, cancellation);
            GivenUp(logger, call.DequeueCount, e.Message);
            await FunctionCall.SucceedAsync(http.Response);
        }
        catch (Exception e)
        {
            Failed(logger, call.DequeueCount, e.Message);
            await FunctionCall.FailAsync(http.Response);
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "A delivery failed, attempt {Attempt}: {Reason}")]
    private static partial void Failed(ILogger logger, int attempt, string reason);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Error, Message = "A delivery was given up after {Attempts} attempts: {Reason}")]
    private static partial void GivenUp(ILogger logger, int attempts, string reason);
}
