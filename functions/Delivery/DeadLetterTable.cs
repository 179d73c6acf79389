using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Table <c>deadletters</c>: jobs that were given up. Partition = kind of job, rows newest first.</summary>
public sealed class DeadLetterTable(TableStore tables, ParleyMetrics metrics, TimeProvider time)
{
    private const int MaxPayloadCharacters = 32_000;

    /// <summary>Notes a job that is tried no more.</summary>
    /// <param name="payload">The job as it stood in the queue.</param>
    public async Task AddAsync(string kind, string payload, int attempts, string reason, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var newestFirst = (DateTimeOffset.MaxValue.Ticks - now.Ticks).ToString("D19", CultureInfo.InvariantCulture);
        var row = new TableEntity(kind, $"{newestFirst}|{Guid.NewGuid():N}")
        {
            ["At"] = now,
            ["Attempts"] = attempts,
            ["Reason"] = reason,
            ["Payload"] = payload.Length <= MaxPayloadCharacters ? payload : payload[..MaxPayloadCharacters],
        };
        await tables.DeadLetters.AddEntityAsync(row, cancellation);
        metrics.JobGivenUp(kind);
    }
}
