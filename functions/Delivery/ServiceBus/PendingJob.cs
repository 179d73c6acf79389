using System.Diagnostics;

namespace Parley.Delivery.ServiceBus;

/// <summary>A job that somebody waits to have stored.</summary>
internal sealed class PendingJob(JobMessage message)
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _arrived = Stopwatch.GetTimestamp();

    public JobMessage Message => message;

    public TimeSpan Age => Stopwatch.GetElapsedTime(_arrived);

    /// <summary>Completes when the broker has it.</summary>
    public Task Stored => _stored.Task;

    public void Complete() => _stored.TrySetResult();

    public void Fail(Exception reason) => _stored.TrySetException(reason);
}
