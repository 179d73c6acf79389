using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Maintenance;

/// <summary>The timer's work: walks slowly through a table and has every row looked at for which there is an <see cref="ISweptRows"/>.</summary>
/// <remarks>
/// The only scan of such a table across partitions. A run reads a bounded number of pages and the next run goes on behind them; the place is kept in
/// table <c>apps</c>, partition <c>sweep</c>.
/// </remarks>
public sealed partial class Sweep(TableStore tables, IEnumerable<ISweptRows> kinds, TimeProvider time, ILogger<Sweep> logger)
{
    private const int MaxPages = 20;
    private const string StatePartition = "sweep";

    // All tables together must stay well within functionTimeout.
    private static readonly TimeSpan MaxRunTime = TimeSpan.FromMinutes(1);

    private static readonly string[] Keys = ["PartitionKey", "RowKey"];

    /// <summary>Does a bounded piece of the work for each table.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var table in kinds.GroupBy(kind => kind.Table))
        {
            await RunAsync(table.Key, [.. table], cancellation);
        }
    }

    private async Task RunAsync(string table, IReadOnlyList<ISweptRows> rows, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var state = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(StatePartition, table, cancellationToken: cancellation);
        var place = state.HasValue ? state.Value!.GetString("Continuation") : null;
        var now = time.GetUtcNow();
        var filter = string.Join(" or ", rows.Select(kind => $"({kind.Filter(now)})"));
        var columns = rows.SelectMany(kind => kind.Columns).Concat(Keys).Distinct();
        var pages = 0;
        await foreach (var page in tables.ScanOf(table).QueryAsync<TableEntity>(filter, select: columns, cancellationToken: cancellation).AsPages(place))
        {
            foreach (var row in page.Values)
            {
                await LookAtAsync(rows, row, cancellation);
            }

            // After each page, so that one which always fails cannot hold up the next run before it.
            await tables.Apps.UpsertEntityAsync(
                new TableEntity(StatePartition, table) { ["Continuation"] = page.ContinuationToken }, TableUpdateMode.Replace, cancellation);
            if (++pages == MaxPages || time.GetElapsedTime(began) > MaxRunTime)
            {
                break;
            }
        }
    }

    private async Task LookAtAsync(IReadOnlyList<ISweptRows> rows, TableEntity row, CancellationToken cancellation)
    {
        try
        {
            if (rows.FirstOrDefault(kind => kind.Has(row.RowKey)) is { } kind)
            {
                await kind.LookAtAsync(row, cancellation);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            RowSkipped(logger, e.Message);
        }
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "The sweep skipped a row until its next round: {Reason}")]
    private static partial void RowSkipped(ILogger logger, string reason);
}
