using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>
/// Which layout of rows each table has: table <c>apps</c>, partition <c>schema</c>, a row for each table, whose column Layout is the number. A table without
/// such a row has layout 1. A program reads its own layout and the one before; it refuses to run on a newer one.
/// </summary>
/// <remarks>
/// Rows are looked at with an instance's first app, beside the read of the app, and every five minutes after that: a start costs no more time for it. While Next is set, rows are
/// being moved to that layout, but not before an announcement is so old that every older program has seen it and refuses.
/// </remarks>
public sealed class TableLayouts(TableStore tables, IEnumerable<ILayoutMigration> migrations, TimeProvider time)
{
    /// <summary>What was in the first release.</summary>
    public const int First = 1;

    internal const string Partition = "schema";

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>How long an announcement must stand before the first row may be moved.</summary>
    internal static readonly TimeSpan Announcement = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<ILayoutMigration> _migrations = [.. migrations.OrderBy(migration => migration.To)];
    private volatile LastRead? _known;

    /// <summary>The layout that this program writes.</summary>
    public int CurrentOf(string table) => _migrations.Where(migration => migration.Table == table).Select(migration => migration.To).DefaultIfEmpty(First).Max();

    /// <summary>The layout that all rows of each table have, or a newer one.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ReadStoredAsync(CancellationToken cancellation)
    {
        var stored = await ReadAsync(cancellation);
        return TableNames.Tables.ToDictionary(table => table, table => stored.GetValueOrDefault(table)?.Layout ?? First);
    }

    /// <summary>Makes sure that this program knows the layout of every table. Asks storage at most every five minutes.</summary>
    /// <exception cref="LayoutTooNewException">A newer program has been here.</exception>
    public async ValueTask CheckAsync(CancellationToken cancellation)
    {
        var known = _known;
        if (known is null || time.GetElapsedTime(known.At) > Freshness || known.Layouts is { IsCompletedSuccessfully: false, IsCompleted: true })
        {
            _known = known = new LastRead(ReadAsync(CancellationToken.None), time.GetTimestamp());
        }

        foreach (var (table, stored) in await known.Layouts.WaitAsync(cancellation))
        {
            if (Math.Max(stored.Layout, stored.Next ?? 0) > CurrentOf(table))
            {
                throw new LayoutTooNewException(table, Math.Max(stored.Layout, stored.Next ?? 0), CurrentOf(table));
            }
        }
    }

    /// <summary>Brings a row to the layout that this program writes.</summary>
    /// <param name="from">The layout that it has.</param>
    /// <returns>The rows that are there instead: mostly one, perhaps none, perhaps in other places.</returns>
    public IReadOnlyList<TableEntity> Migrate(string table, TableEntity row, int from)
    {
        IReadOnlyList<TableEntity> rows = [row];
        foreach (var migration in _migrations.Where(migration => migration.Table == table && migration.To > from))
        {
            rows = [.. rows.SelectMany(migration.Migrate)];
        }

        return rows;
    }

    /// <summary>What storage says now.</summary>
    internal async Task<IReadOnlyDictionary<string, StoredLayout>> ReadAsync(CancellationToken cancellation)
    {
        var found = new Dictionary<string, StoredLayout>();
        await foreach (var row in tables.Apps.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), cancellationToken: cancellation))
        {
            found[row.RowKey] = new StoredLayout(row.GetInt32("Layout") ?? First, row.GetInt32("Next"), row.GetDateTimeOffset("NextAt"), row.GetString("Continuation"), row.ETag);
        }

        return found;
    }

    /// <summary>Writes what a table has, if nobody else did since it was read.</summary>
    internal async Task<bool> TryWriteAsync(string table, StoredLayout layout, CancellationToken cancellation)
    {
        var row = new TableEntity(Partition, table) { ["Layout"] = layout.Layout };
        row.SetOrOmit("Next", layout.Next);
        row.SetOrOmit("NextAt", layout.NextAt);
        row.SetOrOmit("Continuation", layout.Continuation);
        try
        {
            await (layout.Version == default
                ? tables.Apps.AddEntityAsync(row, cancellation)
                : tables.Apps.UpdateEntityAsync(row, layout.Version, TableUpdateMode.Replace, cancellation));
            _known = null;
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 409)
        {
            return false;
        }
    }

    private sealed record LastRead(Task<IReadOnlyDictionary<string, StoredLayout>> Layouts, long At);
}

/// <summary>What storage says of a table's layout.</summary>
/// <param name="Next">The layout that its rows are being moved to; null for none.</param>
/// <param name="NextAt">Since when that is announced.</param>
/// <param name="Continuation">How far it has come.</param>
internal sealed record StoredLayout(int Layout, int? Next, DateTimeOffset? NextAt, string? Continuation, ETag Version);

/// <summary>A table has a layout that this program does not know.</summary>
public sealed class LayoutTooNewException : Exception
{
    public LayoutTooNewException()
    {
    }

    public LayoutTooNewException(string message)
        : base(message)
    {
    }

    public LayoutTooNewException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public LayoutTooNewException(string table, int stored, int known)
        : base(string.Create(CultureInfo.InvariantCulture, $"Table {table} has layout {stored}, and this program knows none newer than {known}. Deploy the newer program again."))
    {
    }
}
