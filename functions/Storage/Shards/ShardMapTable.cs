using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Parley.Storage.Shards;

/// <summary>
/// The shard map: table <c>apps</c> of the primary account, partition <c>shards</c>, row <c>map</c> = Version, Accounts, Moves, Buckets (a byte for each bucket)
/// and Buckets_{app} for each app with places of its own.
/// </summary>
public sealed class ShardMapTable(TableClient apps)
{
    /// <summary>Also holds the rows of a resharding that is under way.</summary>
    public const string Partition = "shards";

    private const string Row = "map";
    private const string BucketsColumn = "Buckets";

    /// <summary>Reads the map.</summary>
    /// <returns>Its version in the table (null when there is none), and the server's time of the answer.</returns>
    public async Task<StoredShardMap> ReadAsync(CancellationToken cancellation)
    {
        var answer = await apps.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellation);
        var date = answer.GetRawResponse().Headers.Date;
        return answer.HasValue ? new StoredShardMap(FromRow(answer.Value!), answer.Value!.ETag, date) : new StoredShardMap(ShardMap.Empty, null, date);
    }

    /// <summary>Saves a map with the next version, unless another one was saved since it was read.</summary>
    /// <returns>False when it was.</returns>
    public async Task<bool> TrySaveAsync(StoredShardMap read, ShardMap changed, CancellationToken cancellation)
    {
        var row = ToRow(changed with { Version = read.Map.Version + 1 });
        try
        {
            await (read.ETag is { } version
                ? apps.UpdateEntityAsync(row, version, TableUpdateMode.Replace, cancellation)
                : apps.AddEntityAsync(row, cancellation));
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    private static TableEntity ToRow(ShardMap map)
    {
        var row = new TableEntity(Partition, Row)
        {
            ["Version"] = map.Version,
            ["Accounts"] = string.Join(',', map.Accounts),
            ["Moves"] = string.Join(';', map.Moves.Values),
        };
        foreach (var (app, buckets) in map.Places)
        {
            row[Column(app)] = buckets;
        }

        return row;
    }

    private static ShardMap FromRow(TableEntity row) => new()
    {
        Version = row.GetInt64("Version") ?? 0,
        Accounts = Split(row.GetString("Accounts"), ','),
        Moves = Split(row.GetString("Moves"), ';').Select(ShardMove.Parse).ToDictionary(move => move.Bucket),
        Places = row.Keys.Where(column => column.StartsWith(BucketsColumn, StringComparison.Ordinal)).ToDictionary(AppOf, column => row.GetBinary(column)),
    };

    private static string[] Split(string? text, char separator) => (text ?? "").Split(separator, StringSplitOptions.RemoveEmptyEntries);

    private static string Column(uint app) => app == ShardBucket.AllApps ? BucketsColumn : string.Create(CultureInfo.InvariantCulture, $"{BucketsColumn}_{app}");

    private static uint AppOf(string column) =>
        column == BucketsColumn ? ShardBucket.AllApps : uint.Parse(column.AsSpan(BucketsColumn.Length + 1), CultureInfo.InvariantCulture);
}

/// <summary>The map as it was read.</summary>
/// <param name="ETag">Null when none is stored.</param>
/// <param name="ServedAt">The server's time of the answer, in whole seconds.</param>
public sealed record StoredShardMap(ShardMap Map, ETag? ETag, DateTimeOffset? ServedAt);
