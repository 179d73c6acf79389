namespace Parley.Delivery;

/// <summary>Where jobs wait. The Functions host brings each back to the function that is bound to its queue, at least once.</summary>
public interface IWorkQueue
{
    /// <summary>Stores a job.</summary>
    /// <exception cref="Exception">The queue did not take it, or whether it did is unknown.</exception>
    Task EnqueueAsync(WorkJob job, CancellationToken cancellation);
}

/// <summary>Something to do later.</summary>
/// <param name="Queue">The queue it waits in, one of <see cref="Storage.TableNames.Queues"/>.</param>
/// <param name="Json">What is to be done: a JSON object of at most 48 KB.</param>
/// <param name="Delay">How long it waits at least.</param>
/// <param name="Session">Jobs of the same session run one after another, in order, where the queue can do that.</param>
public sealed record WorkJob(string Queue, string Json, TimeSpan? Delay = null, string? Session = null);
