using System.Globalization;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Counts the accounts of apps that may have only so many: partition <c>q|{app}</c> of table <c>accounts</c>, row <c>h</c> = Count and
/// CountedAt, one row <c>r|{account}</c> for each account. Apps without a limit have no such partition.
/// </summary>
/// <remarks>
/// Accounts that were imported while the app had no limit are found by a walk through the app's accounts, once an hour at most.
/// An import that fails after its reservation keeps its place: the repeated import takes it.
/// All imports of such an app share a partition; it is meant for demonstrations and trials.
/// </remarks>
public sealed class AccountQuota(TableStore tables, TimeProvider time) : IAccountBelonging
{
    private const string Head = "h";
    private const string CountColumn = "Count";
    private const string CountedAtColumn = "CountedAt";
    private const int RowsAtOnce = 90;

    private static readonly TimeSpan Recount = TimeSpan.FromHours(1);
    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    /// <summary>Takes a place for an account; safe to repeat.</summary>
    /// <returns>False when all are taken.</returns>
    public async Task<bool> TryReserveAsync(App app, AccountKey key, CancellationToken cancellation)
    {
        var partition = Partition(app.SdkAppId);
        var head = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(partition, Head, cancellationToken: cancellation);
        if (!head.HasValue || time.GetUtcNow() - head.Value!.GetDateTimeOffset(CountedAtColumn) is not { } age || age > Recount)
        {
            await CountAsync(app.SdkAppId, cancellation);
        }

        return await tables.AccountWriter.ApplyAsync(partition, view => Reserve(view, [key.Account], app.MaxAccounts), cancellation);
    }

    /// <summary>Gives the place of a deleted account back; safe to repeat.</summary>
    public Task RemoveAsync(AccountKey account, CancellationToken cancellation) =>
        tables.AccountWriter.ApplyAsync(Partition(account.SdkAppId), view => Release(view, account.Account), cancellation);

    private async Task CountAsync(uint app, CancellationToken cancellation)
    {
        var text = app.ToString(CultureInfo.InvariantCulture);
        var (from, to) = ($"{text}|", $"{text}}}");
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {to} and RowKey eq {AccountTable.AccountRow}");
        var names = new List<string>();
        var scan = tables.ScanOf(TableNames.Accounts);
        for (var shard = 0; shard < scan.Shards.Count; shard++)
        {
            await foreach (var row in scan.Shards[shard].QueryAsync<TableEntity>(filter, select: KeyOnly, cancellationToken: cancellation))
            {
                if (await scan.IsHomeAsync(row.PartitionKey, shard, cancellation))
                {
                    names.Add(AccountKey.FromPartitionKey(row.PartitionKey)!.Value.Account);
                }
            }
        }

        foreach (var some in names.Chunk(RowsAtOnce))
        {
            await tables.AccountWriter.ApplyAsync(Partition(app), view => Reserve(view, some, int.MaxValue), cancellation);
        }

        var now = time.GetUtcNow();
        await tables.AccountWriter.ApplyAsync(Partition(app), view => PutHead(view, 0, now), cancellation);
    }

    private static bool Reserve(PartitionView view, IReadOnlyList<string> accounts, int most)
    {
        var count = view.Get(Head)?.GetInt64(CountColumn) ?? 0;
        var missing = accounts.Where(account => view.Get(Row(account)) is null).ToList();
        if (missing.Count == 0)
        {
            return true;
        }

        if (count + missing.Count > most)
        {
            return false;
        }

        missing.ForEach(account => view.Put(new TableEntity { RowKey = Row(account) }));
        return PutHead(view, missing.Count, null);
    }

    private static bool Release(PartitionView view, string account)
    {
        if (view.Get(Row(account)) is null)
        {
            return false;
        }

        view.Delete(Row(account));
        return PutHead(view, -1, null);
    }

    private static bool PutHead(PartitionView view, int more, DateTimeOffset? countedAt)
    {
        var head = view.Get(Head)?.Copy() ?? new TableEntity { RowKey = Head };
        head[CountColumn] = (head.GetInt64(CountColumn) ?? 0) + more;
        if (countedAt is { } at)
        {
            head[CountedAtColumn] = at;
        }

        view.Put(head);
        return true;
    }

    private static string Partition(uint app) => string.Create(CultureInfo.InvariantCulture, $"q|{app}");

    private static string Row(string account) => $"r|{KeyText.Escape(account)}";
}
