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
                await MoveOrBeginAnewAsync(table, layout, next, cancellation);
            }
            else if (layout.Layout < layouts.CurrentOf(table))
            {
                await layouts.TryWriteAsync(table, layout with { Next = layout.Layout + 1, NextAt = time.GetUtcNow(), Continuation = null }, cancellation);
            }
        }
    }

    // Rows that were moved to another layout are passed over the next time.
    private async Task MoveOrBeginAnewAsync(string table, StoredLayout layout, int next, CancellationToken cancellation)
    {
        try
        {
            await MoveAsync(table, layout, next, cancellation);
        }
        catch (PartitionsMovedException)
        {
            var known = (await layouts.ReadAsync(cancellation))[table];
            await layouts.TryWriteAsync(table, known with { Continuation = null }, cancellation);
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
        await foreach (var page in tables.WalkOf(table).QueryAsync(migration.Filter, cancellationToken: cancellation).AsPages(layout.Continuation))
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
        for (var attempt = 1; ; attempt++)
        {
            var after = migration.Migrate(row);
            try
            {
                // What goes elsewhere first: a row may be in both places for a moment, but never in none.
                foreach (var moved in after.Where(moved => !IsInPlace(moved, row)))
                {
                    await tables.SubmitAsync(table, moved.PartitionKey, [new TableTransactionAction(TableTransactionActionType.UpsertReplace, moved)], cancellation);
                }

                var change = after.FirstOrDefault(moved => IsInPlace(moved, row)) is { } same
                    ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, same, row.ETag)
                    : new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag);
                await tables.SubmitAsync(table, row.PartitionKey, [change], cancellation);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 412 or 404 && attempt < MostAttempts)
            {
                if (await tables.ReadAsync(table, row.PartitionKey, row.RowKey, cancellation) is not { } again)
                {
                    return;
                }

                row = again;
            }
        }
    }

    private static bool IsInPlace(TableEntity moved, TableEntity row) => moved.PartitionKey == row.PartitionKey && moved.RowKey == row.RowKey;

    [LoggerMessage(EventId = 1010, Level = LogLevel.Information, Message = "All rows of table {Table} have layout {Layout} now")]
    private static partial void Moved(ILogger logger, string table, int layout);
}
