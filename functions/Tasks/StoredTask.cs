using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Tasks;

/// <summary>How far a task has come.</summary>
public enum TaskState
{
    Running,
    Done,

    /// <summary>Given up; asking for the same again goes on where it stopped. What the timer asks for it asks for again after a pause.</summary>
    Failed,
}

/// <summary>A file that a task has made.</summary>
/// <param name="Name">In its container.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
public sealed record TaskFile(string Container, string Name, long Bytes, string Sha256);

/// <summary>
/// Work that takes longer than a call and is done step by step: table <c>tasks</c>, partition = sdkappid, row = id of the task. After each step the row says
/// how far it has come, so whatever breaks off is gone on with there.
/// </summary>
/// <remarks>The row's version guards each step: of two that work at the same task by mistake, one is stopped by the other's note.</remarks>
public sealed record StoredTask(uint SdkAppId, string Id, string Kind)
{
    /// <summary>Stands for an account where the timer asks for a task, and again and again as long as it is not done.</summary>
    public const string Timer = "timer";

    public TaskState State { get; init; }

    /// <summary>What is to be done: JSON of the kind's own.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>How far it has come: JSON of the kind's own; empty at the beginning.</summary>
    public string Progress { get; init; } = "";

    /// <summary>What is to be told of it, by name.</summary>
    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();

    public IReadOnlyList<TaskFile> Files { get; init; } = [];

    /// <summary>An account; or <see cref="Timer"/>.</summary>
    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Until then somebody works at it, or nobody is to begin; of one that was given up: until then the timer does not ask for it again.</summary>
    public DateTimeOffset HeldUntil { get; init; }

    /// <summary>How many steps have failed since one succeeded.</summary>
    public int Failures { get; init; }

    /// <summary>How often it was given up since a step succeeded or somebody asked for it.</summary>
    public int GivenUp { get; init; }

    /// <summary>Why the latest step failed; empty when it did not.</summary>
    public string Error { get; init; } = "";

    internal ETag Version { get; init; }

    internal static StoredTask FromRow(TableEntity row) => new(uint.Parse(row.PartitionKey, System.Globalization.CultureInfo.InvariantCulture), row.RowKey, row.GetString("Kind") ?? "")
    {
        State = Enum.Parse<TaskState>(row.GetString("State")),
        Parameters = row.GetString("Parameters") ?? "",
        Progress = LongText.Get(row, "Progress"),
        Counts = JsonSerializer.Deserialize(row.GetString("Counts") ?? "{}", ParleyJson.Wire.IReadOnlyDictionaryStringInt64) ?? new Dictionary<string, long>(),
        Files = LongText.Get(row, "Files") is { Length: > 0 } files ? JsonSerializer.Deserialize(files, ParleyJson.Wire.IReadOnlyListTaskFile) ?? [] : [],
        CreatedBy = row.GetString("CreatedBy") ?? "",
        CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
        UpdatedAt = row.GetDateTimeOffset("UpdatedAt") ?? default,
        HeldUntil = row.GetDateTimeOffset("HeldUntil") ?? default,
        Failures = row.GetInt32("Failures") ?? 0,
        GivenUp = row.GetInt32("GivenUp") ?? 0,
        Error = row.GetString("Error") ?? "",
        Version = row.ETag,
    };

    internal TableEntity ToRow()
    {
        var row = new TableEntity(TaskTable.Partition(SdkAppId), Id)
        {
            ["Kind"] = Kind,
            ["State"] = State.ToString(),
            ["Parameters"] = Parameters,
            ["Counts"] = JsonSerializer.Serialize(Counts, ParleyJson.Wire.IReadOnlyDictionaryStringInt64),
            ["CreatedBy"] = CreatedBy,
            ["CreatedAt"] = CreatedAt,
            ["UpdatedAt"] = UpdatedAt,
            ["HeldUntil"] = HeldUntil,
            ["Failures"] = Failures,
            ["GivenUp"] = GivenUp,
            ["Error"] = Error,
        };
        LongText.Put(row, "Progress", Progress);
        LongText.Put(row, "Files", Files.Count == 0 ? "" : JsonSerializer.Serialize(Files, ParleyJson.Wire.IReadOnlyListTaskFile));
        return row;
    }
}
