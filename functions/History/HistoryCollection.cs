using System.Globalization;
using System.Text.Json;
using Parley.Activities;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.History;

/// <summary>Makes the files of an hour: looks at those who have messages of it, bucket by bucket.</summary>
internal sealed class HistoryCollection(ActiveHours active, HistoryFileTable table, C2CHistory c2c, GroupHistory groups, BlobStore blobs, TimeProvider time) : ITaskKind
{
    public const string Kind = "history";

    private const int FileSize = 32 * 1024 * 1024;

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    public string Name => Kind;

    /// <summary>The task that makes the files of an hour.</summary>
    public static StoredTask TaskOf(ActiveHour hour) => new(hour.SdkAppId, $"history-{hour.Type}-{hour.Hour}", Kind)
    {
        Parameters = $"{hour.Type}|{hour.Hour}",
    };

    public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        var hour = HourOf(task);
        var progress = task.Progress.Length == 0
            ? new HistoryProgress(0, null, [], 0, await active.FindVersionAsync(hour, cancellation))
            : JsonSerializer.Deserialize(task.Progress, ParleyJson.Wire.HistoryProgress) ?? throw new JsonException("The progress is null.");
        if (hour.Hour.Start < Oldest)
        {
            // Nobody can ask for them any more. That there are none leads the deletion of what is past its time to who was active.
            progress = progress with { Bucket = ActiveHours.Buckets, Files = [], Messages = 0 };
        }
        else
        {
            progress = await CollectAsync(hour, progress, isBegun: task.Progress.Length > 0, cancellation);
        }

        var isDone = progress.Bucket == ActiveHours.Buckets;
        if (isDone)
        {
            await table.PutAsync(hour, progress.Files, cancellation);
            if (progress.Version is { } version)
            {
                await active.ForgetAsync(hour, version, cancellation);
            }
        }

        return new TaskStep(JsonSerializer.Serialize(progress, ParleyJson.Wire.HistoryProgress), isDone)
        {
            Counts = new Dictionary<string, long> { ["Messages"] = progress.Messages, ["Files"] = progress.Files.Count },
        };
    }

    private long Oldest => time.GetUtcNow().AddDays(-HistoryFileTable.KeptDays).ToUnixTimeSeconds();

    private async Task<HistoryProgress> CollectAsync(ActiveHour hour, HistoryProgress progress, bool isBegun, CancellationToken cancellation)
    {
        if (!isBegun)
        {
            await HandBackLateAsync(hour, cancellation);
        }

        return await FillAsync(hour, progress, cancellation);
    }

    private static ActiveHour HourOf(StoredTask task)
    {
        var parts = task.Parameters.Split('|');
        return new ActiveHour(task.SdkAppId, Enum.Parse<ChatType>(parts[0]), ChatHour.Parse(parts[1])!.Value);
    }

    // Messages of earlier hours: the files of these are made anew.
    private async Task HandBackLateAsync(ActiveHour hour, CancellationToken cancellation)
    {
        var oldest = Oldest;
        for (var bucket = 0; bucket < ActiveHours.Buckets; bucket++)
        {
            await foreach (var (late, owner) in active.ReadLateAsync(hour, bucket, cancellation))
            {
                if (late.Hour.Start >= oldest)
                {
                    await active.NoteAgainAsync(late, owner, cancellation);
                }
            }
        }
    }

    // One file a step, so a step that breaks off leaves nothing but a file that nobody knows; it goes with the others of its day.
    private async Task<HistoryProgress> FillAsync(ActiveHour hour, HistoryProgress progress, CancellationToken cancellation)
    {
        using var file = new HistoryFileWriter(hour);
        var began = time.GetTimestamp();
        for (var isFull = false; progress.Bucket < ActiveHours.Buckets && !isFull;)
        {
            var after = progress with { Bucket = progress.Bucket + 1, Continuation = null };
            await foreach (var (owners, continuation) in active.ReadAsync(hour, progress.Bucket, progress.Continuation, cancellation))
            {
                foreach (var owner in owners)
                {
                    await (hour.Type == ChatType.C2C ? c2c.AddAsync(file, hour, owner, cancellation) : groups.AddAsync(file, hour, owner, cancellation));
                }

                isFull = file.Size >= FileSize || time.GetElapsedTime(began) > StepTime;
                if (isFull && continuation is not null)
                {
                    after = progress with { Continuation = continuation };
                    break;
                }
            }

            progress = after;
        }

        if (file.Count == 0)
        {
            return progress;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{hour.Type}/{hour.Hour}/{Guid.NewGuid():N}.gz");
        var (content, made) = file.Finish(name);
        await blobs.WriteAsync(TableNames.HistoryContainer, BlobStore.FolderOf(hour.SdkAppId) + name, content, "application/gzip", cancellation);
        return progress with { Files = [.. progress.Files, made], Messages = progress.Messages + file.Count };
    }
}

/// <summary>How far the files of an hour have come.</summary>
/// <param name="Bucket">The next to look at.</param>
/// <param name="Continuation">Where in it; null for its beginning.</param>
/// <param name="Version">What was noted of the hour when they were begun; see <see cref="ActiveHours.FindVersionAsync"/>.</param>
public sealed record HistoryProgress(int Bucket, string? Continuation, IReadOnlyList<HistoryFile> Files, long Messages, string? Version);
