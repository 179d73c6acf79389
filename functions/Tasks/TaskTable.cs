using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Tasks;

/// <summary>The tasks of apps; see <see cref="StoredTask"/>. Who starts one puts a job into the work queue; if that fails, the timer finds the task.</summary>
public sealed partial class TaskTable(TableStore tables, IWorkQueue queue, TimeProvider time, ILogger<TaskTable> logger)
{
    public static string Partition(uint sdkAppId) => sdkAppId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A name for a task that is like no other.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>Starts a task. One of that name that runs already is left alone, one that was given up goes on where it stopped, one that is done, or has come to nothing, begins again.</summary>
    public Task<StoredTask> StartAsync(StoredTask task, CancellationToken cancellation) => StartAsync(task, isTimer: false, cancellation);

    /// <summary>As the other, for the timer, which asks at each run: one that was given up is left alone until its pause is over.</summary>
    public Task<StoredTask> StartByTimerAsync(StoredTask task, CancellationToken cancellation) =>
        StartAsync(task with { CreatedBy = StoredTask.Timer }, isTimer: true, cancellation);

    private async Task<StoredTask> StartAsync(StoredTask task, bool isTimer, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var fresh = task with { State = TaskState.Running, CreatedAt = now, UpdatedAt = now };
        while (true)
        {
            try
            {
                await tables.Tasks.AddEntityAsync(fresh.ToRow(), cancellation);
                await EnqueueAsync(fresh, TimeSpan.Zero, cancellation);
                return fresh;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                if (await ReadAsync(task.SdkAppId, task.Id, cancellation) is not { } known)
                {
                    continue;
                }

                if (known.State == TaskState.Running || (isTimer && known.State == TaskState.Failed && known.HeldUntil > now))
                {
                    return known;
                }

                var again = known is { State: TaskState.Failed, Progress.Length: > 0 }
                    ? Resumed(known)
                    : fresh with { Version = known.Version };
                if (await TrySaveAsync(again with { GivenUp = isTimer ? known.GivenUp : 0 }, cancellation) is { } saved)
                {
                    await EnqueueAsync(saved, TimeSpan.Zero, cancellation);
                    return saved;
                }
            }
        }
    }

    /// <summary>Goes on with a task that was given up. One that runs is left alone, and so is one that is done, which to begin again could do harm.</summary>
    /// <returns>The task as it stands then; null when there is none.</returns>
    public async Task<StoredTask?> TryResumeAsync(uint sdkAppId, string id, CancellationToken cancellation)
    {
        while (true)
        {
            var known = await ReadAsync(sdkAppId, id, cancellation);
            if (known is not { State: TaskState.Failed })
            {
                return known;
            }

            if (await TrySaveAsync(Resumed(known), cancellation) is { } saved)
            {
                await EnqueueAsync(saved, TimeSpan.Zero, cancellation);
                return saved;
            }
        }
    }

    /// <summary>Null when there is none.</summary>
    public async Task<StoredTask?> ReadAsync(uint sdkAppId, string id, CancellationToken cancellation)
    {
        var row = await tables.Tasks.GetEntityIfExistsAsync<TableEntity>(Partition(sdkAppId), id, cancellationToken: cancellation);
        return row.HasValue ? StoredTask.FromRow(row.Value!) : null;
    }

    /// <summary>All tasks of an app that are kept.</summary>
    public async Task<IReadOnlyList<StoredTask>> ListAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var partition = Partition(sdkAppId);
        var found = new List<StoredTask>();
        await foreach (var row in tables.Tasks.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellation))
        {
            found.Add(StoredTask.FromRow(row));
        }

        return found;
    }

    /// <summary>Tasks of all apps that should be running, and at which nobody works.</summary>
    public async Task<IReadOnlyList<StoredTask>> ListStalledAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        var running = nameof(TaskState.Running);
        var filter = TableClient.CreateQueryFilter($"State eq {running} and HeldUntil lt {since} and UpdatedAt lt {since}");
        var found = new List<StoredTask>();
        await foreach (var row in tables.WalkOf(TableNames.Tasks).QueryAsync(filter, cancellationToken: cancellation))
        {
            found.Add(StoredTask.FromRow(row));
        }

        return found;
    }

    /// <summary>Writes a task, if nobody else did since it was read.</summary>
    /// <returns>The task with its new version; null when somebody did.</returns>
    public async Task<StoredTask?> TrySaveAsync(StoredTask task, CancellationToken cancellation)
    {
        try
        {
            var response = await tables.Tasks.UpdateEntityAsync(task.ToRow(), task.Version, TableUpdateMode.Replace, cancellation);
            return task with { Version = response.Headers.ETag!.Value };
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return null;
        }
    }

    private StoredTask Resumed(StoredTask failed)
    {
        var now = time.GetUtcNow();
        return failed with
        {
            State = TaskState.Running,
            Failures = 0,
            GivenUp = 0,
            HeldUntil = default,
            CreatedAt = failed.Progress.Length > 0 ? failed.CreatedAt : now,
            UpdatedAt = now,
        };
    }

    /// <summary>Has somebody go on with a task. If the queue does not take it, the timer will.</summary>
    public async Task EnqueueAsync(StoredTask task, TimeSpan delay, CancellationToken cancellation)
    {
        try
        {
            var job = JsonSerializer.Serialize(new TaskJob(task.SdkAppId, task.Id), ParleyJson.Wire.TaskJob);
            await queue.EnqueueAsync(new WorkJob(TableNames.TaskQueue, job, delay > TimeSpan.Zero ? delay : null), cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            NotEnqueued(logger, task.Id, e.Message);
        }
    }

    [LoggerMessage(EventId = 10001, Level = LogLevel.Warning, Message = "Task {Task} waits for the timer, since the work queue did not take it: {Reason}")]
    private static partial void NotEnqueued(ILogger logger, string task, string reason);
}

/// <summary>What stands in the queue.</summary>
/// <remarks>The host copies a job's own properties over its metadata, so none may be named like one of those (Id, DequeueCount, …).</remarks>
public sealed record TaskJob(uint SdkAppId, string Task);
