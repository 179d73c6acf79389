using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Parley.Profiles;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>What an account has about another one, as read.</summary>
internal sealed record PeerRow(string Peer, Relation Relation, FriendDetails Details)
{
    public static PeerRow FromRow(TableEntity row) => new(RelationRows.PeerOf(row.RowKey), Relation.FromRow(row), FriendDetails.FromRow(row));
}

/// <summary>What an account has about others, sorted by their keys.</summary>
internal sealed record RelationList(RelationHead Head, IReadOnlyList<PeerRow> Peers)
{
    public PeerRow? Find(string peer) => Peers.FirstOrDefault(row => row.Peer == peer);
}

/// <summary>Which of an account's relations are read.</summary>
public enum RelationKind
{
    All,
    Friends,
    Blacklist,
    Requests,
}

/// <summary>Reads the relations of accounts. What broke off and is seen on the way is finished first.</summary>
public sealed class RelationReader(TableStore tables, RelationUpkeep upkeep) : IProfileAudience
{
    private const int MostTries = 3;
    private const int AtOnce = 16;

    // Above this, reading all of them costs fewer requests.
    private const int MostPointReads = 20;

    private static readonly string[] KeyOnly = ["RowKey"];

    /// <summary>Reads the head and all relations of a kind, or the first of them: one query.</summary>
    internal async Task<RelationList> ReadAsync(AccountKey owner, RelationKind kind, CancellationToken cancellation, int most = int.MaxValue)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (head, markers, peers) = await QueryAsync(owner, Filter(owner, kind), most, cancellation);
            if (markers.Count == 0 || attempt == MostTries)
            {
                return new RelationList(head, peers);
            }

            await HealAsync(owner, markers, cancellation);
        }
    }

    /// <summary>Reads the head and the relations to certain accounts; those that there are none to are left out.</summary>
    internal async Task<RelationList> ReadAsync(AccountKey owner, IReadOnlyCollection<string> peers, CancellationToken cancellation)
    {
        if (peers.Count > MostPointReads)
        {
            return await ReadAsync(owner, RelationKind.All, cancellation);
        }

        var (head, markers, _) = await QueryAsync(
            owner, TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge 'f' and RowKey lt 'f|'"), int.MaxValue, cancellation);
        await HealAsync(owner, markers, cancellation);
        var found = new ConcurrentBag<PeerRow>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(peers.Distinct(), parallel, async (peer, token) =>
        {
            var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, RelationRows.Peer(peer), cancellationToken: token);
            if (row.HasValue)
            {
                found.Add(PeerRow.FromRow(row.Value!));
            }
        });
        return new RelationList(head, [.. found]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<string>> OfAsync(AccountKey account, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge 'f|' and RowKey lt 'f}}' and FriendOf ge ''");
        await foreach (var page in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, select: KeyOnly, cancellationToken: cancellation).AsPages())
        {
            yield return [.. page.Values.Select(row => RelationRows.PeerOf(row.RowKey))];
        }
    }

    private static string Filter(AccountKey owner, RelationKind kind)
    {
        var all = TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge 'f' and RowKey lt 'f}}'");
        return kind switch
        {
            RelationKind.Friends => $"{all} and (RowKey lt 'f|' or IsFriend eq true)",
            RelationKind.Blacklist => $"{all} and (RowKey lt 'f|' or IsBlocked eq true)",
            RelationKind.Requests => $"{all} and (RowKey lt 'f|' or AskedAt ge 0L)",
            _ => all,
        };
    }

    private async Task<(RelationHead Head, IReadOnlyList<TableEntity> Markers, IReadOnlyList<PeerRow> Peers)> QueryAsync(
        AccountKey owner, string filter, int most, CancellationToken cancellation)
    {
        var (head, markers, peers) = (new RelationHead(), new List<TableEntity>(), new List<PeerRow>());
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(owner.PartitionKey, filter, cancellationToken: cancellation))
        {
            if (row.RowKey == RelationRows.Head)
            {
                head = RelationHead.FromRow(row);
            }
            else if (row.RowKey.StartsWith(RelationRows.MarkerPrefix, StringComparison.Ordinal))
            {
                markers.Add(row);
            }
            else
            {
                peers.Add(PeerRow.FromRow(row));
                if (peers.Count >= most)
                {
                    break;
                }
            }
        }

        return (head, markers, peers);
    }

    private Task HealAsync(AccountKey owner, IReadOnlyList<TableEntity> markers, CancellationToken cancellation) => Parallel.ForEachAsync(
        markers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
        async (marker, _) => await upkeep.HealAsync(owner, RelationRows.PeerOf(marker.RowKey), [.. RelationMarker.FromRow(marker).Operations.Keys]));
}
