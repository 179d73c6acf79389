using System.Text.Json;
using Microsoft.Extensions.Options;
using Parley.Rest;

namespace Parley.Delivery;

/// <summary>
/// Runs a job that the host brought from a work queue and decides what becomes of it: done, to be tried again, or given up and noted in the
/// dead-letter table with its reason. The same for every function and for both kinds of queues.
/// </summary>
/// <remarks>
/// A failure is answered with 500, so that the host brings the job back. A storage queue does that after a while (host.json), Service Bus at once:
/// there the answer waits, which keeps the job's lock and the order of its session.
/// </remarks>
public sealed partial class JobAttempts(
    DeadLetterTable deadLetters, IOptions<WorkQueueOptions> options, WorkJobTelemetry telemetry, TimeProvider time, ILogger<JobAttempts> logger)
{
    private const string Binding = "job";

    /// <param name="kind">What it is: its queue, and its name in the dead-letter table.</param>
    /// <param name="maxAttempts">At which failure it is given up and noted; null to leave that to the queue, which puts it aside.</param>
    /// <param name="work">Does the job. A <see cref="JsonException"/> says that it cannot be read, and no further attempt is worth while.</param>
    public async Task RunAsync(HttpContext http, JobKind kind, int? maxAttempts, Func<JobAttempt, CancellationToken, Task> work)
    {
        var cancellation = http.RequestAborted;
        var call = await FunctionCall.ReadAsync(http.Request, Binding, cancellation);
        if (await IsOverAsync(call, kind, maxAttempts, work, cancellation))
        {
            await FunctionCall.SucceedAsync(http.Response);
            return;
        }

        if (call.ComesBackAtOnce)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.Value.RetrySeconds), time, cancellation);
        }

        await FunctionCall.FailAsync(http.Response);
    }

    /// <summary>Runs the job. It is over when it is done or given up.</summary>
    private async Task<bool> IsOverAsync(
        FunctionCall call, JobKind kind, int? maxAttempts, Func<JobAttempt, CancellationToken, Task> work, CancellationToken cancellation)
    {
        var attempt = new JobAttempt(call.Payload, call.Attempt);
        using var run = telemetry.Begin(kind.Queue, call);
        try
        {
            await work(attempt, cancellation);
            run.Succeed();
            return true;
        }
        catch (Exception e) when (e is JsonException || (call.Attempt >= maxAttempts && !cancellation.IsCancellationRequested))
        {
            await deadLetters.AddAsync(kind.Name, attempt.SdkAppId, call.Payload, call.Attempt, e.Message, cancellation);
            run.GiveUp(e);
            GivenUp(logger, kind.Name, call.Attempt, e.Message);
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            run.Repeat(e);
            Failed(logger, kind.Name, call.Attempt, e.Message);
            return false;
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "A job '{Kind}' failed, attempt {Attempt}: {Reason}")]
    private static partial void Failed(ILogger logger, string kind, int attempt, string reason);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Error, Message = "A job '{Kind}' was given up after {Attempts} attempts: {Reason}")]
    private static partial void GivenUp(ILogger logger, string kind, int attempts, string reason);
}

/// <summary>A kind of jobs.</summary>
/// <param name="Name">In the dead-letter table.</param>
/// <param name="Queue">The queue it waits in.</param>
public readonly record struct JobKind(string Name, string Queue);

/// <summary>One attempt at a job.</summary>
/// <param name="Text">The job as it stood in the queue.</param>
/// <param name="Number">Which attempt it is, from 1.</param>
public sealed record JobAttempt(string Text, int Number)
{
    /// <summary>The app that the job is of, once that is read: for the dead-letter table.</summary>
    public uint SdkAppId { get; set; } = DeadLetterTable.NoApp;
}
