using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>The timer's work on layouts: moves the rows of tables that have an older one, some at a time, in place and while the app runs.</summary>
/// <remarks>
/// Announced first, so that older programs that still run stop writing; then page by page; each page is noted, so what breaks off goes on there. A row that somebody changes meanwhile
/// is read again. Moving a row that was moved changes nothing.
/// </remarks>
public sealed partial class LayoutMigrator(TableStore tables, TableLayouts layouts, IEnumerable<ILayoutMigration> migrations, TimeProvider time, ILogger<LayoutMigrator> logger)
{
    private const int PagesAtOnce = 50;
    private const int MostAttempts = 10;

    private static readonly TimeSpan MaxRunTime = TimeSpan.FromMinutes(1);

    /// <summary>Does a bounded piece of the work.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var stored = await layouts.ReadAsync(cancellation);
        foreach (var table in TableNames.Tables)
        {
            var layout = stored.GetValueOrDefault(table);
            if (layout is null)
            {
                // Written down once, so that a later program knows what it finds.
                await layouts.TryWriteAsync(table, new StoredLayout(TableLayouts.First, null, null, null, default), cancellation);
            }
            else if (layout.Next is { } next && next <= layouts.CurrentOf(table))
            {
                await MoveAsync(table, layout, next, cancellation);
            }
            else if (layout.Layout < layouts.CurrentOf(table))
            {
                await layouts.TryWriteAsync(table, layout with { Next = layout.Layout + 1, NextAt = time.GetUtcNow(), Continuation = null }, cancellation);
            }
        }
    }

    private async Task MoveAsync(string table, StoredLayout layout, int next, CancellationToken cancellation)
    {
        if (time.GetUtcNow() - layout.NextAt < TableLayouts.Announcement)
        {
            return;
        }

        var began = time.GetTimestamp();
        var migration = migrations.Single(migration => migration.Table == table && migration.To == next);
        var pages = 0;
        await foreach (var page in tables.ScanOf(table).QueryAsync<TableEntity>(migration.Filter, cancellationToken: cancellation).AsPages(layout.Continuation))
        {
            foreach (var row in page.Values)
            {
                await MoveAsync(table, migration, row, cancellation);
            }

            var isOver = page.ContinuationToken is null;
            var after = isOver ? layout with { Layout = next, Next = null, NextAt = null, Continuation = null } : layout with { Continuation = page.ContinuationToken };
            if (!await layouts.TryWriteAsync(table, after, cancellation))
            {
                return;
            }

            if (isOver)
            {
                Moved(logger, table, next);
                return;
            }

            layout = (await layouts.ReadAsync(cancellation))[table];
            if (++pages == PagesAtOnce || time.GetElapsedTime(began) > MaxRunTime)
            {
                return;
            }
        }
    }

    private async Task MoveAsync(string table, ILayoutMigration migration, TableEntity row, CancellationToken cancellation)
    {
        var client = tables.ScanOf(table);
        for (var attempt = 1; ; attempt++)
        {
            var after = migration.Migrate(row);
            try
            {
                // What goes elsewhere first: a row may be in both places for a moment, but never in none.
                foreach (var moved in after.Where(moved => !IsInPlace(moved, row)))
                {
                    await client.UpsertEntityAsync(moved, TableUpdateMode.Replace, cancellation);
                }

                await (after.FirstOrDefault(moved => IsInPlace(moved, row)) is { } same
                    ? client.UpdateEntityAsync(same, row.ETag, TableUpdateMode.Replace, cancellation)
                    : client.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellation));
                return;
            }
            catch (RequestFailedException e) when (e.Status is 412 or 404 && attempt < MostAttempts)
            {
                var again = await client.GetEntityIfExistsAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
                if (!again.HasValue)
                {
                    return;
                }

                row = again.Value!;
            }
        }
    }

    private static bool IsInPlace(TableEntity moved, TableEntity row) => moved.PartitionKey == row.PartitionKey && moved.RowKey == row.RowKey;

    [LoggerMessage(EventId = 1010, Level = LogLevel.Information, Message = "All rows of table {Table} have layout {Layout} now")]
    private static partial void Moved(ILogger logger, string table, int layout);
}
