namespace Parley.Delivery;

/// <summary>Where jobs wait. The Functions host brings each back to the function that is bound to its queue, at least once.</summary>
public interface IWorkQueue
{
    /// <summary>Stores a job.</summary>
    /// <exception cref="Exception">The queue did not take it, or whether it did is unknown.</exception>
    Task EnqueueAsync(WorkJob job, CancellationToken cancellation);
}
