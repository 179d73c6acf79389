using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Maintenance;

/// <summary>The timer's work: walks slowly through a table and has every row looked at for which there is an <see cref="ISweptRows"/>.</summary>
/// <remarks>
/// The only scan of such a table across partitions. A run reads a bounded number of pages of each storage account and the next run goes on behind them; the
/// place is kept in table <c>apps</c>, partition <c>sweep</c>.
/// </remarks>
public sealed partial class Sweep(TableStore tables, IEnumerable<ISweptRows> kinds, AppDirectory apps, TimeProvider time, ILogger<Sweep> logger)
{
    private const int MaxPages = 20;
    private const int MaxComparisons = 15;
    private const string StatePartition = "sweep";

    private const int AccountsAtOnce = 16;

    // All tables together must stay well within functionTimeout.
    private static readonly TimeSpan MaxRunTime = TimeSpan.FromMinutes(1);

    private static readonly string[] Keys = ["PartitionKey", "RowKey"];

    /// <summary>Does a bounded piece of the work for each table.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var table in kinds.GroupBy(kind => kind.Table))
        {
            var walks = Walks([.. table], time.GetUtcNow());
            for (var i = 0; i < walks.Count; i++)
            {
                await RunAsync(table.Key, i == 0 ? table.Key : FormattableString.Invariant($"{table.Key}-{i + 1}"), walks[i], cancellation);
            }
        }
    }

    private Task RunAsync(string table, string walk, IReadOnlyList<ISweptRows> rows, CancellationToken cancellation)
    {
        var scan = tables.ScanOf(table);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AccountsAtOnce, CancellationToken = cancellation };
        return Parallel.ForEachAsync(
            Enumerable.Range(0, scan.Shards.Count), parallel,
            async (shard, token) => await RunAsync(scan, shard, shard == 0 ? walk : FormattableString.Invariant($"{walk}@{shard}"), rows, token));
    }

    /// <summary>As few walks as the service's limit allows: it takes at most 15 comparisons in a filter.</summary>
    internal static IReadOnlyList<List<ISweptRows>> Walks(IReadOnlyList<ISweptRows> rows, DateTimeOffset now)
    {
        var walks = new List<(List<ISweptRows> Kinds, int Comparisons)>();
        foreach (var kind in rows)
        {
            var comparisons = Comparison().Count(kind.Filter(now));
            if (walks.Count == 0 || walks[^1].Comparisons + comparisons > MaxComparisons)
            {
                walks.Add(([], 0));
            }

            walks[^1].Kinds.Add(kind);
            walks[^1] = (walks[^1].Kinds, walks[^1].Comparisons + comparisons);
        }

        return walks.ConvertAll(walk => walk.Kinds);
    }

    private async Task RunAsync(ShardedTable scan, int shard, string stateRow, IReadOnlyList<ISweptRows> rows, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var state = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(StatePartition, stateRow, cancellationToken: cancellation);
        var place = state.HasValue ? state.Value!.GetString("Continuation") : null;
        var now = time.GetUtcNow();
        var filter = string.Join(" or ", rows.Select(kind => $"({kind.Filter(now)})"));
        var columns = rows.SelectMany(kind => kind.Columns).Concat(Keys).Distinct();
        var pages = 0;
        await foreach (var page in scan.Shards[shard].QueryAsync<TableEntity>(filter, select: columns, cancellationToken: cancellation).AsPages(place))
        {
            foreach (var row in page.Values)
            {
                if (await scan.IsHomeAsync(row.PartitionKey, shard, cancellation))
                {
                    await LookAtAsync(rows, row, cancellation);
                }
            }

            // After each page, so that one which always fails cannot hold up the next run before it.
            await tables.Apps.UpsertEntityAsync(
                new TableEntity(StatePartition, stateRow) { ["Continuation"] = page.ContinuationToken }, TableUpdateMode.Replace, cancellation);
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
            if (rows.FirstOrDefault(kind => kind.Has(row.RowKey)) is { } kind && !await IsRestoringAsync(row, cancellation))
            {
                await kind.LookAtAsync(row, cancellation);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            RowSkipped(logger, e.Message);
        }
    }

    // What is half restored looks broken, and is not.
    private async ValueTask<bool> IsRestoringAsync(TableEntity row, CancellationToken cancellation) =>
        AccountKey.FromPartitionKey(row.PartitionKey) is { } key && await apps.FindAsync(key.SdkAppId, cancellation) is { IsRestoring: true };

    [GeneratedRegex(" (eq|ne|gt|ge|lt|le) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comparison();

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "The sweep skipped a row until its next round: {Reason}")]
    private static partial void RowSkipped(ILogger logger, string reason);
}
