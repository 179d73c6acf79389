namespace Parley.Tasks;

/// <summary>A kind of work that takes longer than a call.</summary>
/// <remarks>Register implementations as services of this type.</remarks>
public interface ITaskKind
{
    string Name { get; }

    /// <summary>Whether it works at an app that an export is being restored into; others wait until that is over.</summary>
    bool WorksWhileRestoring => false;

    /// <summary>Does a piece of the work, of at most about half a minute; safe to repeat, from the progress that the task had before it.</summary>
    Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation);

    /// <summary>Lets go of what a task holds that is given up.</summary>
    /// <returns>The progress from which it goes on when it is asked for again; empty when it must begin anew.</returns>
    Task<string> GiveUpAsync(StoredTask task, CancellationToken cancellation) => Task.FromResult(task.Progress);
}

/// <summary>What a step has come to.</summary>
/// <param name="Progress">Where the next one begins.</param>
/// <param name="IsDone">There is no next one.</param>
public sealed record TaskStep(string Progress, bool IsDone)
{
    /// <summary>How long the next one must wait.</summary>
    public TimeSpan Wait { get; init; }

    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();

    public IReadOnlyList<TaskFile> Files { get; init; } = [];
}

/// <summary>A task cannot be done, however often it is tried; the message says why.</summary>
public sealed class TaskRefusedException : Exception
{
    public TaskRefusedException()
    {
    }

    public TaskRefusedException(string message)
        : base(message)
    {
    }

    public TaskRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
