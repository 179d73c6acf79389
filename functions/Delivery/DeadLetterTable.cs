using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Delivery;

/// <summary>Table <c>deadletters</c>: jobs that were given up. Partition = <c>{kind of job}|{sdkappid}</c>, rows newest first.</summary>
public sealed class DeadLetterTable(TableStore tables, TimeProvider time)
{
    /// <summary>Stands for the app of a job that cannot be read.</summary>
    public const uint NoApp = 0;

    private const int MaxPayloadCharacters = 32_000;

    public static string Partition(string kind, uint sdkAppId) => string.Create(CultureInfo.InvariantCulture, $"{kind}|{sdkAppId}");

    /// <summary>What the row keys begin with.</summary>
    public static string NewestFirst(DateTimeOffset at) => (DateTimeOffset.MaxValue.Ticks - at.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>Notes a job that is tried no more.</summary>
    /// <param name="payload">The job as it stood in the queue.</param>
    public Task AddAsync(string kind, uint sdkAppId, string payload, int attempts, string reason, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = new TableEntity(Partition(kind, sdkAppId), $"{NewestFirst(now)}|{Guid.NewGuid():N}")
        {
            ["At"] = now,
            ["Attempts"] = attempts,
            ["Reason"] = reason,
            ["Payload"] = payload.Length <= MaxPayloadCharacters ? payload : payload[..MaxPayloadCharacters],
        };
        return tables.DeadLetters.AddEntityAsync(row, cancellation);
    }
}
