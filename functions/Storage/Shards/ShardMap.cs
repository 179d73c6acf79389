namespace Parley.Storage.Shards;

/// <summary>Which storage account each bucket is in, and which buckets are being moved. Without a stored map everything is in the primary account.</summary>
/// <remarks>Not to be changed: each change makes a new one.</remarks>
public sealed record ShardMap
{
    /// <summary>What one row holds.</summary>
    public const int MostAppsOfTheirOwn = 100;

    private static readonly byte[] AllInPrimary = new byte[ShardBucket.Count];

    public static ShardMap Empty { get; } = new();

    /// <summary>Grows with every change.</summary>
    public long Version { get; init; }

    /// <summary>Names of the storage accounts, by number, as they were when the map was made: settings in another order would lead astray.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>The number of the account of each bucket, by app; <see cref="ShardBucket.AllApps"/> for those that are not named.</summary>
    public IReadOnlyDictionary<uint, byte[]> Places { get; init; } = new Dictionary<uint, byte[]> { [ShardBucket.AllApps] = AllInPrimary };

    public IReadOnlyDictionary<ShardBucket, ShardMove> Moves { get; init; } = new Dictionary<ShardBucket, ShardMove>();

    /// <summary>The bucket that a partition is in.</summary>
    public ShardBucket BucketOf(string partitionKey)
    {
        var app = Places.Count > 1 && ShardBucket.AppOf(partitionKey) is var own && Places.ContainsKey(own) ? own : ShardBucket.AllApps;
        return new ShardBucket(app, ShardBucket.NumberOf(partitionKey));
    }

    /// <summary>The number of the account that a bucket is in.</summary>
    public int ShardOf(ShardBucket bucket) => Places[bucket.App][bucket.Number];

    /// <summary>Gives an app places of its own, those that it has anyway.</summary>
    public ShardMap WithOwnPlaces(uint app) =>
        Places.ContainsKey(app) ? this : this with { Places = new Dictionary<uint, byte[]>(Places) { [app] = [.. Places[ShardBucket.AllApps]] } };

    /// <summary>Takes an app's own places away. They must be those of all apps.</summary>
    public ShardMap WithoutOwnPlaces(uint app) => this with { Places = Places.Where(place => place.Key != app).ToDictionary() };

    /// <summary>Begins moves, or takes them to another phase; the change that this is part of must be saved with the version that their generation is.</summary>
    public ShardMap WithMoves(IEnumerable<ShardMove> moves)
    {
        var all = new Dictionary<ShardBucket, ShardMove>(Moves);
        foreach (var move in moves)
        {
            all[move.Bucket] = move;
        }

        return this with { Moves = all };
    }

    /// <summary>Ends moves: their buckets are where they were to go.</summary>
    public ShardMap WithMoved(IEnumerable<ShardMove> moves)
    {
        var places = Places.ToDictionary(place => place.Key, place => (byte[])place.Value.Clone());
        var left = new Dictionary<ShardBucket, ShardMove>(Moves);
        foreach (var move in moves)
        {
            places[move.Bucket.App][move.Bucket.Number] = (byte)move.To;
            left.Remove(move.Bucket);
        }

        return this with { Places = places, Moves = left };
    }
}
