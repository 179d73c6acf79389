using Azure.Data.Tables;
using Parley.Relationships;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Relationships;

/// <summary>Looks at the rows of relations from outside.</summary>
internal static class StoredRelations
{
    /// <summary>Fails unless the accounts' rows fit together: both sides say the same, heads count what is there, nothing is under way.</summary>
    public static async Task AssertWholeAsync(AzuriteFixture azurite, params AccountKey[] accounts)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, TableEntity>>();
        foreach (var account in accounts)
        {
            all[account.Account] = await RowsAsync(azurite, account);
        }

        foreach (var (account, rows) in all)
        {
            Assert.DoesNotContain(rows.Keys, key => key.StartsWith("f!", StringComparison.Ordinal));
            var peers = rows.Where(row => row.Key.StartsWith("f|", StringComparison.Ordinal)).ToDictionary(row => RelationRows.PeerOf(row.Key), row => row.Value);
            AssertHead(RelationHead.FromRow(rows.GetValueOrDefault("f")), [.. peers.Values.Select(Relation.FromRow)]);
            Assert.All(peers.Values.Where(row => Relation.FromRow(row).Friend is null), row => Assert.Equal(("", false), (FriendDetails.FromRow(row).Remark, FriendDetails.HasCustom(row))));
            foreach (var (peer, row) in peers.Where(one => all.ContainsKey(one.Key)))
            {
                AssertMirrored(row, all[peer].GetValueOrDefault(RelationRows.Peer(account)), $"{account} and {peer}");
            }
        }
    }

    public static async Task<Relation> RelationAsync(AzuriteFixture azurite, AccountKey account, string peer) =>
        Relation.FromRow((await RowsAsync(azurite, account)).GetValueOrDefault(RelationRows.Peer(peer)));

    private static void AssertHead(RelationHead head, IReadOnlyList<Relation> relations)
    {
        Assert.Equal(
            (relations.Count(one => one.Friend is not null), relations.Count(one => one.Blocks > 0), relations.Sum(one => one.RequestCount), 0, 0, 0),
            ((int)head.Friends, (int)head.Blacklisted, (int)head.Requests, (int)head.ReservedFriends, (int)head.ReservedBlacklisted, (int)head.ReservedRequests));
        Assert.All(relations.Where(one => one.Blocks > 0 || one.BlockedBy > 0), one => Assert.True(one is { Friend: null, FriendOf: null, Asks: null, AskedBy: null }));
    }

    private static void AssertMirrored(TableEntity row, TableEntity? other, string who)
    {
        foreach (var (here, there) in new[] { ("Friend", "FriendOf"), ("FriendOf", "Friend"), ("Asks", "AskedBy"), ("AskedBy", "Asks"), ("Blocks", "BlockedBy"), ("BlockedBy", "Blocks") })
        {
            Assert.True(Equals(Value(row, here), Value(other, there)), $"{who}: {here} is {Value(row, here)}, {there} is {Value(other, there)}");
        }
    }

    private static object? Value(TableEntity? row, string column) => row?[column] is 0L ? null : row?[column];

    private static async Task<IReadOnlyDictionary<string, TableEntity>> RowsAsync(AzuriteFixture azurite, AccountKey account)
    {
        var table = new TableClient(await azurite.ConnectionStringAsync(), TableNames.Accounts);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'f' and RowKey lt 'f}}'");
        var rows = new Dictionary<string, TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(filter))
        {
            rows.Add(row.RowKey, row);
        }

        return rows;
    }
}
