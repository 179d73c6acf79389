using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>Table <c>deadletters</c>: jobs that were given up. Partition = <c>{kind of job}|{sdkappid}</c>, rows newest first.</summary>
/// <remarks>Columns: At, Attempts, Reason, and the job in Payload, Payload1, …: a column holds less than a job may.</remarks>
public sealed class DeadLetterTable(TableStore tables, ParleyMetrics metrics, TimeProvider time)
{
    /// <summary>Stands for the app of a job that cannot be read.</summary>
    public const uint NoApp = 0;

    private const int MaxColumnCharacters = 32_000;

    /// <summary>Four times as much as a job may have; more was never put into a queue by the app.</summary>
    private const int MaxColumns = 6;

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
        };
        PutPayload(row, payload);
        await tables.DeadLetters.AddEntityAsync(row, cancellation);
        metrics.JobGivenUp(kind);
    }

    /// <summary>The job of a row; null in a row of something else.</summary>
    public static string? PayloadOf(TableEntity row)
    {
        if (row.GetString(ColumnOf(0)) is not { } payload)
        {
            return null;
        }

        for (var column = 1; row.GetString(ColumnOf(column)) is { } part; column++)
        {
            payload += part;
        }

        return payload;
    }

    private static void PutPayload(TableEntity row, string payload)
    {
        var (column, from) = (0, 0);
        do
        {
            var length = Math.Min(MaxColumnCharacters, payload.Length - from);

            // Half a character would not come back as it was.
            length -= from + length < payload.Length && char.IsHighSurrogate(payload[from + length - 1]) ? 1 : 0;
            row[ColumnOf(column++)] = payload.Substring(from, length);
            from += length;
        }
        while (from < payload.Length && column < MaxColumns);
    }

    private static string ColumnOf(int part) => part == 0 ? "Payload" : FormattableString.Invariant($"Payload{part}");
}
