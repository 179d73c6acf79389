using System.Globalization;
using System.Text.Json;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Local.DeadLetters;

/// <summary>A job as its text says.</summary>
/// <param name="Job">As it goes into the queue again; null when the text is no job of that queue.</param>
/// <param name="SdkAppId">Null where the text does not tell.</param>
internal sealed record DeadJob(WorkJob? Job, uint? SdkAppId)
{
    private const string QueuePrefix = "parley-";

    /// <summary>What jobs of a queue do, in the words of the dead-letter table.</summary>
    public static string KindOf(string queue) => queue.StartsWith(QueuePrefix, StringComparison.Ordinal) ? queue[QueuePrefix.Length..] : queue;

    /// <summary>The queue for jobs of a kind; null for a kind that this program does not know.</summary>
    public static string? QueueOf(string kind) => kind switch
    {
        "deliver" => TableNames.DeliverQueue,
        "callback" => TableNames.CallbackQueue,
        "task" => TableNames.TaskQueue,
        _ => null,
    };

    /// <param name="text">Null when it is no text.</param>
    public static DeadJob Read(string queue, string? text)
    {
        try
        {
            return text is null ? new DeadJob(null, null) : ReadText(queue, text);
        }
        catch (JsonException)
        {
            return new DeadJob(null, null);
        }
    }

    // Written anew, so that what was noted in it at its first way through the queue does not go along.
    private static DeadJob ReadText(string queue, string text)
    {
        switch (queue)
        {
            case TableNames.DeliverQueue:
                var delivery = JsonSerializer.Deserialize(text, ParleyJson.Wire.DeliverJob) is { SdkAppId: > 0, Path: not null, Events: not null } job
                    ? job : throw new JsonException("The job delivers nothing.");
                return new DeadJob(new WorkJob(queue, delivery.ToJson()), delivery.SdkAppId);
            case TableNames.CallbackQueue:
                var stream = CallbackJob.Parse(text);
                var app = uint.TryParse(stream.PartitionKey.Split('|')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (uint?)null;
                return new DeadJob(CallbackJob.Of(stream), app);
            case TableNames.TaskQueue:
                var task = JsonSerializer.Deserialize(text, ParleyJson.Wire.TaskJob) is { SdkAppId: > 0, Task.Length: > 0 } named
                    ? named : throw new JsonException("The job names no task.");
                return new DeadJob(new WorkJob(queue, JsonSerializer.Serialize(task, ParleyJson.Wire.TaskJob)), task.SdkAppId);
            default:
                throw new JsonException($"There are no jobs in {queue}.");
        }
    }
}
