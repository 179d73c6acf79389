using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Events;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Keeps the two sides of relations together: brings copies up to date, finishes what broke off, and takes deleted accounts out.</summary>
public sealed class RelationUpkeep(TableStore tables, AccountEvents events, DailyStatistics statistics, TimeProvider time) : IAccountBelonging
{
    /// <summary>Marks of operations in the home partition.</summary>
    internal const char Done = '+';
    internal const char Filed = '?';
    internal const char ShutOut = '-';
    internal static readonly char[] Marks = [Done, Filed, ShutOut];

    private const int AtOnce = 16;

    /// <summary>Operations that another one meets are under way unless they are so old. A reader does not wait: it wants to see what is so.</summary>
    private static readonly TimeSpan MinLeftoverAge = TimeSpan.FromSeconds(30);

    private static readonly string[] KeyAndMarker = ["RowKey", "Operations"];

    private sealed record Settled(bool IsGone, StoredEvent? Told, IReadOnlyCollection<string> Leftovers);

    private sealed record Removed(StoredEvent? Told, bool WasPair);

    /// <summary>Finishes operations on a pair whose mark was found in the partition that has the copy.</summary>
    internal async Task HealAsync(AccountKey mirror, string home, IReadOnlyCollection<string> operations)
    {
        var pair = new RelationPair(mirror with { Account = home }, mirror);
        var now = time.GetUtcNow();
        var relation = await tables.AccountWriter.ApplyAsync(
            pair.Home.PartitionKey, view => ShutOutUndecided(view, mirror.Account, operations, now), CancellationToken.None);
        await SettleAsync(pair, operations, relation);
    }

    /// <summary>Reads a mark and finishes what it stands for; nothing when it is gone.</summary>
    public async Task HealAsync(AccountKey mirror, string home, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(mirror.PartitionKey, RelationRows.Marker(home), cancellationToken: cancellation);
        if (row.HasValue)
        {
            await HealAsync(mirror, home, [.. RelationMarker.FromRow(row.Value).Operations.Keys]);
        }
    }

    /// <summary>Brings the copy up to what the home partition says, and takes the marks of operations away.</summary>
    /// <param name="relation">As home sees it; null when that account does not exist any more.</param>
    internal async Task SettleAsync(RelationPair pair, IReadOnlyCollection<string> operations, Relation? relation)
    {
        var now = time.GetUtcNow();
        var settled = await tables.AccountWriter.ApplyAsync(
            pair.Mirror.PartitionKey, view => Settle(view, pair.Home.Account, operations, relation, now), CancellationToken.None);
        await events.DeliverAsync(pair.Mirror, settled.Told);
        if (settled.IsGone)
        {
            await ForgetAsync(pair.Home, pair.Mirror.Account, operations);
        }

        if (settled.Leftovers.Count > 0)
        {
            await HealAsync(pair.Mirror, pair.Home.Account, settled.Leftovers);
        }
    }

    /// <summary>Takes a deleted account out of the lists of all others; its own rows are still there.</summary>
    public async Task RemoveAsync(AccountKey account, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'f!' and RowKey lt 'f}}'");
        await foreach (var page in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, select: KeyAndMarker, cancellationToken: cancellation).AsPages())
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(page.Values, parallel, async (row, _) => await RemoveAsync(account, row));
        }
    }

    private async Task RemoveAsync(AccountKey account, TableEntity row)
    {
        var peer = account with { Account = RelationRows.PeerOf(row.RowKey) };
        var pair = RelationPair.Of(account.SdkAppId, account.Account, peer.Account);
        if (pair.Home == account)
        {
            // Nothing can be decided here any more, so neither can a mark over there mean anything.
            var now = time.GetUtcNow();
            await TellAsync(peer, await tables.AccountWriter.ApplyAsync(peer.PartitionKey, view => DropCopy(view, account.Account, now), CancellationToken.None));
            return;
        }

        var isMarker = row.RowKey.StartsWith(RelationRows.MarkerPrefix, StringComparison.Ordinal);
        await ForgetAsync(peer, account.Account, isMarker ? [.. RelationMarker.FromRow(row).Operations.Keys] : []);
    }

    private async Task ForgetAsync(AccountKey home, string mirror, IReadOnlyCollection<string> operations)
    {
        var now = time.GetUtcNow();
        await TellAsync(home, await tables.AccountWriter.ApplyAsync(home.PartitionKey, view => Forget(view, mirror, operations, now), CancellationToken.None));
    }

    private ValueTask TellAsync(AccountKey account, Removed? removed)
    {
        if (removed?.WasPair == true)
        {
            statistics.FriendPairsRemoved(account.SdkAppId, 1);
        }

        return events.DeliverAsync(account, removed?.Told);
    }

    // Null when the account does not exist.
    private static Relation? ShutOutUndecided(PartitionView view, string mirror, IReadOnlyCollection<string> operations, DateTimeOffset now)
    {
        var side = new RelationSide(view, mirror, now);
        if (view.Get(AccountTable.AccountRow) is null)
        {
            return null;
        }

        if (NoteShutOut(side, operations) && view.ExistsLikely(AccountTable.AccountRow))
        {
            // A version of its own, so that it can be told whether an operation began before or after it.
            var next = side.Relation with { Version = side.Relation.Version + 1 };
            side.Apply(next);
            return next;
        }

        return side.Relation;
    }

    private static Settled Settle(PartitionView view, string home, IReadOnlyCollection<string> operations, Relation? relation, DateTimeOffset now)
    {
        var side = new RelationSide(view, home, now);
        var row = view.Get(RelationRows.Marker(home));
        var marker = RelationMarker.FromRow(row);
        var own = operations.Where(operation => marker.Find(operation) is not null).ToList();
        if (own.Count == 0)
        {
            // Somebody else has settled it, with what home said then or later; or this is a replay.
            return new Settled(IsGone: false, relation?.Version == side.Relation.Version ? side.FindTold() : null, []);
        }

        if (!view.ExistsLikely(AccountTable.AccountRow))
        {
            return new Settled(IsGone: true, null, []);
        }

        own.ForEach(operation => side.Head = side.Head.Reserve(marker.Find(operation)!.Value, -1));
        var rest = marker.Without(own);
        if (rest.Operations.Count == 0)
        {
            view.Delete(row!.RowKey);
        }
        else
        {
            view.Put(rest.ToRow(home, now));
        }

        var told = relation is null ? side.Remove()
            : relation.Version > side.Relation.Version ? side.Apply(relation.Mirrored())
            : null;
        side.PutHead();
        return new Settled(IsGone: false, told, now - rest.At > MinLeftoverAge ? [.. rest.Operations.Keys] : []);
    }

    private static Removed? DropCopy(PartitionView view, string home, DateTimeOffset now)
    {
        var side = new RelationSide(view, home, now);
        var row = view.Get(RelationRows.Marker(home));
        if ((row is null && side.Relation.Version == 0) || !view.ExistsLikely(AccountTable.AccountRow))
        {
            return null;
        }

        foreach (var places in RelationMarker.FromRow(row).Operations.Values)
        {
            side.Head = side.Head.Reserve(places, -1);
        }

        if (row is not null)
        {
            view.Delete(row.RowKey);
        }

        return new Removed(side.Remove(), side.Relation.IsPair);
    }

    private static Removed? Forget(PartitionView view, string mirror, IReadOnlyCollection<string> operations, DateTimeOffset now)
    {
        var side = new RelationSide(view, mirror, now);
        var isNoted = NoteShutOut(side, operations);
        if ((side.Relation.Version == 0 && !isNoted) || !view.ExistsLikely(AccountTable.AccountRow))
        {
            return null;
        }

        // Who was shut out may come yet, and must find that it was.
        var told = isNoted || side.Operations.Contains(ShutOut)
            ? side.Apply(Relation.None with { Version = Math.Max(side.Relation.Version + 1, now.ToUnixTimeMilliseconds()) })
            : side.Remove();
        return new Removed(told, side.Relation.IsPair);
    }

    private static bool NoteShutOut(RelationSide side, IEnumerable<string> operations)
    {
        var undecided = operations.Where(operation => side.MarkOf(operation) is null).ToList();
        undecided.ForEach(operation => side.Note(operation, ShutOut));
        return undecided.Count > 0;
    }
}
