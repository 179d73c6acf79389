using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>Puts relations right that come from an export: its two sides, and the counts of a side, were read one after the other, and may be of different times.</summary>
public sealed class RelationMending(TableStore tables, TimeProvider time)
{
    /// <summary>Gives both sides what the home partition says, and counts anew.</summary>
    public async Task MendAsync(AccountKey account, string peer, CancellationToken cancellation)
    {
        var pair = RelationPair.Of(account.SdkAppId, account.Account, peer);
        var now = time.GetUtcNow();
        var relation = await tables.AccountWriter.ApplyAsync(pair.Home.PartitionKey, view => ReadHome(view, pair.Mirror.Account, now), cancellation);
        await tables.AccountWriter.ApplyAsync(pair.Mirror.PartitionKey, view => WriteCopy(view, pair.Home.Account, relation, now), cancellation);
        await RecountAsync(pair.Home, cancellation);
        await RecountAsync(pair.Mirror, cancellation);
    }

    private static Relation? ReadHome(PartitionView view, string mirror, DateTimeOffset now)
    {
        var side = new RelationSide(view, mirror, now);
        if (view.Get(AccountTable.AccountRow) is null)
        {
            return null;
        }

        MendBlock(view, mirror, side.Relation.Blocks > 0, now);
        return side.Relation;
    }

    private static bool WriteCopy(PartitionView view, string home, Relation? relation, DateTimeOffset now)
    {
        var side = new RelationSide(view, home, now);
        if (view.Get(AccountTable.AccountRow) is null)
        {
            return false;
        }

        if (relation is null || relation.Version == 0)
        {
            side.Remove();
        }
        else if (relation.Version != side.Relation.Version)
        {
            side.Apply(relation.Mirrored());
        }

        MendBlock(view, home, relation?.BlockedBy > 0, now);
        return true;
    }

    private static void MendBlock(PartitionView view, string peer, bool isBlocked, DateTimeOffset now)
    {
        if (ConversationBlock.IsBlocked(view.Get(ConversationTable.Rows(peer).Head)) != isBlocked)
        {
            ConversationBlock.Set(view, peer, isBlocked, now);
        }
    }

    private async Task RecountAsync(AccountKey account, CancellationToken cancellation)
    {
        var (friends, blacklisted, requests, reserved) = (0, 0, 0, new RelationHead());
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'f!' and RowKey lt 'f}}'");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, cancellationToken: cancellation))
        {
            if (row.RowKey.StartsWith(RelationRows.MarkerPrefix, StringComparison.Ordinal))
            {
                reserved = RelationMarker.FromRow(row).Operations.Values.Aggregate(reserved, (head, places) => head.Reserve(places, 1));
                continue;
            }

            var relation = Relation.FromRow(row);
            friends += relation.Friend is null ? 0 : 1;
            blacklisted += relation.Blocks > 0 ? 1 : 0;
            requests += relation.RequestCount;
        }

        await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
        {
            if (view.Get(AccountTable.AccountRow) is null)
            {
                return false;
            }

            var before = RelationHead.FromRow(view.Get(RelationRows.Head));
            var head = before with
            {
                Friends = friends,
                Blacklisted = blacklisted,
                Requests = requests,
                ReservedFriends = reserved.ReservedFriends,
                ReservedBlacklisted = reserved.ReservedBlacklisted,
                ReservedRequests = reserved.ReservedRequests,
            };
            if (head != before)
            {
                view.Put(head.ToRow());
            }

            return true;
        }, cancellation);
    }
}
