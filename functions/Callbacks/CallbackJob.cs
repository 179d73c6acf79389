using System.Text.Json;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>
/// What waits in the queue for callbacks: that a stream has some.
/// <code>{ "Table": "accounts", "Partition": "1400000001|alice" }</code>
/// </summary>
public sealed record CallbackJob(string Table, string Partition)
{
    public static WorkJob Of(CallbackStream stream, TimeSpan? delay = null)
    {
        var json = JsonSerializer.Serialize(new CallbackJob(stream.Table, stream.PartitionKey), ParleyJson.Wire.CallbackJob);
        return new WorkJob(TableNames.CallbackQueue, json, delay, $"{stream.Table}|{stream.PartitionKey}");
    }

    /// <exception cref="JsonException">The text is no job.</exception>
    public static CallbackStream Parse(string json) => JsonSerializer.Deserialize(json, ParleyJson.Wire.CallbackJob) is { Table: TableNames.Accounts or TableNames.Groups, Partition.Length: > 0 } job
        ? new CallbackStream(job.Table, job.Partition)
        : throw new JsonException("The job names no stream.");
}
