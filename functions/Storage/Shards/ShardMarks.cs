using System.Collections.Concurrent;
using System.Globalization;
using Azure.Data.Tables;

namespace Parley.Storage.Shards;

/// <summary>
/// Notes which partitions of a bucket were used while it is being moved: table <c>apps</c> of the primary account, partition <c>moved|{app}|{bucket}|{generation}</c>,
/// a row for each partition. An instance notes each once for each generation.
/// </summary>
public sealed class ShardMarks(TableClient apps)
{
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, (long Generation, Task Noted)> _noted = new(StringComparer.Ordinal);

    /// <summary>The first of the partitions that hold the notes of a bucket.</summary>
    public static string PartitionOf(ShardBucket bucket, long generation) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(bucket)}{generation:D19}");

    /// <summary>What the partitions of a bucket's notes begin with.</summary>
    public static string Prefix(ShardBucket bucket) => string.Create(CultureInfo.InvariantCulture, $"moved|{bucket.App}|{bucket.Number:D4}|");

    /// <summary>Notes that a partition is about to be used.</summary>
    public async Task NoteAsync(ShardMove move, string partitionKey)
    {
        if (_noted.TryGetValue(partitionKey, out var known) && known.Generation == move.Generation)
        {
            await known.Noted;
            return;
        }

        if (_noted.Count >= MostRemembered)
        {
            _noted.Clear();
        }

        var noting = (move.Generation, WriteAsync(move, partitionKey));
        _noted[partitionKey] = noting;
        try
        {
            await noting.Item2;
        }
        catch
        {
            _noted.TryRemove(KeyValuePair.Create(partitionKey, noting));
            throw;
        }
    }

    private async Task WriteAsync(ShardMove move, string partitionKey) =>
        await apps.UpsertEntityAsync(new TableEntity(PartitionOf(move.Bucket, move.Generation), partitionKey), TableUpdateMode.Replace);
}
