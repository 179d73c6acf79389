using Parley.Storage;

namespace Parley.Archives;

/// <summary>What an app has beside its settings: whether it has any, its deletion before a restore, and its count after one.</summary>
public sealed class AppContents(TableStore tables, BlobStore blobs, TimeProvider time)
{
    private readonly RowBatches _batches = new(tables);

    /// <summary>Rows that are counted at a time; storage gives no more.</summary>
    internal int PageRows { get; set; } = 1_000;

    public async Task<bool> HasAccountsOrGroupsAsync(uint sdkAppId, CancellationToken cancellation)
    {
        foreach (var range in AppRows.Of(sdkAppId).Where(range => range.Table is TableNames.Accounts or TableNames.Groups))
        {
            await foreach (var row in tables.WalkOf(range.Table).QueryAsync(range.Filter, 1, AppRows.Keys, cancellation))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Deletes rows and files. Without Force there is only what a restore that broke off has left of itself, or what came while the app was being closed.</summary>
    internal async Task<RestoreProgress> EmptyAsync(RestoreProgress progress, HoldRenewal hold, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var target = progress.Parameters.Target;
        foreach (var range in AppRows.Of(target))
        {
            await foreach (var page in tables.WalkOf(range.Table).QueryAsync(range.Filter, select: AppRows.Keys, cancellationToken: cancellation).AsPages())
            {
                await _batches.DeleteAsync(range.Table, page.Values.Where(row => !AppRows.IsSettings(range.Table, row)), hold, cancellation);
                if (time.GetElapsedTime(began) > AppRestore.StepTime)
                {
                    return progress;
                }
            }
        }

        foreach (var container in AppRows.Containers)
        {
            await foreach (var blob in blobs.ListAsync(container, BlobStore.FolderOf(target), cancellation))
            {
                await hold.KeepAsync(cancellation);
                await blobs.DeleteAsync(container, blob.Name, cancellation);
                if (time.GetElapsedTime(began) > AppRestore.StepTime)
                {
                    return progress;
                }
            }
        }

        return progress.In(RestoreStage.Write);
    }

    /// <summary>Compares how many rows there are with how many were written. Figures of calls and of who is online go on being written while the app is closed, and do not count.</summary>
    internal async Task<RestoreProgress> CountAsync(RestoreProgress progress, HoldRenewal hold, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var ranges = AppRows.Of(progress.Parameters.Target).Where(range => range.Table != TableNames.Statistics).ToList();
        var counts = new Dictionary<string, long>(progress.Counted ?? new Dictionary<string, long>());
        for (var part = progress.Part; part < ranges.Count; part++)
        {
            var table = ranges[part].Table;
            var pages = tables.WalkOf(table).QueryAsync(ranges[part].Filter, PageRows, AppRows.Keys, cancellation);
            await foreach (var page in pages.AsPages(part == progress.Part ? progress.Continuation : null))
            {
                await hold.KeepAsync(cancellation);
                counts[table] = counts.GetValueOrDefault(table) + page.Values.Count(row => !AppRows.IsSettings(table, row) && !RestoredRow.IsOfTheMoment(table, row.RowKey));
                if (page.ContinuationToken is { } continuation && time.GetElapsedTime(began) > AppRestore.StepTime)
                {
                    return progress with { Part = part, Continuation = continuation, Counted = counts };
                }
            }
        }

        Compare(counts, progress.Written, ranges.Select(range => range.Table).Distinct());
        return progress.In(RestoreStage.Mend);
    }

    private static void Compare(Dictionary<string, long> counts, IReadOnlyDictionary<string, long> written, IEnumerable<string> names)
    {
        foreach (var table in names)
        {
            var (count, expected) = (counts.GetValueOrDefault(table), written.GetValueOrDefault(table));
            if (count != expected)
            {
                throw new InvalidOperationException($"Table {table} holds {count} rows of the app and should hold {expected}.");
            }
        }
    }
}
