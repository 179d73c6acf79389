using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>The storage accounts of a deployment, as its settings name them, and the shard map in the first of them.</summary>
public sealed class ShardAccounts
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<TableServiceClient> _accounts;
    private readonly ShardMapTable _maps;

    public ShardAccounts(StorageAccess storage)
    {
        _accounts = storage.ConnectShards(maxRetries: 5, RequestTimeout);
        Names = [.. _accounts.Select(account => account.AccountName)];
        Apps = _accounts[0].GetTableClient(TableNames.Apps);
        _maps = new ShardMapTable(Apps);
    }

    public IReadOnlyList<string> Names { get; }

    public TableClient Apps { get; }

    public TableClient Table(string name, int shard) => _accounts[shard].GetTableClient(name);

    /// <summary>The map as it is now.</summary>
    /// <exception cref="StartFailedException">It was made with other accounts than the settings name.</exception>
    public async Task<ShardMap> ReadMapAsync(CancellationToken cancellation) => Check((await _maps.ReadAsync(cancellation)).Map);

    /// <summary>Changes the map; the change may be made several times, each on the map as it then is.</summary>
    /// <returns>The map as it was saved.</returns>
    public async Task<ShardMap> ChangeMapAsync(Func<ShardMap, ShardMap> change, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await _maps.ReadAsync(cancellation);
            var changed = change(Check(read.Map)) with { Accounts = Names };
            if (await _maps.TrySaveAsync(read, changed, cancellation))
            {
                return changed with { Version = read.Map.Version + 1 };
            }
        }
    }

    /// <summary>Writes the accounts of the settings into the map, whatever it says: after all of them were restored into others.</summary>
    public async Task AcceptNamesAsync(CancellationToken cancellation)
    {
        var read = await _maps.ReadAsync(cancellation);
        if (read.ETag is not null && !await _maps.TrySaveAsync(read, read.Map with { Accounts = Names }, cancellation))
        {
            throw new StartFailedException("The map was changed at this moment. Repeat the command.");
        }
    }

    private ShardMap Check(ShardMap map)
    {
        var differs = map.Accounts.Where((name, shard) => shard >= Names.Count || Names[shard] != name).FirstOrDefault();
        return differs is null
            ? map
            : throw new StartFailedException($"The shard map names storage account '{differs}', which the settings do not have in its place. They have: {string.Join(", ", Names)}.");
    }
}
