using Parley.Apps;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Tasks;

/// <summary>Works at tasks: step after step for a while, noting each, then hands over to the queue.</summary>
/// <remarks>
/// While it works, the row says until when; who comes meanwhile looks again after that. If the program dies, that time passes and the next one goes on with the step that was not noted.
/// </remarks>
public sealed partial class TaskRunner(
    TaskTable tasks, IEnumerable<ITaskKind> kinds, AppTable apps, DeadLetterTable deadLetters, TableLayouts layouts, TimeProvider time, ILogger<TaskRunner> logger)
{
    /// <summary>After so many failures in a row a task is given up.</summary>
    public const int MostFailures = 5;

    private const int MostErrorCharacters = 1_000;
    private const int MostDoublings = 10;

    /// <summary>How long the timer leaves a task alone that was given up once; twice as long with each time, up to the longest.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>How long a step may take before somebody else may take it for dead.</summary>
    internal static readonly TimeSpan Hold = TimeSpan.FromMinutes(3);

    // Of one invocation; well within functionTimeout.
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(1);

    /// <summary>After how long it is looked whether a restore is over.</summary>
    private static readonly TimeSpan RestoreTime = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, ITaskKind> _kinds = kinds.ToDictionary(kind => kind.Name);

    /// <summary>Works at a task for a while.</summary>
    /// <returns>The task as it stands then; null when there is none.</returns>
    public async Task<StoredTask?> RunAsync(uint sdkAppId, string id, CancellationToken cancellation)
    {
        await layouts.CheckAsync(cancellation);
        var began = time.GetTimestamp();
        if (await tasks.ReadAsync(sdkAppId, id, cancellation) is not { State: TaskState.Running } task)
        {
            return await tasks.ReadAsync(sdkAppId, id, cancellation);
        }

        var now = time.GetUtcNow();
        if (task.HeldUntil > now)
        {
            await tasks.EnqueueAsync(task, task.HeldUntil - now + TimeSpan.FromSeconds(1), cancellation);
            return task;
        }

        if (await tasks.TrySaveAsync(task with { HeldUntil = now + Hold }, cancellation) is not { } held)
        {
            return task;
        }

        while (true)
        {
            var (after, wait) = await StepAsync(held, cancellation);
            var isPaused = after.State == TaskState.Running && (wait > TimeSpan.Zero || time.GetElapsedTime(began) > Budget);
            after = after with { HeldUntil = isPaused || after.State != TaskState.Running ? time.GetUtcNow() + wait : time.GetUtcNow() + Hold };
            if (await tasks.TrySaveAsync(after, CancellationToken.None) is not { } saved)
            {
                Superseded(logger, id);
                return after;
            }

            if (isPaused)
            {
                await tasks.EnqueueAsync(saved, wait, cancellation);
            }

            if (isPaused || saved.State != TaskState.Running)
            {
                return saved;
            }

            held = saved;
        }
    }

    private async Task<(StoredTask Task, TimeSpan Wait)> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        try
        {
            var kind = _kinds.GetValueOrDefault(task.Kind) ?? throw new TaskRefusedException($"This program knows no tasks of the kind {task.Kind}.");
            // What it wrote now would not be of the export. Read afresh: what is remembered of the app may be older than the restore.
            if (!kind.WorksWhileRestoring && await apps.FindAsync(task.SdkAppId, cancellation) is { IsRestoring: true })
            {
                return (task, RestoreTime);
            }

            var step = await kind.StepAsync(task, cancellation);
            if (step.Progress.Length > LongText.MostCharacters)
            {
                throw new TaskRefusedException("There is more of it than a task can keep account of.");
            }

            return (task with
            {
                State = step.IsDone ? TaskState.Done : TaskState.Running,
                Progress = step.Progress,
                Counts = step.Counts,
                Files = step.Files,
                UpdatedAt = time.GetUtcNow(),
                Failures = 0,
                GivenUp = 0,
                Error = "",
            }, step.Wait);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var failed = task with { Failures = task.Failures + 1, Error = e.Message.Length <= MostErrorCharacters ? e.Message : e.Message[..MostErrorCharacters], UpdatedAt = time.GetUtcNow() };
            var isGivenUp = e is TaskRefusedException || failed.Failures >= MostFailures;
            Failed(logger, task.Kind, task.Id, failed.Failures, e);
            if (!isGivenUp)
            {
                return (failed, TimeSpan.FromSeconds(Math.Pow(2, failed.Failures)));
            }

            return await GiveUpAsync(failed with { State = TaskState.Failed, GivenUp = failed.GivenUp + 1 });
        }
    }

    private async Task<(StoredTask Task, TimeSpan Wait)> GiveUpAsync(StoredTask task)
    {
        // One that the timer asks for again and again has been noted, and says itself how often it was in vain.
        if (task.GivenUp == 1)
        {
            await NoteGivenUpAsync(task);
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(task.GivenUp - 1, MostDoublings));
        return (task with { Progress = await LetGoAsync(task) }, pause < LongestPause ? pause : LongestPause);
    }

    private async Task<string> LetGoAsync(StoredTask task)
    {
        try
        {
            return _kinds.TryGetValue(task.Kind, out var kind) ? await kind.GiveUpAsync(task, CancellationToken.None) : task.Progress;
        }
        catch (Exception e)
        {
            NotLetGo(logger, task.Kind, task.Id, e);
            return task.Progress;
        }
    }

    // The task itself says the same; a dead letter is where operators look.
    private async Task NoteGivenUpAsync(StoredTask task)
    {
        try
        {
            var payload = $$"""{"SdkAppId":{{task.SdkAppId}},"Task":"{{task.Id}}","Kind":"{{task.Kind}}"}""";
            await deadLetters.AddAsync("task", task.SdkAppId, payload, task.Failures, task.Error, CancellationToken.None);
        }
        catch (Exception e)
        {
            NotNoted(logger, task.Id, e.Message);
        }
    }

    [LoggerMessage(EventId = 10002, Level = LogLevel.Warning, Message = "Task {Kind} {Task} failed, {Failures} times in a row")]
    private static partial void Failed(ILogger logger, string kind, string task, int failures, Exception exception);

    [LoggerMessage(EventId = 10005, Level = LogLevel.Warning, Message = "That task {Task} was given up could not be noted as a dead letter: {Reason}")]
    private static partial void NotNoted(ILogger logger, string task, string reason);

    [LoggerMessage(EventId = 10006, Level = LogLevel.Warning, Message = "Task {Kind} {Task} was given up and may still hold what it had to itself")]
    private static partial void NotLetGo(ILogger logger, string kind, string task, Exception exception);

    [LoggerMessage(EventId = 10003, Level = LogLevel.Information, Message = "Task {Task} is worked at by another instance")]
    private static partial void Superseded(ILogger logger, string task);
}
