using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Table <c>deadletters</c>: jobs that were given up. Partition = <c>{kind of job}|{sdkappid}</c>, rows newest first.</summary>
/// <remarks>Columns: At, Attempts, Reason, and the job as a <see cref="LongText"/> in Payload.</remarks>
public sealed class DeadLetterTable(TableStore tables, ParleyMetrics metrics, TimeProvider time)
{
    /// <summary>Stands for the app of a job that cannot be read.</summary>
    public const uint NoApp = 0;

    private const string Payload = "Payload";

    public static string Partition(string kind, uint sdkAppId) => string.Create(CultureInfo.InvariantCulture, $"{kind}|{sdkAppId}");

    /// <summary>What the row keys begin with.</summary>
    public static string NewestFirst(DateTimeOffset at) => (DateTimeOffset.MaxValue.Ticks - at.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>Notes a job that is tried no more.</summary>
    /// <param name="payload">The job as it stood in the queue.</param>
    public async Task AddAsync(string kind, uint sdkAppId, string payload, int attempts, string reason, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = new TableEntity(Partition(kind, sdkAppId), $"{NewestFirst(now)}|{Guid.NewGuid():N}")
        {
            ["At"] = now,
            ["Attempts"] = attempts,
            ["Reason"] = reason,
            [Payload] = "",
        };

        // What is longer was never put into a queue by the app.
        LongText.Put(row, Payload, payload.Length <= LongText.MostCharacters ? payload : payload[..LongText.MostCharacters]);
        await tables.DeadLetters.AddEntityAsync(row, cancellation);
        metrics.JobGivenUp(kind);
    }

    /// <summary>The job of a row; null in a row of something else.</summary>
    public static string? PayloadOf(TableEntity row) => row.ContainsKey(Payload) ? LongText.Get(row, Payload) : null;
}
