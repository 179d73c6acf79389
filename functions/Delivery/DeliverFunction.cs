using System.Text.Json;
using Microsoft.Extensions.Options;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>The queue-triggered function <c>deliver</c>: tries a delivery again that had failed beside its request.</summary>
public sealed class DeliverFunction(SignalRClient signalR, JobAttempts attempts, IOptions<SignalROptions> options)
{
    private static readonly JobKind Kind = new("deliver", TableNames.DeliverQueue);

    public Task HandleAsync(HttpContext http) => attempts.RunAsync(http, Kind, options.Value.MaxAttempts, async (attempt, cancellation) =>
    {
        var job = JsonSerializer.Deserialize(attempt.Text, ParleyJson.Wire.DeliverJob) ?? throw new JsonException("The job is null.");
        attempt.SdkAppId = job.SdkAppId;
        await signalR.SendAsync(job.Target, job.ToFrame(), cancellation);
    });
}
