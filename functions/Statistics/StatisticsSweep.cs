using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Statistics;

/// <summary>
/// The timer's work on table <c>statistics</c>: notes how many are online, puts the parts of days that are over together, and removes days
/// that nobody can ask for any more, whose accounts and groups go into the totals.
/// </summary>
/// <remarks>Safe to repeat, and for several at once: whoever is late finds rows of another version and leaves the app to the next run.</remarks>
public sealed partial class StatisticsSweep(TableStore tables, StatisticsTable table, TimeProvider time, ILogger<StatisticsSweep> logger)
{
    /// <summary>The API shows 30.</summary>
    private const int KeptDays = 31;

    /// <summary>A transaction takes 100 rows and 4 MB; a row of five large sketches has 20 KB.</summary>
    private const int RowsAtOnce = 98;

    /// <summary>How long after its end a day is left to those that still have something of it to write.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var app = new List<TableEntity>();
        await foreach (var row in tables.Statistics.QueryAsync<TableEntity>(select: DayFigures.OnlineColumns, cancellationToken: cancellation))
        {
            if (app.Count > 0 && app[0].PartitionKey != row.PartitionKey)
            {
                await TryLookAtAsync(app, cancellation);
                app.Clear();
            }

            app.Add(row);
        }

        if (app.Count > 0)
        {
            await TryLookAtAsync(app, cancellation);
        }
    }

    private async Task TryLookAtAsync(List<TableEntity> rows, CancellationToken cancellation)
    {
        try
        {
            await LookAtAsync(rows, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            AppSkipped(logger, rows[0].PartitionKey, e.Message);
        }
    }

    private async Task LookAtAsync(List<TableEntity> rows, CancellationToken cancellation)
    {
        var (now, partition) = (time.GetUtcNow(), rows[0].PartitionKey);
        var today = StatisticsDay.Of(now);
        var byDay = rows.Where(row => StatisticsDay.Parse(row.RowKey) is not null).ToLookup(row => StatisticsDay.Parse(row.RowKey)!.Value);
        await NoteOnlineAsync(partition, byDay, today, cancellation);
        foreach (var day in byDay.Where(day => day.Key <= today.AddDays(-KeptDays)))
        {
            await ReplaceAsync(partition, StatisticsTable.TotalRow, day.Key, "", (total, old) => table.RetireAsync(total, old, partition, cancellation), cancellation);
        }

        foreach (var day in byDay.Where(day => day.Key > today.AddDays(-KeptDays) && StatisticsDay.EndOf(day.Key) + Patience <= now && day.Any(IsPart)))
        {
            await ReplaceAsync(
                partition, StatisticsTable.DayRow(day.Key), day.Key, "|",
                (whole, parts) => table.FoldAsync(whole, parts, partition, day.Key, cancellation), cancellation);
        }
    }

    private async Task NoteOnlineAsync(string partition, ILookup<DateOnly, TableEntity> byDay, DateOnly today, CancellationToken cancellation)
    {
        var days = byDay.ToDictionary(day => day.Key, day => Sum(day));
        var online = AppStatistics.Online(days, today);
        if (online > (days.GetValueOrDefault(today)?.MaxOnline ?? 0))
        {
            await table.NoteOnlineAsync(partition, today, online, cancellation);
        }
    }

    // The rows were listed without most of their columns.
    private async Task ReplaceAsync(
        string partition, string into, DateOnly day, string suffix, Func<TableEntity?, TableEntity[], Task> replaceAsync, CancellationToken cancellation)
    {
        var (from, to) = ($"{StatisticsTable.DayRow(day)}{suffix}", $"{StatisticsTable.DayRow(day)}}}");
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");
        var rows = new List<TableEntity>();
        await foreach (var row in tables.Statistics.QueryAsync<TableEntity>(filter, cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            var target = await tables.Statistics.GetEntityIfExistsAsync<TableEntity>(partition, into, cancellationToken: cancellation);
            await replaceAsync(target.HasValue ? target.Value : null, some);
        }
    }

    private static DayFigures Sum(IEnumerable<TableEntity> rows)
    {
        var figures = new DayFigures();
        foreach (var row in rows)
        {
            figures.Merge(DayFigures.FromRow(row));
        }

        return figures;
    }

    private static bool IsPart(TableEntity row) => row.RowKey.Contains('|');

    [LoggerMessage(EventId = 9002, Level = LogLevel.Warning, Message = "The statistics of app {SdkAppId} were left to the next sweep: {Reason}")]
    private static partial void AppSkipped(ILogger logger, string sdkAppId, string reason);
}
